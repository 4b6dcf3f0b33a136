// What a checkpoint consists of: the file CHECKPOINT, replaced by rename.
//
//   "LBXTABLE" · u32 version 2 · u32 CRC-32C of what follows
//   u64 number of the checkpoint · u64 log position to replay from · u64 commit number that it shows · i64 microseconds since 1970
//   u64 log identity, high · u64 low · u32 next object id · u32 rows a group
//   u32 length, the catalog as JSON
//   u32 sequences: u32 id · i64 last · u8 handed out
//   u32 tables: u32 id · u32 next group · u32 groups: u32 number · u32 rows · text file · u8 1 with a bitmap: (rows + 7) / 8 bytes, 1 = live
//   u32 sinks: text name · u64 epoch
//   u32 readers of changes: text name · u8 1 lost · u64 position · u32 tables: u32 id
internal import Base
internal import Catalog
internal import Columnar
internal import Platform
internal import WriteAheadLog

struct CheckpointManifest {
    struct Group {
        var number: Int
        var rows: Int
        var file: String
        /// nil: every row is live.
        var live: [UInt8]?

        func isLive(_ slot: Int) -> Bool { live.map { $0[slot >> 3] >> UInt8(slot & 7) & 1 == 1 } ?? true }
    }

    struct Table {
        var id: TableID
        var nextGroup: Int
        var groups: [Group]
    }

    var number: UInt64
    var position: LSN
    var commit: UInt64
    var micros: Int64
    var identity: LogIdentity
    var nextID: UInt32
    var rowsPerGroup: Int
    var catalog: String
    var sequences: [(id: TableID, position: SequencePosition)]
    var tables: [Table]
    var sinks: [(name: String, epoch: UInt64)] = []
    var readers: [ReaderMark] = []

    static let name = "CHECKPOINT"
    private static let magic = Array("LBXTABLE".utf8)
    private static let version: UInt32 = 2

    var files: Set<String> { Set(tables.flatMap { $0.groups.map(\.file) }) }

    var encoded: [UInt8] {
        var out = Self.magic
        out.add(Self.version)
        out.add(UInt32(0))
        for word in [number, position.rawValue, commit, UInt64(bitPattern: micros), identity.high, identity.low] { out.add(word) }
        out.add(nextID)
        out.add(UInt32(rowsPerGroup))
        out.add(text: catalog)
        out.add(UInt32(sequences.count))
        for (id, position) in sequences {
            out.add(id.rawValue)
            out.add(position.last)
            out.append(position.isCalled ? 1 : 0)
        }
        out.add(UInt32(tables.count))
        for table in tables { encode(table, into: &out) }
        out.add(UInt32(sinks.count))
        for (name, epoch) in sinks {
            out.add(text: name)
            out.add(epoch)
        }
        out.add(UInt32(readers.count))
        for reader in readers { reader.encode(into: &out) }
        out.set(LogChecksum.crc32c(out, from: 16), at: 12)
        return out
    }

    private func encode(_ table: Table, into out: inout [UInt8]) {
        out.add(table.id.rawValue)
        out.add(UInt32(table.nextGroup))
        out.add(UInt32(table.groups.count))
        for group in table.groups {
            out.add(UInt32(group.number))
            out.add(UInt32(group.rows))
            out.add(text: group.file)
            out.append(group.live == nil ? 0 : 1)
            if let live = group.live { out.append(contentsOf: live) }
        }
    }

    init(
        number: UInt64, position: LSN, commit: UInt64, micros: Int64, identity: LogIdentity, nextID: UInt32, rowsPerGroup: Int,
        catalog: String, sequences: [(id: TableID, position: SequencePosition)], tables: [Table]
    ) {
        self.number = number
        self.position = position
        self.commit = commit
        self.micros = micros
        self.identity = identity
        self.nextID = nextID
        self.rowsPerGroup = rowsPerGroup
        self.catalog = catalog
        self.sequences = sequences
        self.tables = tables
    }

    init(decoding bytes: [UInt8], path: String) throws(LeibrixError) {
        guard bytes.count > 16, Array(bytes[0..<8]) == Self.magic else { throw Self.damaged(path) }
        var reader = PayloadReader(bytes)
        _ = try reader.skip(8)
        guard try reader.number(UInt32.self) == Self.version, try reader.number(UInt32.self) == LogChecksum.crc32c(bytes, from: 16) else {
            throw Self.damaged(path)
        }
        number = try reader.number()
        position = LSN(rawValue: try reader.number())
        commit = try reader.number()
        micros = try reader.number()
        identity = LogIdentity(high: try reader.number(), low: try reader.number())
        nextID = try reader.number()
        rowsPerGroup = Int(try reader.number(UInt32.self))
        catalog = try reader.text()
        sequences = []
        for _ in 0..<(try reader.number(UInt32.self)) {
            let id = TableID(try reader.number(UInt32.self))
            sequences.append((id, SequencePosition(last: try reader.number(), isCalled: try reader.number(UInt8.self) == 1)))
        }
        tables = []
        for _ in 0..<(try reader.number(UInt32.self)) { tables.append(try Self.table(&reader)) }
        for _ in 0..<(try reader.number(UInt32.self)) { sinks.append((try reader.text(), try reader.number())) }
        for _ in 0..<(try reader.number(UInt32.self)) { readers.append(try ReaderMark(&reader)) }
    }

    private static func table(_ reader: inout PayloadReader) throws(LeibrixError) -> Table {
        var table = Table(id: TableID(try reader.number(UInt32.self)), nextGroup: Int(try reader.number(UInt32.self)), groups: [])
        for _ in 0..<(try reader.number(UInt32.self)) {
            var group = Group(
                number: Int(try reader.number(UInt32.self)), rows: Int(try reader.number(UInt32.self)), file: try reader.text(), live: nil)
            if try reader.number(UInt8.self) == 1 { group.live = try reader.bytes((group.rows + 7) / 8) }
            table.groups.append(group)
        }
        return table
    }

    static func damaged(_ path: String) -> LeibrixError {
        LeibrixError(.corruptSegment, "\(path) is damaged", hint: "Restore a backup.")
    }

    /// nil without a checkpoint.
    static func read(_ directory: String, _ disk: any Disk) throws(LeibrixError) -> CheckpointManifest? {
        guard try disk.files(in: directory).contains(name) else { return nil }
        return try CheckpointManifest(decoding: DiskFiles.read(directory + "/" + name, disk), path: directory + "/" + name)
    }
}

/// A reader of changes as a checkpoint carries it.
struct ReaderMark {
    var name: String
    var isLost: Bool
    var position: UInt64
    var tables: [TableID]

    init(name: String, reader: ChangeReaders.Reader) {
        self.name = name
        isLost = reader.isLost
        position = reader.position
        tables = reader.tables
    }

    init(_ reader: inout PayloadReader) throws(LeibrixError) {
        name = try reader.text()
        isLost = try reader.number(UInt8.self) == 1
        position = try reader.number()
        tables = []
        for _ in 0..<(try reader.number(UInt32.self)) { tables.append(TableID(try reader.number(UInt32.self))) }
    }

    func encode(into out: inout [UInt8]) {
        out.add(text: name)
        out.append(isLost ? 1 : 0)
        out.add(position)
        out.add(UInt32(tables.count))
        for table in tables { out.add(table.rawValue) }
    }
}

/// Whole files through the disk's protocol.
enum DiskFiles {
    static func read(_ path: String, _ disk: any Disk) throws(LeibrixError) -> [UInt8] {
        let file = try disk.openFile(path, .read)
        return try file.read(file.size(), at: 0)
    }

    /// Writes and syncs a new file; its name is durable after a sync of the directory.
    static func write(_ bytes: [UInt8], _ path: String, _ disk: any Disk) throws(LeibrixError) {
        let file = try disk.openFile(path, .create)
        try unsafe file.write(bytes.span.bytes, at: 0)
        try file.sync()
    }
}
