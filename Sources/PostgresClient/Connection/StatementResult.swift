/// A column as RowDescription gives it.
public struct ResultField: Sendable, Hashable {
    public var name: String
    public var tableOID: UInt32
    public var attributeNumber: Int
    public var typeOID: UInt32
    public var typeModifier: Int
    public var isBinary: Bool
}

/// What one statement gave: rows as the bytes that came (nil is NULL), and its command tag.
public struct StatementResult: Sendable, Hashable {
    public var fields: [ResultField] = []
    public var rows: [[[UInt8]?]] = []
    public var tag = ""
    /// The portal gave its row limit and holds more.
    public var isSuspended = false
    /// COPY TO STDOUT's bytes.
    public var copied: [UInt8] = []

    public init() {}
    init(fields: [ResultField]) { self.fields = fields }

    /// A cell of a text result.
    public func text(_ row: Int, _ column: Int) -> String? { rows[row][column].map { String(decoding: $0, as: UTF8.self) } }
    public var textRows: [[String?]] { rows.map { $0.map { $0.map { String(decoding: $0, as: UTF8.self) } } } }
}

/// How much came, counted without keeping any of it.
public struct ResultCount: Sendable, Hashable {
    public var rows = 0
    public var bytes = 0
}
