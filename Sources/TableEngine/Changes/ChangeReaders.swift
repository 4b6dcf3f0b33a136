// Who follows the tables' changes. A reader is durable: a record of the log makes it and ends it, and checkpoints carry how far it
// has come. While it is there the log is kept from its position on, and commits to its tables carry the rows that they end.
//
// A reader is lost when its tables change their shape, or when it is so far behind that the log would grow beyond its bound: it
// holds nothing up any more, and must begin with a new snapshot.
internal import Base
internal import Catalog
internal import Synchronization
internal import WriteAheadLog

final class ChangeReaders: Sendable {
    struct Reader {
        var tables: [TableID]
        /// Everything before is acknowledged.
        var position: UInt64
        var isLost = false
        /// False while it is being registered: it does not go into checkpoints.
        var isKnown = true
        var hold: LogHold?
    }

    /// What commits look at: the tables whose ended rows are logged whole.
    struct Watch {
        var version: UInt64 = 0
        var tables: Set<TableID> = []
    }

    private struct State {
        var readers: [String: Reader] = [:]
        var watch = Watch()

        mutating func rewatch() {
            watch.version += 1
            watch.tables = Set(readers.values.filter { !$0.isLost }.flatMap(\.tables))
        }
    }

    private let state = Mutex(State())
    private let hasReaders = Atomic<Bool>(false)

    /// Nothing is locked while nobody reads.
    var watch: Watch { hasReaders.load(ordering: .acquiring) ? state.withLock { $0.watch } : Watch() }

    /// Under the commit lock: whether a commit that was encoded for `watch` may take its number. Readers only come under that lock.
    func isCurrent(_ watch: Watch) -> Bool { self.watch.version == watch.version }

    subscript(_ name: String) -> Reader? { state.withLock { $0.readers[name] } }

    func put(_ name: String, _ reader: Reader) {
        state.withLock { state in
            state.readers[name] = reader
            state.rewatch()
            hasReaders.store(true, ordering: .releasing)
        }
    }

    func remove(_ name: String) {
        state.withLock { state in
            if state.readers.removeValue(forKey: name) != nil { state.rewatch() }
        }
    }

    /// Registered: `position` is where it begins.
    func settle(_ name: String, _ position: UInt64, _ hold: LogHold?) {
        state.withLock { state in
            state.readers[name]?.position = position
            state.readers[name]?.hold = hold
            state.readers[name]?.isKnown = true
        }
    }

    func acknowledge(_ name: String, _ position: UInt64) {
        state.withLock { state in
            guard let there = state.readers[name], position > there.position else { return }
            state.readers[name]!.position = position
        }
    }

    /// Tables whose rows mean something else from now on.
    func lose(_ tables: Set<TableID>) { lose(where: { reader in reader.tables.contains { tables.contains($0) } }) }

    func lose(where isLost: (Reader) -> Bool) {
        guard hasReaders.load(ordering: .acquiring) else { return }
        let holds = state.withLock { state -> [LogHold?] in
            var holds: [LogHold?] = []
            for (name, reader) in state.readers where !reader.isLost && isLost(reader) {
                holds.append(reader.hold)
                state.readers[name]!.isLost = true
                state.readers[name]!.hold = nil
            }
            if !holds.isEmpty { state.rewatch() }
            return holds
        }
        withExtendedLifetime(holds) {}
    }

    /// Those that a checkpoint carries, by name.
    var known: [(name: String, reader: Reader)] {
        state.withLock { $0.readers.filter { $0.value.isKnown }.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 } }
    }

    /// A checkpoint carries these positions: the log before them may go.
    func release(_ positions: [(name: String, position: UInt64)]) {
        state.withLock { state in
            for (name, position) in positions { state.readers[name]?.hold?.move(to: LSN(rawValue: position)) }
        }
    }

    /// Opening: the log is there; who stands before its beginning is lost.
    func holdAll(_ log: WriteAheadLog) {
        state.withLock { state in
            for (name, reader) in state.readers where !reader.isLost {
                let position = LSN(rawValue: reader.position)
                if position <= log.durable, let hold = try? log.hold(from: position) {
                    state.readers[name]!.hold = hold
                } else {
                    state.readers[name]!.isLost = true
                }
            }
            state.rewatch()
        }
    }
}

/// A reader's coming or going as a record of the log.
///
///   u8 1 comes, 0 goes · text name · u64 position · u32 tables: u32 id
struct ReaderRecord {
    var name: String
    var isThere: Bool
    var position: UInt64 = 0
    var tables: [TableID] = []

    var encoded: [UInt8] {
        var out: [UInt8] = [isThere ? 1 : 0]
        out.add(text: name)
        out.add(position)
        out.add(UInt32(tables.count))
        for table in tables { out.add(table.rawValue) }
        return out
    }

    init(name: String, isThere: Bool, position: UInt64 = 0, tables: [TableID] = []) {
        self.name = name
        self.isThere = isThere
        self.position = position
        self.tables = tables
    }

    init(_ payload: [UInt8]) throws(LeibrixError) {
        var reader = PayloadReader(payload)
        isThere = try reader.number(UInt8.self) == 1
        name = try reader.text()
        position = try reader.number()
        for _ in 0..<(try reader.number(UInt32.self)) { tables.append(TableID(try reader.number(UInt32.self))) }
    }
}
