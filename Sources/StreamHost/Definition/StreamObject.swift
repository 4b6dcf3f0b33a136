public import Catalog
public import Columnar
public import StreamEngine

/// One thing that CREATE made: what it takes to make it again.
public struct StreamObject: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable {
        case source = "SOURCE"
        case stream = "STREAM"
        case view = "MATERIALIZED VIEW"
        case sink = "SINK"
        /// Rows that came too late for a stream.
        case late = "LATE STREAM"
    }

    public var kind: Kind
    public var name: String
    /// Given by the host; never used again.
    public var number: Int64 = 0
    /// The position of the log it was made at: it sees what comes after.
    public var createdAt: Int64 = 0
    public var createdMicros: Int64 = 0
    public var tenant: String
    public var owner: String
    /// The statement, for SHOW CREATE.
    public var text: String

    // A source's.
    public var columns: [DataType.Field] = []
    public var eventTime: SourceDefinition.EventTime?
    /// What it was before each ALTER SOURCE, oldest first.
    public var earlier: [SourceVersion] = []

    // A stream's and a view's; a sink's if it has a query or condition of its own.
    public var query: String?
    public var emit: EmitMode?
    public var latenessMicros: Int64 = 0
    /// Tables that the query follows.
    public var tables: [TableInput] = []
    /// Tables and datasets that its joins ask by key.
    public var lookups: [LookupInput] = []
    /// The name under which late rows can be read.
    public var lateName: String?

    // A sink's: what it reads, and where it writes. A late stream's: whose rows it has.
    public var input: String?
    public var connector: String?
    public var options: [SpecOption] = []
    public var format: String?
    /// schema and name
    public var table: [String]?

    public init(_ kind: Kind, _ name: String, tenant: String, owner: String, text: String) {
        self.kind = kind
        self.name = name
        self.tenant = tenant
        self.owner = owner
        self.text = text
    }

    /// The name under which the engine knows what a sink with a query of its own reads. No client can write it.
    var hiddenStream: String { "\(name)\u{1}sink" }

    /// Where a sink's rows come from.
    var readsFrom: String { query == nil ? input ?? "" : hiddenStream }
}
