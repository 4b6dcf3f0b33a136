// Records of files: what is there, and, while it follows them, what is appended and what new files bring. Each file's progress
// is part of the position, so that every record is read once over any number of lives.
public import Base
internal import Catalog
public import Columnar
internal import Platform

final class FileSource: SourceConnector {
    struct Settings {
        var path: String
        var format: RecordFormat
        /// Goes on looking for appended lines and new files; else the source ends after what was there.
        var isFollowing: Bool
        var batchRows: Int
    }

    let schema: [DataType.Field]
    private let settings: Settings
    private let files: FileSet
    private let readers: [String: any TableFileFormat]
    private let builder: BatchBuilder
    private var progress = FileProgressTable()
    private var queue: [String] = []
    private var hasListed = false
    private var current: (any FileReading)?

    init(_ settings: Settings, schema: [DataType.Field], readers: [String: any TableFileFormat]) throws(LeibrixError) {
        self.settings = settings
        self.schema = schema
        self.readers = readers
        files = FileSet(settings.path)
        builder = try BatchBuilder(schema.map(\.type), capacity: settings.batchRows)
        if case .table(let name) = settings.format, readers[name] == nil {
            throw LeibrixError(.streamConnector, "\(name.uppercased()) files cannot be read here", hint: "Formats are JSON and CSV.")
        }
    }

    func open() throws(LeibrixError) {
        progress = FileProgressTable()
        begin()
    }

    private func begin() {
        current = nil
        queue = []
        hasListed = false
    }

    func close() { begin() }
    func position() -> String { progress.text }

    func restore(_ position: String) throws(LeibrixError) {
        progress = try FileProgressTable(position)
        begin()
    }

    func poll(_ rowsMax: Int) throws(LeibrixError) -> SourcePoll {
        var mayList = true
        while true {
            if current == nil {
                if queue.isEmpty, mayList {
                    try list()
                    mayList = false
                }
                guard let next = try nextReader() else { return settings.isFollowing ? .idle : .end }
                current = next
            }
            guard let reader = current else { return .idle }
            let read = try reader.read(min(rowsMax, settings.batchRows))
            progress.update(reader.path, reader.progress)
            if read.isAtEnd { current = nil }
            if read.rows.batch != nil || !read.rows.bad.isEmpty { return .rows(read.rows) }
        }
    }

    /// Looks what is there. A source that does not follow looks once.
    private func list() throws(LeibrixError) {
        if hasListed && !settings.isFollowing { return }
        let found = try files.list()
        if found.isEmpty, files.kind == .one, !settings.isFollowing {
            throw LeibrixError(.sourceUnavailable, "there is no file \(settings.path)")
        }
        progress.keep(Set(found.map(\.path)))
        for (path, size) in found {
            let known = progress[path]
            if let known, size < known.bytes {
                throw LeibrixError(
                    .streamSourceFailed, "\(path) has \(size) bytes, and \(known.bytes) of it were read",
                    hint: "A followed file only grows. Write new records to a file of another name, or make the source again.")
            }
            if known == nil || (size > known!.bytes && !known!.isWhole) { queue.append(path) }
        }
        hasListed = true
    }

    private func nextReader() throws(LeibrixError) -> (any FileReading)? {
        guard !queue.isEmpty else { return nil }
        let path = queue.removeFirst()
        let from = progress[path] ?? FileProgress()
        switch settings.format {
        case .table(let name):
            guard let format = readers[name] else { return nil }
            return try WholeFileReader(path, from: from, format, schema)
        default:
            return try RecordFileReader(path, from: from, settings.format, schema, builder, isFollowing: settings.isFollowing)
        }
    }
}

/// How far a file was read.
struct FileProgress: Hashable {
    var bytes = 0
    /// Rows given, of a file that is read by rows.
    var rows = 0
    /// Read to its end, where the format has one.
    var isWhole = false
    /// Inside a record that was too long.
    var isSkipping = false
}

/// A file that is being read.
protocol FileReading: AnyObject {
    var path: String { get }
    var progress: FileProgress { get }

    /// The next rows; `isAtEnd` when there are no more just now.
    func read(_ rowsMax: Int) throws(LeibrixError) -> (rows: SourceRows, isAtEnd: Bool)
}

/// A format whose files are read and written whole: given by the host, which has an engine for it.
public protocol TableFileFormat: Sendable {
    /// The file's rows in its order, as the given columns by name, from row `skip` on. A column the file lacks is an error.
    func open(_ path: String, columns: [DataType.Field], skip: Int) throws(LeibrixError) -> any TableFileReader
    /// Writes a file of these rows; durable when it returns.
    func write(_ path: String, columns: [DataType.Field], _ batches: [Batch]) throws(LeibrixError)
}

public protocol TableFileReader: AnyObject {
    /// nil after the last row.
    func next() throws(LeibrixError) -> Batch?
}
