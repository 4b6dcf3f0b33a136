internal import Base

extension Parser {
    /// What this product knows of other statements: each is refused with the way to what is wanted.
    mutating func refused(_ word: String) throws(LeibrixError) -> RefusedStatement {
        let command = word.uppercased()
        switch word {
        case "listen", "notify":
            return refusal(command, "There are no notifications; poll leibrix.epochs for changes of data.")
        case "do", "call": return refusal(command, "There is no procedural language.")
        case "use": return refusal(command, "Use SET search_path.")
        case "import", "export", "attach", "detach", "install", "load", "pragma", "force":
            return RefusedStatement(
                reason: .permission, command: command,
                hint: "Sources are reached through CREATE CATALOG and CREATE DATASET; settings through SET.", position: position)
        case "security", "reassign": return refusal(command, "Users and tenants are managed with CREATE USER and GRANT.")
        default: throw unknownStatement(word)
        }
    }

    private func refusal(_ command: String, _ hint: String) -> RefusedStatement {
        RefusedStatement(reason: .notSupported, command: command, hint: hint, position: position)
    }

    func unknownStatement(_ word: String) -> LeibrixError {
        var error = unexpected(wanted: "a statement")
        if let nearest = nearestName(to: word, among: Parser.statementWords) {
            error.hint = "Did you mean \(nearest.uppercased())?"
        }
        return error
    }

    /// CREATE, ALTER and DROP of what PostgreSQL and DuckDB have and this product does not.
    mutating func refusedObject(_ verb: String) throws(LeibrixError) -> RefusedStatement {
        let start = text.position(text.tokens[0])
        var words: [String] = []
        let prefixes: Set<String> = [
            "or", "replace", "temp", "temporary", "local", "global", "unlogged", "unique", "materialized", "recursive", "external",
            "foreign", "event", "persistent",
        ]
        while token.kind == .word, prefixes.contains(text.lowered(token)) {
            words.append(text.lowered(token).uppercased())
            advance()
        }
        let object = token.kind == .word ? text.lowered(token) : ""
        let hint: String
        switch object {
        case "table", "view", "schema", "sequence", "index": hint = "Leave \(words.joined(separator: " ")) out."
        case "type": hint = "DROP TYPE and CREATE TYPE … AS ENUM; ALTER TABLE … ALTER COLUMN … TYPE takes the new one."
        case "database": hint = "There is one database, leibrix, with schemas in it."
        case "role", "group": hint = "Use the word USER."
        case "function", "procedure", "macro", "aggregate", "trigger", "domain", "cast", "operator", "extension", "rule",
            "policy", "publication", "subscription", "statistics", "collation", "server", "language", "secret":
            hint = "Nothing of this kind can be defined."
        default:
            throw unexpected(oneOf: ["dataset", "catalog", "tenant", "user"])
        }
        let command = ([verb.uppercased()] + words + [object.uppercased()]).joined(separator: " ")
        return RefusedStatement(reason: .notSupported, command: command, hint: hint, position: start)
    }
}
