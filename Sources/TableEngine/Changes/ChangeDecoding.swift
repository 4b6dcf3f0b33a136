// A commit's record as a feed's changes. What is of other tables is passed over by its length.
internal import Base
internal import Catalog
internal import Columnar
internal import WriteAheadLog

struct ChangeDecoding {
    /// Columns' types of the tables that are followed.
    let types: [TableID: [DataType]]

    /// Throws `changesLost` where a table of the feed was given another shape or dropped.
    func changes(_ record: LogRecord) throws(LeibrixError) -> [ChangeSet.Change] {
        var reader = PayloadReader(record.payload)
        var changes: [ChangeSet.Change] = []
        var begun: Set<TableID> = []
        while !reader.isAtEnd {
            let operation = try reader.number(UInt8.self)
            switch operation {
            case CommitOperation.catalog:
                _ = try reader.text()
                _ = try reader.skip(4)
            case CommitOperation.newRows:
                let id = TableID(try reader.number(UInt32.self))
                if types[id] != nil { begun.insert(id) }
            case CommitOperation.emptied:
                let id = TableID(try reader.number(UInt32.self))
                if begun.remove(id) != nil { changes.append(.emptied(id)) }
            case CommitOperation.sequence: _ = try reader.skip(14)
            case CommitOperation.ended:
                _ = try reader.skip(4)
                _ = try reader.skip(8 * Int(try reader.number(UInt32.self)))
            case CommitOperation.moved: return []
            case CommitOperation.sink: try Self.passSink(&reader)
            case CommitOperation.oldRows:
                if let (id, batch) = try rows(&reader) { changes.append(.deleted(id, batch)) }
            case CommitOperation.inserted:
                if let (id, batch) = try rows(&reader) { changes.append(.inserted(id, batch)) }
            default: throw PayloadReader.damaged("operation \(operation) is unknown")
            }
        }
        guard begun.isEmpty else { throw Self.lost("a table that the reader follows was altered") }
        return changes
    }

    /// u32 table · u64 first row id · u32 count · u32 bytes · columns
    private func rows(_ reader: inout PayloadReader) throws(LeibrixError) -> (TableID, Batch)? {
        let id = TableID(try reader.number(UInt32.self))
        _ = try reader.skip(8)
        let count = Int(try reader.number(UInt32.self))
        let bytes = Int(try reader.number(UInt32.self))
        guard let types = types[id] else {
            _ = try reader.skip(bytes)
            return nil
        }
        return (id, try DecodedRows.batch(&reader, rows: count, types: types))
    }

    static func passSink(_ reader: inout PayloadReader) throws(LeibrixError) {
        _ = try reader.text()
        _ = try reader.skip(9)
    }

    static func lost(_ why: String) -> LeibrixError {
        LeibrixError(.changesLost, "the changes cannot be read on: \(why)", hint: "Take a new snapshot and begin from there.")
    }
}
