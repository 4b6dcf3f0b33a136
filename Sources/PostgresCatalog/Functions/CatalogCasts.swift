// Casts of the types that carry PostgreSQL's names. Those that only change the name are DuckDB's own casts between the
// representations; those below look names up in the current model.
internal import Base
internal import Columnar
internal import DuckDBKit

struct CatalogCasts: Sendable {
    let model: @Sendable () -> PostgresModel

    /// Casts by representation, with their cost where they may go unwritten.
    func plain(_ body: (DataType, DataType, Int64?) throws(LeibrixError) -> Void) throws(LeibrixError) {
        for name in SystemType.texts {
            let type = DataType.alias(name, .varchar)
            try body(type, .varchar, 1)
            try body(.varchar, type, nil)
            for other in SystemType.texts where other != name { try body(type, .alias(other, .varchar), nil) }
        }
        let numbers = SystemType.numbers.map(SystemType.number)
        for type in numbers {
            for (target, cost) in [(DataType.bigInt, 1), (.hugeInt, 2)] {
                try body(type, target, Int64(cost))
            }
            for target in [DataType.integer, .smallInt, .double, .unsignedInteger, .unsignedBigInt] { try body(type, target, nil) }
            for source in [DataType.integer, .smallInt, .bigInt, .unsignedInteger, .unsignedBigInt, .hugeInt] {
                try body(source, type, nil)
            }
            for other in numbers where other != type { try body(type, other, 5) }
        }
        for plainNumber in ["oid", "xid", "cid"] {
            try body(.varchar, SystemType.number(plainNumber), nil)
            try body(SystemType.number(plainNumber), .varchar, nil)
            for source in SystemType.texts { try body(.alias(source, .varchar), SystemType.number(plainNumber), nil) }
        }
    }

    /// Casts that read the model: names of objects to their numbers and back.
    var named: [CastFunction] {
        SystemType.numbers.filter { $0.hasPrefix("reg") }.flatMap { name in
            let type = SystemType.number(name)
            let (model, lookup, spell) = (model, Self.lookup(name), Self.spelling(name))
            let read: @Sendable (Value) throws(LeibrixError) -> Value = { value throws(LeibrixError) in
                if value.text == "-" { return 0 }
                if let number = UInt32(value.text.trimmed) { return .integer(Int64(number)) }
                return .integer(Int64(try lookup(model(), value.text)))
            }
            return [
                CastFunction(from: .varchar, to: type, body: read), CastFunction(from: SystemType.name, to: type, body: read),
                CastFunction(from: type, to: .varchar) { value in
                    value.number == 0 ? "-" : .string(spell(model(), value.number) ?? String(value.number))
                },
            ]
        } + vectors
    }

    private typealias Lookup = @Sendable (PostgresModel, String) throws(LeibrixError) -> UInt32

    private static func lookup(_ type: String) -> Lookup {
        switch type {
        case "regclass": { (model, text) throws(LeibrixError) in try model.requiredRelation(text).oid }
        case "regtype": { (model, text) throws(LeibrixError) in
                guard let oid = TypeNames.oid(text, model) else { throw undefined("type", text) }
                return oid
            }
        case "regproc", "regprocedure": { (model, text) throws(LeibrixError) in
                guard let function = model.function(named: text) else { throw undefined("function", text, .undefinedFunction) }
                return function.oid
            }
        case "regnamespace": { (model, text) throws(LeibrixError) in
                let name = try SQLName(text).name
                guard let schema = model.schemas.first(where: { $0.name == name }) else { throw undefined("schema", text, .undefinedSchema) }
                return schema.oid
            }
        case "regrole": { (model, text) throws(LeibrixError) in
                let name = try SQLName(text).name
                guard let role = model.roles.first(where: { $0.name == name }) else { throw undefined("role", text) }
                return role.oid
            }
        default: { (_, text) throws(LeibrixError) in throw undefined(type, text) }
        }
    }

    private static func undefined(_ kind: String, _ name: String, _ code: ErrorCode = .undefinedObject) -> LeibrixError {
        LeibrixError(code, "\(kind) \"\(name)\" does not exist", hint: "Look in pg_catalog for what there is.")
    }

    /// nil: there is no such object, and PostgreSQL writes the number.
    private static func spelling(_ type: String) -> @Sendable (PostgresModel, UInt32) -> String? {
        switch type {
        case "regclass": { model, oid in model.relation(oid: oid)?.sqlName }
        case "regtype": { model, oid in
                let name = TypeNames.sqlName(oid, modifier: nil, model)
                return name == "???" ? nil : name
            }
        case "regproc": { model, oid in model.function(oid: oid)?.name }
        case "regprocedure": { model, oid in
                model.function(oid: oid).map { function in
                    "\(function.name)(\(function.arguments.map { TypeNames.sqlName($0, modifier: nil, model) }.joined(separator: ",")))"
                }
            }
        case "regnamespace": { model, oid in model.schemas.first { $0.oid == oid }.map { SQLName.quoted($0.name) } }
        case "regrole": { model, oid in model.roles.first { $0.oid == oid }.map { SQLName.quoted($0.name) } }
        default: { _, _ in nil }
        }
    }

    /// `1 2 3`, as PostgreSQL writes vectors.
    private var vectors: [CastFunction] {
        [SystemType.int2vector, SystemType.oidvector].map { type in
            CastFunction(from: type, to: .varchar) { value in
                guard case .list(let items) = value else { return .null }
                return .string(items.map { String($0.signed) }.joined(separator: " "))
            }
        }
    }
}
