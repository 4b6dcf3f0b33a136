// sqllogictest's dialect as used here. Records are separated by blank lines; `#` opens a comment.
//
//   statement ok [on NAME]
//   statement error [SQLSTATE] [nohint] [on NAME]      followed, after ----, by words the message must hold
//   query TYPES [nosort|rowsort] [on NAME] [manual]    followed, after ----, by rows with tabs between the cells
//   foreach NAME VALUE VALUE ..  /  endforeach          ${NAME} in the records between, which run once a value
//   simpleonly                                          the rest of the file is not repeated through the extended protocol
//
// TYPES has one letter a column: I integer, R floating point (compared to 11 digits), T anything else by its text, X any value, written (any). NULL
// and (empty) stand for themselves. `manual` results are not DuckDB's to say and are left alone by the update mode.

struct SLTRecord {
    enum Kind: Equatable {
        case ok
        case error(sqlState: String?, wantsHint: Bool, words: [String])
        case query(types: [Character], isSorted: Bool, isManual: Bool, rows: [String])
    }

    var kind: Kind
    var sql: String
    var connection: String
    /// 1-based line of the record's first line.
    var line: Int
    /// Lines of expected rows, replaced by the update mode; nil where a ---- is still to be written.
    var resultLines: Range<Int>
    var hasSeparator: Bool
    var variables: [String: String] = [:]
    var isSimpleOnly: Bool
}

struct SLTError: Error, CustomStringConvertible {
    let description: String
}

struct SLTFile {
    let path: String
    var lines: [String]
    var records: [SLTRecord] = []

    init(path: String, text: String) throws {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        var parser = SLTParser(lines: lines)
        do { records = try parser.parse() } catch let error as SLTError { throw SLTError(description: "\(path):\(error.description)") }
    }
}

private struct SLTParser {
    let lines: [String]
    var at = 0
    var loop: (name: String, values: [String], start: Int)?
    var isSimpleOnly = false

    init(lines: [String]) { self.lines = lines }

    mutating func parse() throws -> [SLTRecord] {
        var found: [SLTRecord] = []
        var loopStart = 0
        while at < lines.count {
            let words = lines[at].split(separator: " ").map(String.init)
            switch words.first {
            case nil: at += 1
            case let word? where word.hasPrefix("#"): at += 1
            case "simpleonly":
                isSimpleOnly = true
                at += 1
            case "foreach":
                guard words.count > 2, loop == nil else { throw fail("foreach NAME VALUE.., not nested") }
                loop = (words[1], Array(words[2...]), at)
                loopStart = found.count
                at += 1
            case "endforeach":
                guard let open = loop else { throw fail("endforeach without foreach") }
                let body = Array(found[loopStart...])
                found.removeSubrange(loopStart...)
                found += open.values.flatMap { value in body.map { with($0, open.name, value) } }
                loop = nil
                at += 1
            case "statement", "query": found.append(try record(words))
            case let word?: throw fail("unknown directive \(word)")
            }
        }
        if loop != nil { throw fail("foreach without endforeach") }
        return found
    }

    private func with(_ record: SLTRecord, _ name: String, _ value: String) -> SLTRecord {
        var copy = record
        copy.variables[name] = value
        return copy
    }

    private func fail(_ message: String) -> SLTError { SLTError(description: "\(at + 1): \(message)") }

    private mutating func record(_ words: [String]) throws -> SLTRecord {
        let line = at + 1
        at += 1
        var sql: [String] = []
        while at < lines.count, !lines[at].isEmpty, lines[at] != "----" { sql.append(lines[at]); at += 1 }
        guard !sql.isEmpty else { throw fail("no SQL after \(words.joined(separator: " "))") }
        let hasSeparator = at < lines.count && lines[at] == "----"
        if hasSeparator { at += 1 }
        let start = at
        while at < lines.count, !lines[at].isEmpty { at += 1 }
        let connection = words.firstIndex(of: "on").map { words.indices.contains($0 + 1) ? words[$0 + 1] : "" } ?? ""
        return SLTRecord(
            kind: try kind(words, Array(lines[start..<at])), sql: sql.joined(separator: "\n"), connection: connection, line: line,
            resultLines: start..<at, hasSeparator: hasSeparator, isSimpleOnly: isSimpleOnly)
    }

    private func kind(_ words: [String], _ expected: [String]) throws -> SLTRecord.Kind {
        guard words.count > 1 else { throw fail("\(words[0]) what?") }
        switch (words[0], words[1]) {
        case ("statement", "ok"): return .ok
        case ("statement", "error"):
            let state = words.dropFirst(2).first { $0.count == 5 && $0.allSatisfy { $0.isNumber || $0.isUppercase } }
            return .error(sqlState: state, wantsHint: !words.contains("nohint"), words: expected)
        case ("query", let types) where types.allSatisfy({ "IRTX".contains($0) }):
            return .query(types: Array(types), isSorted: words.contains("rowsort"), isManual: words.contains("manual"), rows: expected)
        default: throw fail("unknown record \(words.joined(separator: " "))")
        }
    }
}
