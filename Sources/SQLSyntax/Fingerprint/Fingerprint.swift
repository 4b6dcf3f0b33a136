/// The shape of a statement: its text with blanks, comments, case and constants taken out.
///
/// Two statements that differ only in those have the same `text` and `hash`. The constants are lifted, in order, as if
/// they were parameters numbered after the statement's own.
public struct Fingerprint: Sendable, Hashable {
    public let text: String
    /// FNV-1a of `text`, 64 bits.
    public let hash: UInt64
    /// Tokens (their indexes in the `SQLText`) that were lifted.
    public let lifted: [Int]

    /// Linear in the text's length.
    public init(_ sql: SQLText) {
        var builder = FingerprintBuilder(sql)
        builder.run()
        text = String(decoding: builder.bytes, as: UTF8.self)
        hash = builder.hash
        lifted = builder.lifted
    }

    /// 16 hexadecimal digits.
    public var hexadecimal: String {
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

private struct FingerprintBuilder {
    let sql: SQLText
    var bytes: [UInt8] = []
    var lifted: [Int] = []
    private var parameter = 0

    init(_ sql: SQLText) {
        self.sql = sql
        bytes.reserveCapacity(sql.bytes.count)
        for token in sql.tokens { parameter = max(parameter, sql.parameterNumber(token) ?? 0) }
    }

    var hash: UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    mutating func run() {
        var previous = Token.Kind.end
        for (index, token) in sql.tokens.enumerated() where token.kind != .end {
            if needsBlank(previous, token.kind) { bytes.append(0x20) }
            append(token, index)
            previous = token.kind
        }
    }

    private mutating func append(_ token: Token, _ index: Int) {
        if token.isLiteral {
            parameter += 1
            lifted.append(index)
            bytes.append(contentsOf: Array("$\(parameter)".utf8))
        } else if token.kind == .word {
            for byte in sql.bytes[token.range] { bytes.append(SQLText.lower(byte)) }
        } else {
            bytes.append(contentsOf: sql.bytes[token.range])
        }
    }

    private func needsBlank(_ left: Token.Kind, _ right: Token.Kind) -> Bool {
        switch (left, right) {
        case (.end, _), (.leftParen, _), (_, .rightParen), (_, .comma), (.dot, _), (_, .dot), (_, .cast), (.cast, _): false
        case (.leftBracket, _), (_, .rightBracket), (_, .leftBracket), (_, .semicolon): false
        default: true
        }
    }
}
