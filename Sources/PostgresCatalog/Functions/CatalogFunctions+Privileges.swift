// has_…_privilege and pg_has_role. Tables, views, sequences and schemas have privileges of their own; datasets are read by everybody
// who has a session, and written by no one. Without a user they are asked for the session's, whom the rewriter puts in front.
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
        let kind = String(name.dropFirst("has_".count).dropLast("_privilege".count))
        let objects = name == "has_column_privilege" ? 2 : 1
        let hasUser = parameters.count == objects + 2
        return strict(name, parameters, .boolean) { (model, values) throws(LeibrixError) in
            let role = hasUser ? try Self.role(values[0], model) : nil
            let object = values[hasUser ? 1 : 0]
            // Any of several privileges, each perhaps with the right to pass it on.
            for item in values[values.count - 1].text.uppercased().split(separator: ",") {
                var word = String(item).trimmed
                let mayGrant = word.hasSuffix(" WITH GRANT OPTION")
                if mayGrant { word = String(word.dropLast(" WITH GRANT OPTION".count)).trimmed }
                guard Self.granted.contains(word) || Self.refused.contains(word) else {
                    throw LeibrixError(.invalidOption, "unrecognized privilege type: \"\(word)\"", hint: "SELECT, USAGE, CONNECT ..")
                }
                if let role, name == "pg_has_role" {
                    if let other = try Self.role(object, model), role.isSuperuser || role.roles.contains(other.name) { return true }
                } else if let role, let answer = try Self.allows(kind, object, word, mayGrant, role, model) {
                    if answer { return true }
                } else if Self.granted.contains(word), !mayGrant {
                    return true
                }
            }
            return false
        }
    }

    /// nil is everybody.
    private static func role(_ value: Value, _ model: PostgresModel) throws(LeibrixError) -> DescribedRole? {
        if case .string(let name) = value {
            if name == "public" { return DescribedRole(oid: 0, name: name, isSuperuser: false, roles: []) }
            if let role = model.role(named: name) { return role }
            throw LeibrixError(.undefinedObject, "role \"\(name)\" does not exist", hint: "SHOW USERS lists them.")
        }
        return model.roles.first { $0.oid == value.number }
    }

    /// Of objects that have privileges of their own; nil for the others.
    private static func allows(
        _ kind: String, _ object: Value, _ word: String, _ mayGrant: Bool, _ role: DescribedRole, _ model: PostgresModel
    ) throws(LeibrixError) -> Bool? {
        switch kind {
        case "table", "sequence", "column", "any_column":
            if case .string(let name) = object {
                return model.allows(word, mayGrant: mayGrant, on: try model.requiredRelation(name), to: role)
            }
            return model.relation(oid: object.number).map { model.allows(word, mayGrant: mayGrant, on: $0, to: role) } ?? false
        case "schema":
            if case .string(let name) = object {
                guard model.schemas.contains(where: { $0.name == name }) else {
                    throw LeibrixError(.undefinedSchema, "schema \"\(name)\" does not exist", hint: "SHOW SCHEMAS lists what there is.")
                }
                return model.allows(word, mayGrant: mayGrant, onSchema: name, to: role)
            }
            return model.schemas.first { $0.oid == object.number }.map { model.allows(word, mayGrant: mayGrant, onSchema: $0.name, to: role) } ?? false
        default: return nil
        }
    }
}
