// How far each file was read, as text that is cheap to make again after every batch: only the file that moved is written anew,
// the others' text is kept.
internal import Base

struct FileProgressTable {
    private var files: [String: FileProgress] = [:]
    private var moving: String?
    /// Text of all files but `moving`.
    private var others = ""

    init() {}

    /// `[["path",bytes,rows,whole,skipping],…]`
    init(_ text: String) throws(LeibrixError) {
        for entry in try JSON.parse(text).array ?? [] {
            guard let parts = entry.array, parts.count == 5, let path = parts[0].string, let bytes = parts[1].integer, let rows = parts[2].integer,
                let isWhole = parts[3].bool, let isSkipping = parts[4].bool
            else { throw LeibrixError(.streamCheckpointCorrupt, "a position of files does not read", detail: String(text.prefix(200))) }
            files[path] = FileProgress(bytes: Int(bytes), rows: Int(rows), isWhole: isWhole, isSkipping: isSkipping)
        }
        others = joined(except: nil)
    }

    subscript(_ path: String) -> FileProgress? { files[path] }

    mutating func update(_ path: String, _ progress: FileProgress) {
        files[path] = progress
        if moving == path { return }
        moving = path
        others = joined(except: path)
    }

    /// Forgets files that are gone.
    mutating func keep(_ paths: Set<String>) {
        let gone = files.keys.filter { !paths.contains($0) }
        if gone.isEmpty { return }
        for path in gone { files[path] = nil }
        moving = nil
        others = joined(except: nil)
    }

    private func joined(except path: String?) -> String {
        files.filter { $0.key != path }.sorted { $0.key < $1.key }.map { Self.entry($0.key, $0.value) }.joined(separator: ",")
    }

    private static func entry(_ path: String, _ progress: FileProgress) -> String {
        JSON.array([
            .string(path), .integer(Int64(progress.bytes)), .integer(Int64(progress.rows)), .bool(progress.isWhole), .bool(progress.isSkipping),
        ]).text()
    }

    var text: String {
        guard let moving, let progress = files[moving] else { return "[\(others)]" }
        return "[\(others)\(others.isEmpty ? "" : ",")\(Self.entry(moving, progress))]"
    }
}
