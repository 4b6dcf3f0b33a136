// Types by the names that SQL gives them: format_type, and back from any spelling.
internal import Base
internal import Catalog

enum TypeNames {
    /// pg_type.typname to SQL's name, where they differ.
    private static let sqlNames: [String: String] = [
        "bool": "boolean", "int2": "smallint", "int4": "integer", "int8": "bigint", "float4": "real", "float8": "double precision",
        "bpchar": "character", "varchar": "character varying", "time": "time without time zone", "timetz": "time with time zone",
        "timestamp": "timestamp without time zone", "timestamptz": "timestamp with time zone", "bit": "bit", "varbit": "bit varying",
        "numeric": "numeric", "char": "\"char\"", "interval": "interval",
    ]
    private static let spellings: [String: String] = {
        var spellings: [String: String] = Dictionary(uniqueKeysWithValues: sqlNames.map { ($1, $0) })
        let others = [
            "int": "int4", "decimal": "numeric", "dec": "numeric", "char": "bpchar", "nchar": "bpchar", "string": "text", "float": "float8",
            "double": "float8", "time": "time", "timestamp": "timestamp", "character varying": "varchar",
        ]
        spellings.merge(others) { _, new in new }
        return spellings
    }()

    /// PostgreSQL's format_type. `modifier` nil or -1: without one.
    static func sqlName(_ oid: UInt32, modifier: Int32?, _ model: PostgresModel) -> String {
        if oid == 0 { return "-" }
        guard let type = PostgresType[oid] else { return userName(oid, model) }
        if type.isArray, let element = PostgresType[type.elementOID] { return sqlName(element.oid, modifier: modifier, model) + "[]" }
        let modifier = modifier ?? -1
        switch type.name {
        case "bpchar" where modifier >= 4, "varchar" where modifier >= 4: return "\(sqlNames[type.name]!)(\(modifier - 4))"
        case "bpchar" where modifier == -1: return "character"
        case "numeric" where modifier >= 4: return "numeric(\((modifier - 4) >> 16),\((modifier - 4) & 0x7FF))"
        case "bit" where modifier >= 0, "varbit" where modifier >= 0: return "\(sqlNames[type.name]!)(\(modifier))"
        case "timestamp", "timestamptz", "time", "timetz":
            guard modifier >= 0, let name = sqlNames[type.name], let space = name.firstIndex(of: " ") else { break }
            return "\(name[..<space])(\(modifier))\(name[space...])"
        default: break
        }
        return sqlNames[type.name] ?? SQLName.quoted(type.name)
    }

    private static func userName(_ oid: UInt32, _ model: PostgresModel) -> String {
        if let relation = model.relation(rowType: oid) { return relation.sqlName }
        if let relation = model.relation(arrayType: oid) { return relation.sqlName + "[]" }
        for type in model.snapshot.types {
            // A name is one type in all schemas, so that it needs none.
            let name = SQLName.quoted(type.name)
            if type.id.rawValue == oid { return name }
            if model.arrayOID(of: type) == oid { return name + "[]" }
        }
        for domain in PostgresModel.Domain.all {
            if domain.oid == oid { return "information_schema.\(domain.name)" }
            if domain.arrayOID == oid { return "information_schema.\(domain.name)[]" }
        }
        return "???"
    }

    /// The number of a type by any name that SQL has for it; nil when there is none.
    static func oid(_ text: String, _ model: PostgresModel) -> UInt32? {
        var body = text.trimmed
        if body.hasSuffix("[]") {
            guard let element = oid(String(body.dropLast(2)), model) else { return nil }
            let array =
                PostgresType[element]?.arrayOID ?? model.relation(rowType: element)?.arrayTypeOID
                ?? PostgresModel.Domain.all.first { $0.oid == element }?.arrayOID ?? 0
            return array == 0 ? nil : array
        }
        let plain = withoutModifier(body.lowercased())
        if let name = spellings[plain] { return PostgresType[name]?.oid }
        if body == "\"char\"" { return 18 }
        if body.hasPrefix("pg_catalog.") { body = String(body.dropFirst("pg_catalog.".count)) }
        guard let name = try? SQLName(withoutModifier(body)) else { return nil }
        if name.schema == nil || name.schema == "pg_catalog", let type = PostgresType[name.name] { return type.oid }
        if let type = model.snapshot.types.first(where: { $0.name == name.name && (name.schema ?? $0.schema) == $0.schema }) { return type.id.rawValue }
        if let domain = PostgresModel.Domain.all.first(where: { $0.name == name.name && name.schema == "information_schema" }) {
            return domain.oid
        }
        return model.relation(name)?.rowTypeOID
    }

    /// varchar(10) and timestamp(3) with time zone: what stands without the bracket.
    private static func withoutModifier(_ text: String) -> String {
        guard let open = text.firstIndex(of: "("), let close = text.firstIndex(of: ")"), open < close else { return text }
        return (text[..<open] + text[text.index(after: close)...]).description.trimmed
    }
}

extension String {
    var trimmed: String {
        var slice = self[...]
        while slice.first?.isWhitespace == true { slice.removeFirst() }
        while slice.last?.isWhitespace == true { slice.removeLast() }
        return String(slice)
    }
}
