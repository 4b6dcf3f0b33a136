// has_…_privilege and pg_has_role. Whoever has a session may read all relations of its instance; they are changed only
// through DATASET statements, so no one has the privileges to write.
internal import Base
internal import Columnar
internal import DuckDBKit

extension CatalogFunctions {
    private static let granted: Set<String> = ["SELECT", "USAGE", "CONNECT", "TEMPORARY", "TEMP", "EXECUTE", "MEMBER"]
    private static let refused: Set<String> = [
        "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "CREATE", "SET", "ALTER SYSTEM",
    ]
    /// Kinds of objects, and how many arguments name one.
    private static let kinds = [
        ("table", 1), ("schema", 1), ("database", 1), ("sequence", 1), ("function", 1), ("language", 1), ("tablespace", 1), ("server", 1),
        ("foreign_data_wrapper", 1), ("type", 1), ("parameter", 1), ("any_column", 1), ("column", 2),
    ]

    var privileges: [ScalarFunction] {
        Self.kinds.flatMap { kind, names in Self.forms(names).map { privilege("has_\(kind)_privilege", $0) } }
            + Self.forms(1).map { privilege("pg_has_role", $0) }
    }

    /// Objects by number or name, with and without a user in front, who again has a number or a name.
    private static func forms(_ names: Int) -> [[DataType]] {
        let single: [[DataType]] = [[.varchar], [.bigInt]]
        let double: [[DataType]] = [[.varchar, .varchar], [.varchar, .bigInt], [.bigInt, .varchar], [.bigInt, .bigInt]]
        var forms: [[DataType]] = []
        for object in names == 1 ? single : double {
            let tail = object + [DataType.varchar]
            forms += [tail, [.varchar] + tail, [.bigInt] + tail]
        }
        return forms
    }

    private func privilege(_ name: String, _ parameters: [DataType]) -> ScalarFunction {
        strict(name, parameters, .boolean) { (_, values) throws(LeibrixError) in
            // Any of several privileges, each perhaps with the right to pass it on, which nobody has.
            for item in values[values.count - 1].text.uppercased().split(separator: ",") {
                var word = String(item).trimmed
                let mayGrant = word.hasSuffix(" WITH GRANT OPTION")
                if mayGrant { word = String(word.dropLast(" WITH GRANT OPTION".count)).trimmed }
                guard Self.granted.contains(word) || Self.refused.contains(word) else {
                    throw LeibrixError(.invalidOption, "unrecognized privilege type: \"\(word)\"", hint: "SELECT, USAGE, CONNECT ..")
                }
                if Self.granted.contains(word), !mayGrant { return true }
            }
            return false
        }
    }
}
