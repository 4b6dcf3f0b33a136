// What a statement's parameters and columns are, without running it.
//
// The engine tells most of it. Where it leaves a parameter open ($1 || 'x', SELECT $1), the text gets a cast: to the
// client's type if it named one, or else to the first of a few types with which the statement can be planned, text first,
// as PostgreSQL takes unknown parameters for text.
internal import Base
internal import Columnar
internal import DuckDBKit
internal import SQLSyntax

struct Describer {
    let rewritten: RewrittenSQL
    let parsed: ParsedQuery
    let prefix: String
    let suffix: String
    let clientTypes: [DataType?]
    let session: @Sendable (SessionReference) -> String
    let volatileNames: Set<String>
    let datasetNames: Set<String>
    let tableNames: Set<String>
    let hasViews: Bool
    let output: OutputQuestion?

    private static let guesses: [DataType] = [.varchar, .bigInt, .double, .timestamp, .date]
    private static let attemptsMax = 64

    /// On a pool thread, with the session's settings applied.
    func describe(_ executor: Executor) throws(LeibrixError) -> Description {
        let numbers = rewritten.parameters
        var casts: [Int: DataType] = [:]
        var plan = try planned(executor, casts)
        var types = self.types(of: plan)
        var columns = plan.columns
        let isOpen = plan.columns == nil || types.values.contains { $0 == nil }
        if isOpen && !numbers.isEmpty {
            let known = Dictionary(uniqueKeysWithValues: numbers.compactMap { number in types[number].flatMap { $0 }.map { (number, $0) } })
            (plan, casts, columns) = try guess(executor, open: numbers.filter { known[$0] == nil || clientType($0) != nil })
            types = self.types(of: plan)
        } else {
            (plan, casts) = try preferClient(executor, plan, types)
            types = self.types(of: plan)
            columns = plan.columns
        }
        let bindTypes = Dictionary(
            uniqueKeysWithValues: numbers.compactMap { number in (types[number].flatMap { $0 } ?? casts[number]).map { (number, $0) } })
        let sql = text(casts).sql
        let known = relations(sql, bindTypes, executor)
        let relations = known ?? []
        return Description(
            parameterTypes: parameterTypes(bindTypes), bindTypes: bindTypes, columns: columns ?? [], casts: casts,
            relations: relations, named: named(sql, relations, executor), isCacheable: known != nil && isCacheable(relations),
            readsTables: known == nil ? !tableNames.isEmpty : readsTables(relations),
            output: output?.ask(executor.connection, engineText: sql))
    }

    /// The relations that the text names; nil where nobody can tell, so that it must be taken for one that reads tables. The engine
    /// tells none of a text with parameters: they are NULLs for this question.
    private func relations(_ sql: String, _ bindTypes: [Int: DataType], _ executor: Executor) -> [String]? {
        var question = sql
        if !rewritten.parameters.isEmpty {
            let assembled = rewritten.assemble(session: session) { number, _ in "CAST(NULL AS \(bindTypes[number] ?? .varchar))" }
            question = prefix + assembled.sql + suffix
        }
        if let names = try? executor.connection.tableNames(of: question) { return names }
        let query = prefix.isEmpty ? sql : String(sql.dropFirst(prefix.count))
        return OutputQuestion.tree(query, executor.connection).flatMap(ViewText.references)?.map(\.sqlName)
    }

    /// The engine's own list has the relations behind a view in its place.
    private func named(_ sql: String, _ relations: [String], _ executor: Executor) -> [String]? {
        guard hasViews, !relations.isEmpty else { return nil }
        let query = prefix.isEmpty ? sql : String(sql.dropFirst(prefix.count))
        return OutputQuestion.tree(query, executor.connection).flatMap(ViewText.references)?.map(\.sqlName)
    }

    private func clientType(_ number: Int) -> DataType? { number <= clientTypes.count ? clientTypes[number - 1] : nil }

    private func text(_ casts: [Int: DataType]) -> EngineText {
        let assembled = rewritten.assemble(session: session) { number, name in
            casts[number].map { "CAST(\(name) AS \($0))" } ?? name
        }
        return EngineText(assembled, source: parsed.text, prefix: prefix, suffix: suffix)
    }

    /// Type by the client's number.
    private func types(of plan: CachedPlan) -> [Int: DataType?] {
        let types = plan.parameterTypes
        return Dictionary(uniqueKeysWithValues: rewritten.parameters.compactMap { number in
            types[rewritten.engineNumber(number)].map { (number, $0) }
        })
    }

    private func planned(_ executor: Executor, _ casts: [Int: DataType]) throws(LeibrixError) -> CachedPlan {
        let text = text(casts)
        do throws(LeibrixError) { return try executor.plan(text.sql, isAnew: true).plan } catch { throw text.located(error) }
    }

    /// Where the client's type and the engine's differ, the client's is cast, if the statement can be planned so.
    private func preferClient(
        _ executor: Executor, _ plan: CachedPlan, _ types: [Int: DataType?]
    ) throws(LeibrixError) -> (CachedPlan, [Int: DataType]) {
        var casts: [Int: DataType] = [:]
        for number in rewritten.parameters {
            if let wanted = clientType(number), let type = types[number], type != wanted { casts[number] = wanted }
        }
        if casts.isEmpty { return (plan, [:]) }
        guard let cast = try? planned(executor, casts), cast.columns != nil else { return (plan, [:]) }
        return (cast, casts)
    }

    /// Tries casts of the open parameters, in the order of the guesses, the last parameter varying first.
    private func guess(
        _ executor: Executor, open: [Int]
    ) throws(LeibrixError) -> (CachedPlan, [Int: DataType], [DataType.Field]?) {
        let choices = open.map { number in clientType(number).map { [$0] } ?? Self.guesses }
        var indexes = [Int](repeating: 0, count: open.count)
        var first: LeibrixError?
        for _ in 0..<Self.attemptsMax {
            let casts = Dictionary(uniqueKeysWithValues: zip(open, zip(choices, indexes).map { $0[$1] }))
            do throws(LeibrixError) {
                let plan = try planned(executor, casts)
                if let columns = plan.columns ?? sampledColumns(executor, casts) { return (plan, casts, columns) }
            } catch {
                first = first ?? error
            }
            guard advance(&indexes, choices.map(\.count)) else { break }
        }
        throw first ?? LeibrixError(
            .syntax, "the types of the parameters cannot be determined", hint: "Cast them: $1::integer.", sqlState: "42P18")
    }

    /// A table function's arguments (range($1)) are wanted with values to be planned at all: the columns are then those
    /// of the statement with a small constant of each type. The engine plans again with the real values.
    private func sampledColumns(_ executor: Executor, _ casts: [Int: DataType]) -> [DataType.Field]? {
        let assembled = rewritten.assemble(session: session) { number, _ in
            guard let type = casts[number] else { return "NULL" }
            return type == .varchar ? "'1'" : type.isNumber ? "CAST(1 AS \(type))" : "CAST(NULL AS \(type))"
        }
        return try? executor.connection.prepare(prefix + assembled.sql + suffix).columns
    }

    private func advance(_ indexes: inout [Int], _ counts: [Int]) -> Bool {
        for place in indexes.indices.reversed() {
            indexes[place] += 1
            if indexes[place] < counts[place] { return true }
            indexes[place] = 0
        }
        return false
    }

    /// One type for each of $1 to the highest that the client or the text names.
    private func parameterTypes(_ bindTypes: [Int: DataType]) -> [DataType] {
        var count = max(rewritten.parameters.last ?? 0, clientTypes.count)
        var flags: Set<Int> = []
        for reference in rewritten.references {
            for (number, isFlag) in reference.parameters {
                count = max(count, number)
                if isFlag { flags.insert(number) }
            }
        }
        guard count > 0 else { return [] }
        return (1...count).map { clientType($0) ?? bindTypes[$0] ?? (flags.contains($0) ? .boolean : .varchar) }
    }

    private func readsTables(_ relations: [String]) -> Bool {
        !tableNames.isEmpty && relations.contains { tableNames.contains(Self.lastName($0).lowercased()) }
    }

    private func isCacheable(_ relations: [String]) -> Bool {
        guard !readsTables(relations) else { return false }
        guard relations.allSatisfy({ datasetNames.contains(Self.lastName($0)) }) else { return false }
        for reference in rewritten.references {
            switch reference {
            case .setConfig, .sequence: return false
            default: break
            }
        }
        for token in parsed.text.tokens where token.kind == .word || token.kind == .quotedWord {
            guard let name = parsed.text.name(token) else { continue }
            if volatileNames.contains(name) || name.hasPrefix("pg_") || name.hasPrefix("has_") || name.hasPrefix("duckdb_") { return false }
        }
        return true
    }

    /// The last part of a qualified name as the engine prints it.
    static func lastName(_ name: String) -> String {
        guard name.hasSuffix("\""), let open = name.dropLast().lastIndex(of: "\"") else {
            return name.split(separator: ".").last.map { $0.lowercased() } ?? name
        }
        return String(name[name.index(after: open)..<name.index(before: name.endIndex)])
    }
}

extension SessionReference {
    /// Numbers of the parameters in the arguments, and whether a flag is wanted there.
    var parameters: [(number: Int, isFlag: Bool)] {
        func number(_ argument: Argument, _ isFlag: Bool) -> [(Int, Bool)] {
            if case .parameter(let number) = argument { [(number, isFlag)] } else { [] }
        }
        switch self {
        case .currentSetting(let name, _): return number(name, false)
        case .setConfig(let name, let value, let isLocal): return number(name, false) + number(value, false) + number(isLocal, true)
        default: return []
        }
    }
}

extension DataType {
    fileprivate var isNumber: Bool {
        switch base {
        case .tinyInt, .smallInt, .integer, .bigInt, .hugeInt, .real, .double, .decimal: true
        case .unsignedTinyInt, .unsignedSmallInt, .unsignedInteger, .unsignedBigInt, .unsignedHugeInt: true
        default: false
        }
    }
}
