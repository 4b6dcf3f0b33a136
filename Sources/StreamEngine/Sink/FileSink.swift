public import Base
public import Columnar
internal import Platform

/// JSON lines in a file, one object a row; rows taken back have `"op": "-1"`. The token is the file's length: whatever
/// lies behind it after a crash is cut off.
public final class FileSink: StreamSink {
    public let path: String
    private let columns: [DataType.Field]
    private let file: File
    private var length: Int
    private var waiting: [UInt8] = []
    private static let bufferBytes = 65_536

    /// Opens the file, at its end where it is there.
    public init(path: String, columns: [DataType.Field]) throws(LeibrixError) {
        self.path = path
        self.columns = columns
        if !Files.exists(path) {
            _ = try File(path, .createNew)
            try Files.syncDirectory(of: path)
        }
        file = try File(path, .write)
        length = try file.size()
    }

    public func write(_ rows: borrowing StreamRows) throws(LeibrixError) {
        for row in 0..<rows.count {
            var members: [JSON.Member] = []
            if rows.weight(row) < 0 { members.append(JSON.Member("op", "-1")) }
            for column in columns.indices { members.append(JSON.Member(columns[column].name, Self.json(rows.value(column, row)))) }
            waiting += Array(JSON.object(members).text().utf8)
            waiting.append(10)
        }
        if waiting.count >= Self.bufferBytes { try flush() }
    }

    private func flush() throws(LeibrixError) {
        if waiting.isEmpty { return }
        let bytes = waiting
        try unsafe file.write(bytes.span.bytes, at: length)
        length += waiting.count
        waiting.removeAll(keepingCapacity: true)
    }

    public func preCommit(_ epoch: Int) throws(LeibrixError) -> String {
        try flush()
        try file.sync()
        return String(length)
    }

    /// A file's rows are seen as they are written: readers that must not see more stop at the committed length.
    public func commit(_ epoch: Int, _ token: String) throws(LeibrixError) {}

    public func restore(_ epoch: Int, _ token: String?) throws(LeibrixError) {
        let wanted = token.flatMap { Int($0) } ?? 0
        guard try file.size() >= wanted else {
            throw LeibrixError(.streamCheckpointCorrupt, "\(path) is shorter than it was at checkpoint \(epoch)", hint: "Bring the file back, or restore an older checkpoint.")
        }
        try file.truncate(to: wanted)
        try file.sync()
        length = wanted
        waiting.removeAll()
    }

    static func json(_ value: Value) -> JSON {
        switch value {
        case .null: .null
        case .boolean(let flag): .bool(flag)
        case .integer(let number): .integer(number)
        case .double(let number): .number(number)
        case .real(let number): .number(Double(number))
        case .string(let text): .string(text)
        case .timestamp(let micros), .timestampTZ(let micros): .string(Printing.timestamp(micros))
        case .date(let days): .string(Printing.date(Int64(days)))
        case .hugeInt(let number): Int64(exactly: number).map { .integer($0) } ?? .string("\(number)")
        case .unsigned(let number): Int64(exactly: number).map { .integer($0) } ?? .string("\(number)")
        case .decimal(let digits, _, let scale): .string(Printing.decimal(digits, scale: Int(scale)))
        default: .string("\(value)")
        }
    }
}
