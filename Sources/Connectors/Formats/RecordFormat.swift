internal import Base
internal import Catalog
internal import Columnar

/// How records are written: what FORMAT and the options beside it say.
public enum RecordFormat: Sendable, Hashable {
    /// One JSON object a line.
    case json
    case csv(CSVStyle)
    /// A format that is read and written whole files at a time, by its name in lower case (`parquet`).
    case table(String)

    public struct CSVStyle: Sendable, Hashable {
        public var delimiter: UInt8
        public var quote: UInt8
        /// Whether the first line names the columns.
        public var hasHeader: Bool
        /// What stands for NULL where it is not quoted.
        public var null: String

        public init(delimiter: UInt8 = 44, quote: UInt8 = 34, hasHeader: Bool = true, null: String = "") {
            self.delimiter = delimiter
            self.quote = quote
            self.hasHeader = hasHeader
            self.null = null
        }
    }

    static let options = ["header", "delimiter", "quote", "null"]

    /// Reads FORMAT's name and takes its options. Throws for a name that is no format and for options of another one.
    static func take(_ name: String?, path: String = "", from options: inout OptionReader) throws(LeibrixError) -> RecordFormat {
        let named = name?.lowercased() ?? guess(path)
        switch named {
        case "json", "jsonl", "ndjson": return .json
        case "csv":
            var style = CSVStyle()
            style.hasHeader = try options.boolean("header") ?? true
            if let text = try options.text("delimiter") { style.delimiter = try byte("delimiter", text) }
            if let text = try options.text("quote") { style.quote = try byte("quote", text) }
            style.null = try options.text("null") ?? ""
            return .csv(style)
        case "parquet": return .table(named)
        default:
            throw LeibrixError(
                .streamConnector, "there is no format \"\(name ?? named)\"", hint: "Formats are JSON (an object a line), CSV and PARQUET.")
        }
    }

    private static func guess(_ path: String) -> String {
        let lower = path.lowercased()
        if lower.hasSuffix(".csv") { return "csv" }
        if lower.hasSuffix(".parquet") { return "parquet" }
        return "json"
    }

    private static func byte(_ option: String, _ text: String) throws(LeibrixError) -> UInt8 {
        if text == "\\t" { return 9 }
        guard text.utf8.count == 1, let byte = text.utf8.first, byte != 10, byte != 13 else {
            throw LeibrixError(.streamConnector, "option \"\(option)\" takes one character", hint: "For a tab write '\\t'.")
        }
        return byte
    }
}
