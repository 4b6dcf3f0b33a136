// A disk in memory for tests, as bad as a disk may be and no worse.
//
// A file is its inode: `cache`, what reads see; `stable`, what a crash leaves; `dirty`, the sectors in which they may
// differ. At a crash every dirty sector is kept or forgotten by the seed, each for itself, so that any set of the writes
// since the last sync may be there, in any order, torn at sectors. Names are kept apart from inodes: creations, renames
// and removals are a journal in which a crash keeps some first part of what was not synced, as journaling file systems do.
// A failed sync marks the sectors clean although some never reached the disk, as Linux does.
internal import Base
internal import Synchronization

/// What may go wrong, and how often. Chances are per call.
public struct SimulatedFaults: Sendable {
    /// Bytes of all files together, as they are allocated; writes and creations beyond fail with `diskFull`.
    public var capacityBytes = Int.max
    public var writeErrorChance = 0.0
    public var syncErrorChance = 0.0
    public init() {}
}

public final class SimulatedDisk: Disk {
    /// Bytes that are written whole or not at all.
    public let sectorBytes: Int
    let state: Mutex<State>

    public init(seed: UInt64, sectorBytes: Int = 512) {
        self.sectorBytes = sectorBytes
        state = Mutex(State(random: SeededGenerator(seed: seed)))
    }

    struct State {
        var random: SeededGenerator
        var faults = SimulatedFaults()
        var inodes: [Inode] = []
        /// Names as running programs see them, and as a crash would leave them before the journal is applied.
        var names: [String: Int] = [:]
        var stableNames: [String: Int] = [:]
        var journal: [NameChange] = []
        /// Counts crashes: files opened before the last one are dead.
        var boots = 0
        var locks: Set<String> = []
    }

    struct Inode {
        var cache: [UInt8] = []
        var stable: [UInt8] = []
        var dirty: Set<Int> = []
    }

    enum NameChange {
        case create(String, Int)
        case rename(String, String)
        case remove(String)

        func apply(to names: inout [String: Int]) {
            switch self {
            case .create(let name, let inode): names[name] = inode
            case .rename(let from, let to): names[to] = names.removeValue(forKey: from)
            case .remove(let name): names[name] = nil
            }
        }
    }

    /// From now on, these faults.
    public func setFaults(_ faults: SimulatedFaults) { state.withLock { $0.faults = faults } }

    /// The power goes and comes back. Every open file is dead; what was not synced is kept or forgotten by the seed.
    public func crash() {
        state.withLock { state in
            for index in state.inodes.indices { state.loseUnsynced(index, sectorBytes: sectorBytes) }
            let kept = Int.random(in: 0...state.journal.count, using: &state.random)
            for change in state.journal.prefix(kept) { change.apply(to: &state.stableNames) }
            state.restart()
        }
    }

    /// The process goes, as by kill -9; the machine stays, and nothing that was written is forgotten.
    public func kill() { state.withLock { $0.locks = []; $0.boots += 1 } }

    /// Bytes of all named files.
    public var usedBytes: Int { state.withLock { $0.usedBytes } }

    /// The content a reader sees; nil without such a file.
    public func content(_ path: String) -> [UInt8]? {
        state.withLock { state in state.names[path].map { state.inodes[$0].cache } }
    }

    /// Damages a file behind everybody's back, on stable storage too, as bit rot does.
    public func flip(_ path: String, byte: Int, mask: UInt8 = 0x10) {
        state.withLock { state in
            guard let inode = state.names[path] else { return }
            state.inodes[inode].cache[byte] ^= mask
            if byte < state.inodes[inode].stable.count { state.inodes[inode].stable[byte] ^= mask }
        }
    }
}

extension SimulatedDisk.State {
    var usedBytes: Int { names.values.reduce(0) { $0 + inodes[$1].cache.count } }

    mutating func chance(_ probability: Double) -> Bool {
        probability > 0 && Double.random(in: 0..<1, using: &random) < probability
    }

    /// Moves sectors from the cache to stable storage: all of them, or each by a toss.
    mutating func persist(_ index: Int, sectorBytes: Int, all: Bool) {
        let cached = inodes[index].cache.count
        let tosses = inodes[index].dirty.sorted().filter { _ in all || Bool.random(using: &random) }
        for sector in tosses where sector * sectorBytes < cached {
            let range = sector * sectorBytes..<min((sector + 1) * sectorBytes, cached)
            let missing = range.upperBound - inodes[index].stable.count
            if missing > 0 { inodes[index].stable.append(contentsOf: repeatElement(0, count: missing)) }
            inodes[index].stable.replaceSubrange(range, with: inodes[index].cache[range])
        }
        inodes[index].dirty = []
    }

    mutating func loseUnsynced(_ index: Int, sectorBytes: Int) {
        persist(index, sectorBytes: sectorBytes, all: false)
        inodes[index].cache = inodes[index].stable
    }

    mutating func restart() {
        names = stableNames
        journal = []
        locks = []
        boots += 1
        for (index, _) in inodes.enumerated() where !names.values.contains(index) { inodes[index] = .init() }
    }

    mutating func change(_ change: SimulatedDisk.NameChange) {
        change.apply(to: &names)
        journal.append(change)
    }
}
