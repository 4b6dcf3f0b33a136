// FILES: what the statement says, checked.
internal import Base
internal import Catalog
internal import Platform

enum FileConnectors {
    static let sourceOptions = ["path", "follow"] + RecordFormat.options
    static let sinkOptions = ["path", "delivery"] + RecordFormat.options

    static func makeSource(
        _ spec: ConnectorSpec, _ context: ConnectorContext, _ runner: RunnerSettings, _ options: inout OptionReader
    ) throws(LeibrixError) -> any SourceConnector {
        let path = try path(&options, "source")
        let format = try RecordFormat.take(spec.format, path: path, from: &options)
        let settings = FileSource.Settings(path: path, format: format, isFollowing: try options.boolean("follow") ?? true, batchRows: runner.batchRows)
        return try FileSource(settings, schema: spec.columns, readers: context.tableFormats)
    }

    private static func path(_ options: inout OptionReader, _ what: String) throws(LeibrixError) -> String {
        guard let path = try options.text("path"), !path.isEmpty else {
            throw LeibrixError(.streamConnector, "a FILES \(what) needs a path", hint: "Say path = '/folder/name.jsonl'.")
        }
        guard !path.utf8.contains(0) else { throw LeibrixError(.streamConnector, "a path has no byte 0") }
        return path
    }

    static func makeSink(_ spec: ConnectorSpec, _ context: ConnectorContext, _ options: inout OptionReader) throws(LeibrixError) -> any SinkConnector {
        let path = try path(&options, "sink")
        let format = try RecordFormat.take(spec.format, path: path, from: &options)
        let isLive = try delivery(&options, context)
        let isFolder = path.hasSuffix("/") || Files.status(path)?.isDirectory == true
        if context.isNew { try refuseOthers(path, isFolder: isFolder) }
        let encoder = RecordEncoder(format, spec.columns, hasChanges: context.hasChanges)
        if case .table(let name) = format {
            guard let table = context.tableFormats[name] else {
                throw LeibrixError(.streamConnector, "\(name.uppercased()) files cannot be written here", hint: "Formats are JSON and CSV.")
            }
            return try wholeFiles(path, name, encoder, table, context, isFolder: isFolder)
        }
        if isFolder {
            guard !isLive else { throw LeibrixError(.streamConnector, "a folder's files are shown by checkpoints", hint: folderHint) }
            return FolderSink(folder: trimmed(path), suffix: suffix(format), encoder: encoder, table: nil)
        }
        return isLive ? LiveFileSink(path: path, encoder: encoder) : OneFileSink(path: path, encoder: encoder)
    }

    private static let folderHint = "Name one file, or set a folder for checkpoints and say delivery = 'exactly_once'."

    private static func wholeFiles(
        _ path: String, _ name: String, _ encoder: RecordEncoder, _ table: any TableFileFormat, _ context: ConnectorContext, isFolder: Bool
    ) throws(LeibrixError) -> any SinkConnector {
        guard isFolder, context.hasCheckpoints else {
            throw LeibrixError(.streamConnector, "\(name.uppercased()) is written a file a checkpoint, into a folder", hint: "End the path with /, and set a folder for checkpoints.")
        }
        guard !context.hasChanges else {
            throw LeibrixError(.streamConnector, "\(name.uppercased()) files cannot take rows back", hint: "Take a stream that emits final rows, or FORMAT JSON.")
        }
        return FolderSink(folder: trimmed(path), suffix: name, encoder: encoder, table: table)
    }

    private static func trimmed(_ path: String) -> String { path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path }

    private static func suffix(_ format: RecordFormat) -> String {
        if case .csv = format { return "csv" }
        return "jsonl"
    }

    /// Whether rows are shown as they come.
    private static func delivery(_ options: inout OptionReader, _ context: ConnectorContext) throws(LeibrixError) -> Bool {
        switch try options.text("delivery")?.lowercased() {
        case nil: return !context.hasCheckpoints
        case "live": return true
        case "exactly_once":
            guard context.hasCheckpoints else {
                throw LeibrixError(.streamConnector, "rows are shown exactly once with checkpoints only", hint: "Set a folder for checkpoints, or say delivery = 'live'.")
            }
            return false
        default: throw LeibrixError(.streamConnector, "option \"delivery\" takes 'exactly_once' or 'live'")
        }
    }

    /// What a sink does not know as its own it would cut off after a crash.
    private static func refuseOthers(_ path: String, isFolder: Bool) throws(LeibrixError) {
        guard let status = Files.status(path) else { return }
        let isUsed = isFolder ? try Files.list(path).contains { $0.name.hasPrefix("part-") || $0.name.hasPrefix(".part-") } : status.size > 0
        if isUsed {
            throw LeibrixError(.streamConnector, "\(path) is there already and is not empty", hint: "Name a file of the sink's own, or move that one away.")
        }
    }
}
