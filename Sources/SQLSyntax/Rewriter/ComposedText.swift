public import Base

/// A part of a text for the engine that is put together from a statement's parts.
public enum TextPart: Sendable, Hashable {
    /// Written by the server.
    case text(String)
    /// Bytes of the client's statement, rewritten like a query's.
    case source(Range<Int>)
    /// A parameter of the server's own: its number is above those of the client.
    case parameter(Int)
}

extension SQLText {
    /// One text for the engine from several parts. Errors inside `source` parts are told in the client's text; others at
    /// the part before them. O(length).
    public func composed(_ parts: [TextPart]) throws(LeibrixError) -> RewrittenSQL {
        var pieces: [RewrittenSQL.Piece] = []
        var origin = 0
        for part in parts {
            switch part {
            case .text(let text): pieces.append(.replacement(text, origin: origin))
            case .parameter(let number): pieces.append(.parameter(number, origin: origin))
            case .source(let range):
                var rewriter = Rewriter(self, range)
                try rewriter.run()
                pieces += rewriter.finish().pieces
                origin = range.upperBound
            }
        }
        return RewrittenSQL(bytes: bytes, pieces: pieces)
    }

    /// The tokens inside a range of bytes.
    public func tokens(in range: Range<Int>) -> ArraySlice<Token> {
        // Tokens lie in the text's order, so both ends are found by halving.
        func first(_ matches: (Token) -> Bool) -> Int {
            var (low, high) = (0, tokens.count)
            while low < high {
                let middle = (low + high) / 2
                if matches(tokens[middle]) { high = middle } else { low = middle + 1 }
            }
            return low
        }
        let start = first { $0.start >= range.lowerBound }
        let end = first { $0.end > range.upperBound || $0.kind == .end }
        return tokens[start..<max(start, end)]
    }
}
