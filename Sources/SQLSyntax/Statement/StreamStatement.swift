/// Statements on streams. Queries stay ranges of bytes; names are as written.
public enum StreamStatement: Sendable, Hashable {
    case createSource(CreateSource)
    case createStream(CreateStream)
    case createSink(CreateSink)
    case drop(DropStreams)
    case alterSource(ObjectName, AlterSourceAction)
    /// RESTORE FROM CHECKPOINT n [FORCE]; `position` is the number's.
    case restore(checkpoint: Int, isForced: Bool, position: Int)
    /// SUBSCRIBE; alone, inside COPY (…) TO STDOUT, or in DECLARE.
    case subscribe(Subscribe)
    /// EXPLAIN STATE of a query.
    case explainState(query: Range<Int>)

    /// The command tag.
    public var tag: String {
        switch self {
        case .createSource: "CREATE SOURCE"
        case .createStream(let create): create.isView ? "CREATE MATERIALIZED VIEW" : "CREATE STREAM"
        case .createSink: "CREATE SINK"
        case .drop(let drop): "DROP \(drop.kind.rawValue)"
        case .alterSource: "ALTER SOURCE"
        case .restore: "RESTORE"
        case .subscribe: "SUBSCRIBE"
        case .explainState: "EXPLAIN"
        }
    }
}

/// The kinds of objects that belong to streams, as they stand behind DROP.
public enum StreamObjectKind: String, Sendable, Hashable {
    case source = "SOURCE"
    case stream = "STREAM"
    case view = "MATERIALIZED VIEW"
    case sink = "SINK"
}

public struct CreateSource: Sendable, Hashable {
    public struct Column: Sendable, Hashable {
        public var name: Identifier
        public var type: TypeName
    }

    /// WATERMARK FOR column [AS column - INTERVAL …]
    public struct Watermark: Sendable, Hashable {
        public var column: Identifier
        public var delayMicros: Int64
    }

    public var name: ObjectName
    public var orReplace: Bool
    public var ifNotExists: Bool
    public var columns: [Column]
    public var watermark: Watermark?
    public var connector: ConnectorClause?
    public var format: Identifier?
    public var options: [StatementOption]
}

/// FROM KIND(…) of a source, INTO KIND(…) of a sink.
public struct ConnectorClause: Sendable, Hashable {
    public var kind: Identifier
    public var options: [StatementOption]
}

public struct CreateStream: Sendable, Hashable {
    public var name: ObjectName
    public var isView: Bool
    public var orReplace: Bool
    public var ifNotExists: Bool
    public var query: Range<Int>
    public var emission: EmissionClauses
}

/// What may stand behind a stream's query.
public struct EmissionClauses: Sendable, Hashable {
    public enum Emit: Sendable, Hashable {
        case onWindowClose, onWatermark, onUpdate, changes, final
        case every(micros: Int64)
    }

    public var emit: Emit?
    public var latenessMicros: Int64 = 0
    /// LATE DATA TO
    public var lateTarget: ObjectName?

    public init() {}
}

public struct CreateSink: Sendable, Hashable {
    public enum Input: Sendable, Hashable {
        case relation(ObjectName)
        case query(Range<Int>, EmissionClauses)
    }

    public enum Target: Sendable, Hashable {
        case connector(ConnectorClause)
        case table(ObjectName)
    }

    public var name: ObjectName
    public var orReplace: Bool
    public var ifNotExists: Bool
    public var input: Input
    public var condition: Range<Int>?
    public var target: Target?
    public var format: Identifier?
    public var options: [StatementOption]
}

public struct DropStreams: Sendable, Hashable {
    public var kind: StreamObjectKind
    public var names: [ObjectName]
    public var ifExists: Bool
    public var cascade: Bool
}

public enum AlterSourceAction: Sendable, Hashable {
    case addColumn(CreateSource.Column)
    case set([StatementOption])
}

public struct Subscribe: Sendable, Hashable {
    public var name: ObjectName
    /// AS OF EPOCH: rows behind this epoch.
    public var epoch: Int64?
    public var condition: Range<Int>?
    /// LIMIT: ends after so many rows.
    public var rowsMax: Int64?
}
