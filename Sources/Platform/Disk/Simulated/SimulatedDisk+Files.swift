public import Base
internal import CLinux
internal import Glibc
internal import Synchronization

extension SimulatedDisk {
    public func createDirectory(_ path: String) throws(LeibrixError) {}

    public func files(in directory: String) throws(LeibrixError) -> [String] {
        state.withLock { state in
            state.names.keys.filter { $0.hasPrefix(directory + "/") }.map { String($0.dropFirst(directory.count + 1)) }
                .filter { !$0.contains("/") }.sorted()
        }
    }

    public func openFile(_ path: String, _ mode: File.Mode) throws(LeibrixError) -> any DiskFile {
        let opened = state.withLock { state -> (inode: Int, boot: Int)? in
            switch (mode, state.names[path]) {
            case (.read, let inode?), (.write, let inode?): return (inode, state.boots)
            case (.read, nil), (.write, nil), (.createNew, _?): return nil
            case (.create, let inode?):
                state.inodes[inode].cache = []
                return (inode, state.boots)
            case (.create, nil), (.createNew, nil):
                state.inodes.append(Inode())
                state.change(.create(path, state.inodes.count - 1))
                return (state.inodes.count - 1, state.boots)
            }
        }
        guard let opened else { throw .io("open", path, mode == .createNew ? EEXIST : ENOENT) }
        return SimulatedFile(disk: self, path: path, inode: opened.inode, boot: opened.boot)
    }

    public func renameFile(_ path: String, to target: String) throws(LeibrixError) {
        let found = state.withLock { state -> Bool in
            guard state.names[path] != nil else { return false }
            state.change(.rename(path, target))
            return true
        }
        guard found else { throw .io("rename", path, ENOENT) }
    }

    public func removeFile(_ path: String) throws(LeibrixError) {
        state.withLock { state in
            if state.names[path] != nil { state.change(.remove(path)) }
        }
    }

    public func syncDirectory(_ path: String) throws(LeibrixError) {
        state.withLock { state in
            for change in state.journal { change.apply(to: &state.stableNames) }
            state.journal = []
        }
    }

    public func lockFile(_ path: String) throws(LeibrixError) -> (any Sendable & AnyObject)? {
        let boot = state.withLock { state in state.locks.insert(path).inserted ? state.boots : nil }
        return boot.map { SimulatedLock(disk: self, path: path, boot: $0) }
    }
}

private final class SimulatedLock: Sendable {
    let disk: SimulatedDisk
    let path: String
    let boot: Int

    init(disk: SimulatedDisk, path: String, boot: Int) {
        self.disk = disk
        self.path = path
        self.boot = boot
    }

    deinit { disk.state.withLock { if $0.boots == boot { $0.locks.remove(path) } } }
}

private final class SimulatedFile: DiskFile {
    private let disk: SimulatedDisk
    private let path: String
    private let inode: Int
    private let boot: Int

    init(disk: SimulatedDisk, path: String, inode: Int, boot: Int) {
        self.disk = disk
        self.path = path
        self.inode = inode
        self.boot = boot
    }

    /// Runs `body` unless the file is dead; a number of errno from it is the call's failure.
    private func perform<T>(_ call: String, _ body: (inout SimulatedDisk.State) -> Result<T, Errno>) throws(LeibrixError) -> T {
        let result = disk.state.withLock { state -> Result<T, Errno> in
            state.boots == boot ? body(&state) : .failure(Errno(EBADF))
        }
        switch result {
        case .success(let value): return value
        case .failure(let errno): throw .io(call, path, errno.number)
        }
    }

    func size() throws(LeibrixError) -> Int { try perform("stat") { .success($0.inodes[inode].cache.count) } }

    func write(_ bytes: RawSpan, at offset: Int) throws(LeibrixError) {
        let copy = unsafe bytes.withUnsafeBytes { unsafe [UInt8]($0) }
        try perform("write") { state -> Result<Void, Errno> in
            if state.chance(state.faults.writeErrorChance) { return .failure(Errno(EIO)) }
            let growth = max(0, offset + copy.count - state.inodes[inode].cache.count)
            if growth > 0 && state.usedBytes + growth > state.faults.capacityBytes { return .failure(Errno(ENOSPC)) }
            state.inodes[inode].cache.append(contentsOf: repeatElement(0, count: growth))
            state.inodes[inode].cache.replaceSubrange(offset..<offset + copy.count, with: copy)
            guard !copy.isEmpty else { return .success(()) }
            state.inodes[inode].dirty.formUnion(offset / disk.sectorBytes...(offset + copy.count - 1) / disk.sectorBytes)
            return .success(())
        }
    }

    func read(_ count: Int, at offset: Int) throws(LeibrixError) -> [UInt8] {
        try perform("read") { state -> Result<[UInt8], Errno> in
            let cache = state.inodes[inode].cache
            return .success(offset < cache.count ? Array(cache[offset..<min(offset + count, cache.count)]) : [])
        }
    }

    func dataSync() throws(LeibrixError) {
        try perform("fdatasync") { state -> Result<Void, Errno> in
            let fails = state.chance(state.faults.syncErrorChance)
            state.persist(inode, sectorBytes: disk.sectorBytes, all: !fails)
            return fails ? .failure(Errno(EIO)) : .success(())
        }
    }

    func sync() throws(LeibrixError) { try dataSync() }
}

private struct Errno: Error {
    let number: Int32
    init(_ number: Int32) { self.number = number }
}
