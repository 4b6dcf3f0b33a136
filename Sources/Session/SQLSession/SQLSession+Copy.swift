internal import Base
internal import Columnar
internal import SQLSyntax

extension SQLSession {
    func copyPlan(_ parsed: ParsedQuery, _ text: StatementText, _ copy: CopyStatement) async throws(LeibrixError) -> PreparedStatement {
        let format = try CopyFormat(copy.options)
        let plan: EnginePlan
        switch copy.source {
        case .query(let range):
            let inner = try server.parsed.parse(parsed.text.string(range))
            switch inner.statement {
            case .query: break
            case .stream(.subscribe(let subscribe)):
                let plan = try subscribePlan(parsed, inner, subscribe, tag: "COPY")
                try format.check(plan.columns, copy.options)
                return PreparedStatement(text: text, parameterTypes: [], outcome: .copyOut(format, plan.columns), plan: StatementPlan.subscribe(plan))
            case .refused(let refused): throw Self.error(refused)
            default:
                throw LeibrixError(
                    .syntax, "COPY takes a query", hint: "COPY (SELECT …) TO STDOUT.",
                    position: parsed.text.characters(before: range.lowerBound) + 1)
            }
            plan = try await enginePlan(parsed, [], range: range, tag: "COPY")
        case .relation(let name, let columns):
            let list = columns.isEmpty ? "*" : columns.map { quoted($0.name) }.joined(separator: ", ")
            plan = try await enginePlan(parsed, [], range: bytes(of: name, in: parsed.text), prefix: "SELECT \(list) FROM ", tag: "COPY")
        }
        let columns = plan.columns
        try format.check(columns, copy.options)
        return PreparedStatement(text: text, parameterTypes: [], outcome: .copyOut(format, columns), plan: StatementPlan.copy(plan))
    }

    private func quoted(_ name: String) -> String {
        "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    /// The bytes that a name covers, from its first part to its last.
    private func bytes(of name: ObjectName, in text: SQLText) -> Range<Int> {
        let start = text.offset(ofCharacter: name.position - 1)
        let last = text.offset(ofCharacter: name.last.position - 1)
        let end = text.tokens.first { $0.start >= last }?.end ?? text.bytes.count
        return start..<end
    }
}

extension CopyFormat {
    static let optionNames = ["format", "delimiter", "null", "header", "quote", "escape", "force_quote", "encoding"]

    /// COPY … TO's options, in the old and the new spelling. Each is checked; none is ignored.
    init(_ options: [StatementOption], isInput: Bool = false) throws(LeibrixError) {
        let kind = try Self.kind(options)
        self.init(kind: kind, delimiter: kind == .csv ? 0x2C : 0x09, null: kind == .csv ? "" : "\\N")
        var hasEscape = false
        for option in options {
            switch option.name.name {
            case "format": break
            case "delimiter": delimiter = try Self.byte(option)
            case "null": null = try Self.text(option)
            case "header" where isInput && option.value == .word("match"):
                header = true
                matchesHeader = true
            case "header": header = try Self.flag(option)
            case let name where isInput && ["freeze", "force_null", "force_not_null"].contains(name): break
            case "quote": quote = try Self.byte(option)
            case "escape":
                escape = try Self.byte(option)
                hasEscape = true
            case "force_quote" where !isInput: forceQuote = try Self.names(option)
            case "encoding":
                guard ["utf8", "utf-8", "unicode"].contains(try Self.text(option).lowercased()) else {
                    throw Self.invalid(option, "Only UTF8 is supported.")
                }
            default:
                throw LeibrixError(
                    .invalidOption, "option \"\(option.name.name)\" is not one of COPY \(isInput ? "FROM" : "TO")'s",
                    hint: suggestion(for: option.name.name, among: Self.optionNames + (isInput ? ["freeze", "force_null", "force_not_null"] : []), what: "options"), position: option.name.position)
            }
        }
        if !hasEscape { escape = quote }
        try refuseMixed(options)
    }

    private static func kind(_ options: [StatementOption]) throws(LeibrixError) -> Kind {
        guard let option = options.first(where: { $0.name.name == "format" }) else { return .text }
        switch try text(option).lowercased() {
        case "text": return .text
        case "csv": return .csv
        case "binary": return .binary
        default: throw invalid(option, "Use text, csv or binary.")
        }
    }

    /// Options that the format does not have.
    private func refuseMixed(_ options: [StatementOption]) throws(LeibrixError) {
        for option in options {
            switch option.name.name {
            case "delimiter", "null", "header":
                if kind == .binary { throw Self.invalid(option, "The binary format has no such option.") }
            case "quote", "escape", "force_quote", "force_null", "force_not_null":
                if kind != .csv { throw Self.invalid(option, "It is for FORMAT csv.") }
            default: break
            }
        }
        guard delimiter != 0x0A, delimiter != 0x0D, kind != .csv || delimiter != quote else {
            throw LeibrixError(.invalidOption, "COPY delimiter cannot be a newline or the quote", hint: "Choose another character.")
        }
    }

    /// FORCE_QUOTE names columns of the result.
    func check(_ columns: [ResultColumn], _ options: [StatementOption]) throws(LeibrixError) {
        guard let forceQuote, forceQuote != ["*"] else { return }
        for name in forceQuote where !columns.contains(where: { $0.name == name }) {
            throw LeibrixError(
                .undefinedColumn, "column \"\(name)\" of FORCE_QUOTE does not exist",
                hint: suggestion(for: name, among: columns.map(\.name), what: "columns"),
                position: options.first { $0.name.name == "force_quote" }?.position)
        }
    }

    /// FORCE_NULL's and FORCE_NOT_NULL's columns, as places among those that are copied.
    static func columns(_ name: String, _ options: [StatementOption], _ columns: [String]) throws(LeibrixError) -> Set<Int> {
        guard let option = options.first(where: { $0.name.name == name }) else { return [] }
        let wanted = try names(option)
        if wanted == ["*"] { return Set(columns.indices) }
        var places: Set<Int> = []
        for name in wanted {
            guard let place = columns.firstIndex(of: name) else {
                throw LeibrixError(
                    .undefinedColumn, "column \"\(name)\" of COPY does not exist",
                    hint: suggestion(for: name, among: columns, what: "columns") ?? "Name a column that is copied.", position: option.position)
            }
            places.insert(place)
        }
        return places
    }

    private static func invalid(_ option: StatementOption, _ hint: String) -> LeibrixError {
        LeibrixError(.invalidOption, "COPY option \"\(option.name.name)\" cannot have this value", hint: hint, position: option.position)
    }

    private static func text(_ option: StatementOption) throws(LeibrixError) -> String {
        switch option.value {
        case .string(let text), .word(let text): return text
        default: throw invalid(option, "Write it in single quotes.")
        }
    }

    private static func byte(_ option: StatementOption) throws(LeibrixError) -> UInt8 {
        let text = try text(option)
        guard text.utf8.count == 1, let byte = text.utf8.first, byte < 0x80 else { throw invalid(option, "It is one one-byte character.") }
        return byte
    }

    private static func flag(_ option: StatementOption) throws(LeibrixError) -> Bool {
        switch option.value {
        case .boolean(let flag): return flag
        case .integer(0): return false
        case .integer(1): return true
        default: throw invalid(option, "Write true or false.")
        }
    }

    private static func names(_ option: StatementOption) throws(LeibrixError) -> [String] {
        switch option.value {
        case .word(let name): return [name]
        case .string(let name): return [name]
        case .list(let values):
            var names: [String] = []
            for value in values {
                guard case .word(let name) = value else { throw invalid(option, "Name columns, or write *.") }
                names.append(name)
            }
            return names
        default: throw invalid(option, "Name columns, or write *.")
        }
    }
}
