// One moment of the catalog as PostgreSQL describes it. Everything here is a pure function of the snapshot: the same
// snapshot gives the same rows and the same numbers. Rows of a relation are made when they are first asked for and kept
// for as long as the model, so a statement that reads pg_class pays for pg_class alone.
internal import Base
internal import Catalog
internal import Columnar
internal import Synchronization

public final class PostgresModel: Sendable {
    public let snapshot: CatalogSnapshot
    let relations: [DescribedRelation]
    let roles: [DescribedRole]
    let databaseOID: UInt32
    let functions: [DescribedFunction]

    private let relationsByOID: [UInt32: DescribedRelation]
    private let relationsByName: [SQLNameKey: DescribedRelation]
    private let relationsByRowType: [UInt32: DescribedRelation]
    private let relationsByArrayType: [UInt32: DescribedRelation]
    private let cache = Mutex<[String: [[Value]]]>([:])

    struct SQLNameKey: Hashable {
        let schema: String
        let name: String
    }

    /// `functions` are those that the engine has besides PostgreSQL's.
    init(_ snapshot: CatalogSnapshot, functions: [DescribedFunction] = []) {
        self.snapshot = snapshot
        self.functions = functions
        var allocator = OIDAllocator()
        databaseOID = allocator.take(SystemOID.derived("database", snapshot.database))
        roles = Self.roles(snapshot, &allocator)
        relations = Self.relations(snapshot, &allocator)
        relationsByOID = Dictionary(uniqueKeysWithValues: relations.map { ($0.oid, $0) })
        relationsByName = Dictionary(relations.map { (SQLNameKey(schema: $0.schema, name: $0.name), $0) }) { first, _ in first }
        relationsByRowType = Dictionary(relations.map { ($0.rowTypeOID, $0) }) { first, _ in first }
        relationsByArrayType = Dictionary(relations.map { ($0.arrayTypeOID, $0) }) { first, _ in first }
    }

    /// System relations first, then users' by schema and name, which fixes who gets which number.
    private static func relations(_ snapshot: CatalogSnapshot, _ allocator: inout OIDAllocator) -> [DescribedRelation] {
        let users = snapshot.relations.sorted { ($0.schema, $0.name) < ($1.schema, $1.name) }
        var relations = TableShape.all.map(DescribedRelation.init(shape:))
        for relation in users {
            let (schema, name) = (relation.schema, relation.name)
            relations.append(
                DescribedRelation(
                    relation, oid: allocator.take(relation.oid ?? SystemOID.derived("relation", schema, name)),
                    rowTypeOID: allocator.take(SystemOID.derived("row type", schema, name)),
                    arrayTypeOID: allocator.take(SystemOID.derived("array type", schema, name))))
            relations += relation.indexes.map { DescribedRelation($0, of: relation, oid: allocator.take($0.oid)) }
        }
        return relations
    }

    private static func roles(_ snapshot: CatalogSnapshot, _ allocator: inout OIDAllocator) -> [DescribedRole] {
        var roles = [DescribedRole(oid: SystemOID.owner, name: snapshot.owner, isSuperuser: true)]
        for role in snapshot.roles.sorted(by: { $0.name < $1.name }) where role.name != snapshot.owner {
            let oid = allocator.take(SystemOID.derived("role", role.name))
            roles.append(
                DescribedRole(oid: oid, name: role.name, isSuperuser: role.isSuperuser, mayLogIn: role.mayLogIn, roles: closure(role.name, snapshot)))
        }
        return roles
    }

    private static func closure(_ name: String, _ snapshot: CatalogSnapshot) -> Set<String> {
        var found: Set<String> = [name]
        var open = [name]
        while let next = open.popLast() {
            for role in snapshot.roles.first(where: { $0.name == next })?.memberOf ?? [] where found.insert(role).inserted { open.append(role) }
        }
        return found
    }

    // MARK: Looking up

    func relation(oid: UInt32) -> DescribedRelation? { relationsByOID[oid] }
    func relation(rowType oid: UInt32) -> DescribedRelation? { oid == 0 ? nil : relationsByRowType[oid] }
    func relation(arrayType oid: UInt32) -> DescribedRelation? { oid == 0 ? nil : relationsByArrayType[oid] }

    /// A relation by its name; without a schema those that need none.
    func relation(_ name: SQLName) -> DescribedRelation? {
        if let schema = name.schema { return relationsByName[SQLNameKey(schema: schema, name: name.name)] }
        return ["public", "pg_catalog"].lazy.compactMap { self.relationsByName[SQLNameKey(schema: $0, name: name.name)] }.first
    }

    /// pg_class's number of a relation, for result columns.
    public func relationOID(schema: String, name: String) -> UInt32? {
        relationsByName[SQLNameKey(schema: schema == "main" ? "public" : schema, name: name)]?.oid
    }

    /// The same with the names of its columns, the first being number 1.
    public func relationNumbers(schema: String, name: String) -> (oid: UInt32, columns: [String])? {
        let schema = schema == "main" ? "public" : schema.lowercased()
        let relation = relationsByName[SQLNameKey(schema: schema, name: name)] ?? relationsByName[SQLNameKey(schema: schema, name: name.lowercased())]
        return relation.map { ($0.oid, $0.columns.map(\.name)) }
    }

    var schemas: [(oid: UInt32, name: String)] {
        let fixed = ["pg_catalog", "information_schema", "public"]
        let others = Set(snapshot.schemas).union(snapshot.relations.map(\.schema)).subtracting(fixed).subtracting(["main"])
        return (fixed + others.sorted()).map { (SystemOID.schema($0), $0) }
    }

    // MARK: Rows

    /// All rows of a system relation that depends on the snapshot alone.
    func rows(_ shape: TableShape) -> [[Value]] {
        let key = "\(shape.schema).\(shape.name)"
        if let known = cache.withLock({ $0[key] }) { return known }
        let made = shape.schema == "pg_catalog" ? catalogRows(shape) : informationRows(shape)
        cache.withLock { $0[key] = made }
        return made
    }
}

/// A relation with its numbers: a system one by its shape, or a user's.
struct DescribedRelation: Sendable {
    struct Column: Sendable {
        let name: String
        let typeOID: UInt32
        let modifier: Int32
        let isNotNull: Bool
        let comment: String?
        let dimensions: Int64
        var defaultSQL: String?
        var isGenerated = false
        var identity = ""
    }

    let oid: UInt32
    let rowTypeOID: UInt32
    let arrayTypeOID: UInt32
    let schema: String
    let name: String
    let kind: String
    let columns: [Column]
    let comment: String?
    let rows: Int64
    let bytes: Int64
    let definition: String?
    let isShared: Bool
    let isSystem: Bool
    var owner: String?
    var isWritable = false
    var privileges: [PrivilegeGrant]?
    var constraints: [CatalogSnapshot.Constraint] = []
    var indexes: [CatalogSnapshot.Index] = []
    var sequence: CatalogSnapshot.Sequence?
    /// What an index is over.
    var indexed: UInt32 = 0

    init(shape: TableShape) {
        oid = shape.oid
        rowTypeOID = shape.rowTypeOID
        arrayTypeOID = shape.arrayTypeOID
        schema = shape.schema
        name = shape.name
        kind = shape.kind
        columns = shape.columns.map { column in
            Column(
                name: column.name, typeOID: PostgresType[column.typeName]?.oid ?? 25, modifier: -1, isNotNull: column.isNotNull,
                comment: nil, dimensions: column.typeName.hasPrefix("_") ? 1 : 0)
        }
        comment = nil
        rows = -1
        bytes = 0
        definition = nil
        isShared = shape.isShared
        isSystem = true
    }

    init(_ relation: CatalogSnapshot.Relation, oid: UInt32, rowTypeOID: UInt32, arrayTypeOID: UInt32) {
        self.oid = oid
        self.rowTypeOID = rowTypeOID
        self.arrayTypeOID = arrayTypeOID
        schema = relation.schema == "main" ? "public" : relation.schema
        name = relation.name
        kind = relation.kind.rawValue
        columns = relation.columns.map { column in
            let type = column.declared ?? column.type.postgres
            return Column(
                name: column.name, typeOID: type.oid, modifier: type.modifier, isNotNull: column.isNotNull, comment: column.comment,
                dimensions: column.type.dimensions, defaultSQL: column.defaultSQL, isGenerated: column.isGenerated, identity: column.identity)
        }
        comment = relation.comment
        rows = relation.rows
        bytes = relation.bytes
        definition = relation.definition
        isShared = false
        isSystem = false
        owner = relation.owner
        isWritable = relation.isWritable
        privileges = relation.privileges
        constraints = relation.constraints
        indexes = relation.indexes
        sequence = relation.sequence
    }

    /// An index, whose columns are those of its key.
    init(_ index: CatalogSnapshot.Index, of relation: CatalogSnapshot.Relation, oid: UInt32) {
        self.oid = oid
        rowTypeOID = 0
        arrayTypeOID = 0
        schema = relation.schema == "main" ? "public" : relation.schema
        name = index.name
        kind = "i"
        columns = index.columns.map { place in
            let column = relation.columns[place - 1]
            let type = column.declared ?? column.type.postgres
            return Column(name: column.name, typeOID: type.oid, modifier: type.modifier, isNotNull: false, comment: nil, dimensions: column.type.dimensions)
        }
        comment = index.comment
        rows = relation.rows
        bytes = 0
        definition = index.definition
        isShared = false
        isSystem = false
        owner = relation.owner
        indexed = relation.oid ?? 0
    }

    /// What holds rows that can be read.
    var isReadable: Bool { kind == "r" || kind == "v" }

    var schemaOID: UInt32 { SystemOID.schema(schema) }
    /// Found without its schema.
    var isVisible: Bool { schema == "public" || schema == "pg_catalog" }
    /// As SQL names it.
    var sqlName: String { isVisible ? SQLName.quoted(name) : "\(SQLName.quoted(schema)).\(SQLName.quoted(name))" }
}

struct DescribedRole: Sendable {
    let oid: UInt32
    let name: String
    let isSuperuser: Bool
    var mayLogIn = true
    /// Itself and all roles that it is a member of.
    var roles: Set<String> = []
}

/// A function for pg_proc.
struct DescribedFunction: Sendable {
    let oid: UInt32
    let name: String
    /// f, a or w
    let kind: String
    let isStrict: Bool
    let returnsSet: Bool
    let volatility: String
    let result: UInt32
    let arguments: [UInt32]
}

extension DataType {
    fileprivate var dimensions: Int64 {
        switch base {
        case .list(let element), .array(let element, _): 1 + element.dimensions
        default: 0
        }
    }
}
