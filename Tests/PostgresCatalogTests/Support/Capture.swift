import Base
import Columnar
import Platform

/// Statements that one client sent, in order: blocks between lines of four dashes, each followed by its parameters.
/// {t} and {v} stand for the numbers of app.t and app.v, {db} for the database's name.
struct Capture: Sendable, CustomStringConvertible {
    struct Statement: Sendable {
        let sql: String
        let parameters: [Value]
    }

    static let clients = ["psql", "sqlalchemy14", "sqlalchemy21", "asyncpg", "adbc", "pgjdbc", "psqlodbc", "psycopg3", "tools"]

    let client: String
    var description: String { client }

    /// {1,2} is an array of numbers, anything else text.
    private static func parameter(_ text: Substring) -> Value {
        guard text.hasPrefix("{") else { return .string(String(text)) }
        return .list(text.dropFirst().dropLast().split(separator: ",").map { .integer(Int64($0) ?? 0) })
    }

    func statements(_ substitutions: [String: String]) throws(LeibrixError) -> [Statement] {
        let folder = #filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined()
        var text = String(decoding: try Files.read("\(folder)/Captures/\(client).sql"), as: UTF8.self)
        for (name, value) in substitutions { text.replace("{\(name)}", with: value) }
        return text.split(separator: "\n----\n").map { block in
            var lines = block.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            var parameters: [Value] = []
            while let last = lines.last, last.hasPrefix("-- $") || last.isEmpty {
                if let equals = last.firstRange(of: " = ") { parameters.insert(Self.parameter(last[equals.upperBound...]), at: 0) }
                lines.removeLast()
            }
            return Statement(sql: lines.joined(separator: "\n"), parameters: parameters)
        }
    }
}
