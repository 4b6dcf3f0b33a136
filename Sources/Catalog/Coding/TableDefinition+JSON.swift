// Definitions of tables, views, sequences and schemas as JSON, for logs and checkpoints. What `coded` writes, `init(coded:)`
// reads; nil for anything else. Members that are missing are nil, false or empty, so that older logs can be read.
package import Base
internal import Columnar

extension JSON {
    fileprivate func id(_ name: String) -> TableID? { self[name]?.integer.flatMap { UInt32(exactly: $0) }.map { TableID($0) } }
    fileprivate func attribute(_ name: String) -> Int16? { self[name]?.integer.flatMap { Int16(exactly: $0) } }
    fileprivate func attributes(_ name: String) -> [Int16]? {
        self[name]?.array.map { $0.compactMap { $0.integer.flatMap { Int16(exactly: $0) } } }
    }
    fileprivate func flag(_ name: String) -> Bool { self[name]?.bool ?? false }

    /// Every item, or nil when one does not decode; nothing at all is an empty list.
    fileprivate func list<T>(_ name: String, _ decode: (JSON) -> T?) -> [T]? {
        guard let items = self[name]?.array else { return [] }
        let decoded = items.compactMap(decode)
        return decoded.count == items.count ? decoded : nil
    }
}

extension TableID {
    fileprivate var coded: JSON { .integer(Int64(rawValue)) }
}

extension [Int16] {
    fileprivate var coded: JSON { .array(map { .integer(Int64($0)) }) }
}

extension TableDefinition {
    package var coded: JSON {
        [
            "id": id.coded, "schema": .string(schema), "name": .string(name), "columns": .array(columns.map(\.coded)),
            "nextAttribute": .integer(Int64(nextAttributeNumber)), "keys": .array(keys.map(\.coded)),
            "checks": .array(checks.map(\.coded)), "foreignKeys": .array(foreignKeys.map(\.coded)),
            "indexes": .array(indexes.map(\.coded)), "owner": .string(owner), "privileges": .array(privileges.map(\.coded)),
            "comment": .optional(comment), "temporary": .bool(isTemporary),
        ]
    }

    package init?(coded json: JSON) {
        guard let id = json.id("id"), let schema = json["schema"]?.string, let name = json["name"]?.string,
            let columns = json.list("columns", { TableColumn(coded: $0) }), let keys = json.list("keys", { KeyConstraint(coded: $0) }),
            let checks = json.list("checks", { CheckConstraint(coded: $0) }),
            let foreignKeys = json.list("foreignKeys", { ForeignKey(coded: $0) }),
            let indexes = json.list("indexes", { IndexDefinition(coded: $0) }), let owner = json["owner"]?.string,
            let privileges = json.list("privileges", { PrivilegeGrant(coded: $0) })
        else { return nil }
        self.init(
            id: id, schema: schema, name: name, columns: columns, nextAttributeNumber: json.attribute("nextAttribute"), keys: keys,
            checks: checks, foreignKeys: foreignKeys, indexes: indexes, owner: owner, privileges: privileges,
            comment: json["comment"]?.string, isTemporary: json.flag("temporary"))
    }
}

extension TableColumn {
    fileprivate var coded: JSON {
        [
            "attribute": .integer(Int64(attributeNumber)), "name": .string(name), "type": type.coded,
            "modifier": modifier?.coded ?? .null, "notNull": .bool(isNotNull), "default": .optional(defaultSQL),
            "generated": .optional(generatedSQL), "identity": identity?.coded ?? .null, "comment": .optional(comment),
            "userType": userType?.coded ?? .null,
        ]
    }

    fileprivate init?(coded json: JSON) {
        guard let attribute = json.attribute("attribute"), let name = json["name"]?.string,
            let type = json["type"].flatMap({ DataType(coded: $0) })
        else { return nil }
        self.init(
            attributeNumber: attribute, name: name, type: type, modifier: json["modifier"].flatMap { TypeModifier(coded: $0) },
            isNotNull: json.flag("notNull"), defaultSQL: json["default"]?.string, generatedSQL: json["generated"]?.string,
            identity: json["identity"].flatMap { ColumnIdentity(coded: $0) }, comment: json["comment"]?.string)
        userType = json.id("userType")
    }
}

extension TypeModifier {
    fileprivate var coded: JSON {
        switch self {
        case .length(let count): ["length": .integer(Int64(count))]
        case .fixedLength(let count): ["fixedLength": .integer(Int64(count))]
        case .precision(let digits): ["precision": .integer(Int64(digits))]
        }
    }

    fileprivate init?(coded json: JSON) {
        guard let member = json.members?.first, let number = member.value.integer else { return nil }
        switch member.name {
        case "length": self = .length(Int(number))
        case "fixedLength": self = .fixedLength(Int(number))
        case "precision": self = .precision(Int(number))
        default: return nil
        }
    }
}

extension ColumnIdentity {
    fileprivate var coded: JSON { ["kind": .string(kind.rawValue), "sequence": sequence.coded] }

    fileprivate init?(coded json: JSON) {
        guard let kind = json["kind"]?.string.flatMap({ Kind(rawValue: $0) }), let sequence = json.id("sequence") else { return nil }
        self.init(kind, sequence: sequence)
    }
}

// MARK: Constraints and indexes

extension KeyConstraint {
    fileprivate var coded: JSON {
        [
            "id": id.coded, "name": .string(name), "kind": .string(kind.rawValue), "columns": columns.coded, "index": index.coded,
            "nullsNotDistinct": .bool(nullsNotDistinct),
        ]
    }

    fileprivate init?(coded json: JSON) {
        guard let id = json.id("id"), let name = json["name"]?.string, let kind = json["kind"]?.string.flatMap({ Kind(rawValue: $0) }),
            let columns = json.attributes("columns"), let index = json.id("index")
        else { return nil }
        self.init(id: id, name: name, kind: kind, columns: columns, index: index, nullsNotDistinct: json.flag("nullsNotDistinct"))
    }
}

extension CheckConstraint {
    fileprivate var coded: JSON { ["id": id.coded, "name": .string(name), "sql": .string(sql)] }

    fileprivate init?(coded json: JSON) {
        guard let id = json.id("id"), let name = json["name"]?.string, let sql = json["sql"]?.string else { return nil }
        self.init(id: id, name: name, sql: sql)
    }
}

extension ForeignKey {
    fileprivate var coded: JSON {
        [
            "id": id.coded, "name": .string(name), "columns": columns.coded, "references": referencedTable.coded,
            "referencedColumns": referencedColumns.coded, "onDelete": .string(onDelete.rawValue), "onUpdate": .string(onUpdate.rawValue),
            "deferrable": .bool(isDeferrable), "deferred": .bool(isDeferred),
        ]
    }

    fileprivate init?(coded json: JSON) {
        guard let id = json.id("id"), let name = json["name"]?.string, let columns = json.attributes("columns"),
            let table = json.id("references"), let referenced = json.attributes("referencedColumns"),
            let onDelete = json["onDelete"]?.string.flatMap({ Action(rawValue: $0) }),
            let onUpdate = json["onUpdate"]?.string.flatMap({ Action(rawValue: $0) })
        else { return nil }
        self.init(
            id: id, name: name, columns: columns, referencedTable: table, referencedColumns: referenced, onDelete: onDelete,
            onUpdate: onUpdate)
        isDeferrable = json.flag("deferrable")
        isDeferred = json.flag("deferred")
    }
}

extension IndexDefinition {
    fileprivate var coded: JSON {
        [
            "id": id.coded, "name": .string(name), "keys": .array(keys.map(\.coded)), "unique": .bool(isUnique),
            "nullsNotDistinct": .bool(nullsNotDistinct), "method": .string(method), "comment": .optional(comment),
        ]
    }

    fileprivate init?(coded json: JSON) {
        guard let id = json.id("id"), let name = json["name"]?.string, let keys = json.list("keys", { Key(coded: $0) }) else { return nil }
        self.init(
            id: id, name: name, keys: keys, isUnique: json.flag("unique"), nullsNotDistinct: json.flag("nullsNotDistinct"),
            method: json["method"]?.string ?? "btree", comment: json["comment"]?.string)
    }
}

extension IndexDefinition.Key {
    fileprivate var coded: JSON {
        switch part {
        case .column(let number): ["column": .integer(Int64(number)), "descending": .bool(isDescending)]
        case .expression(let sql): ["expression": .string(sql), "descending": .bool(isDescending)]
        }
    }

    fileprivate init?(coded json: JSON) {
        if let number = json.attribute("column") {
            self.init(.column(number), isDescending: json.flag("descending"))
        } else if let sql = json["expression"]?.string {
            self.init(.expression(sql), isDescending: json.flag("descending"))
        } else {
            return nil
        }
    }
}

extension PrivilegeGrant {
    fileprivate var coded: JSON {
        func names(_ privileges: Set<TablePrivilege>) -> JSON { .array(privileges.map(\.rawValue).sorted().map { .string($0) }) }
        return [
            "grantee": .string(grantee), "privileges": names(privileges), "grantable": names(grantable), "grantor": .string(grantor),
        ]
    }

    fileprivate init?(coded json: JSON) {
        func privileges(_ name: String) -> Set<TablePrivilege> {
            Set((json[name]?.array ?? []).compactMap { $0.string.flatMap { TablePrivilege(rawValue: $0) } })
        }
        guard let grantee = json["grantee"]?.string, let grantor = json["grantor"]?.string else { return nil }
        self.init(grantee: grantee, privileges: privileges("privileges"), grantable: privileges("grantable"), grantor: grantor)
    }
}

// MARK: Views, sequences, schemas

extension ViewDefinition {
    package var coded: JSON {
        [
            "id": id.coded, "schema": .string(schema), "name": .string(name), "sql": .string(sql),
            "definition": .string(definition), "columns": .array(columns.map { ["name": .string($0.name), "type": $0.type.coded] }),
            "reads": .array(reads.map(\.coded)), "owner": .string(owner), "privileges": .array(privileges.map(\.coded)),
            "comment": .optional(comment),
        ]
    }

    package init?(coded json: JSON) {
        guard let id = json.id("id"), let schema = json["schema"]?.string, let name = json["name"]?.string, let sql = json["sql"]?.string,
            let columns = json.list("columns", Self.column), let owner = json["owner"]?.string,
            let reads = json.list("reads", { $0.integer.flatMap { UInt32(exactly: $0) }.map { TableID($0) } }),
            let privileges = json.list("privileges", { PrivilegeGrant(coded: $0) })
        else { return nil }
        self.init(
            id: id, schema: schema, name: name, sql: sql, columns: columns, reads: reads, owner: owner, privileges: privileges,
            comment: json["comment"]?.string)
        definition = json["definition"]?.string ?? sql
    }

    private static func column(_ json: JSON) -> ColumnDefinition? {
        guard let name = json["name"]?.string, let type = json["type"].flatMap({ DataType(coded: $0) }) else { return nil }
        return ColumnDefinition(name, type)
    }
}

extension SequenceDefinition {
    package var coded: JSON {
        [
            "id": id.coded, "schema": .string(schema), "name": .string(name), "type": type.coded, "start": .integer(start),
            "increment": .integer(increment), "minimum": .integer(minimum), "maximum": .integer(maximum), "cycles": .bool(cycles),
            "cache": .integer(cache), "ownedByTable": ownedBy?.table.coded ?? .null,
            "ownedByAttribute": .optional(ownedBy.map { Int64($0.attributeNumber) }), "owner": .string(owner),
            "privileges": .array(privileges.map(\.coded)), "comment": .optional(comment),
        ]
    }

    package init?(coded json: JSON) {
        guard let id = json.id("id"), let schema = json["schema"]?.string, let name = json["name"]?.string,
            let type = json["type"].flatMap({ DataType(coded: $0) }), let start = json["start"]?.integer,
            let increment = json["increment"]?.integer, let minimum = json["minimum"]?.integer, let maximum = json["maximum"]?.integer,
            let owner = json["owner"]?.string, let privileges = json.list("privileges", { PrivilegeGrant(coded: $0) })
        else { return nil }
        var ownedBy: Ownership?
        if let table = json.id("ownedByTable"), let number = json.attribute("ownedByAttribute") {
            ownedBy = Ownership(table: table, attributeNumber: number)
        }
        self.init(
            id: id, schema: schema, name: name, type: type, start: start, increment: increment, minimum: minimum, maximum: maximum,
            cycles: json.flag("cycles"), cache: json["cache"]?.integer ?? 1, ownedBy: ownedBy, owner: owner, privileges: privileges,
            comment: json["comment"]?.string)
    }
}

extension SchemaDefinition {
    package var coded: JSON {
        [
            "id": id.coded, "name": .string(name), "owner": .string(owner), "privileges": .array(privileges.map(\.coded)),
            "comment": .optional(comment), "restricted": .bool(isRestricted),
        ]
    }

    package init?(coded json: JSON) {
        guard let id = json.id("id"), let name = json["name"]?.string, let owner = json["owner"]?.string,
            let privileges = json.list("privileges", { PrivilegeGrant(coded: $0) })
        else { return nil }
        self.init(id: id, name: name, owner: owner, privileges: privileges, comment: json["comment"]?.string)
        isRestricted = json.flag("restricted")
    }
}

extension TypeDefinition {
    package var coded: JSON {
        [
            "id": id.coded, "schema": .string(schema), "name": .string(name), "labels": .array(labels.map { .string($0) }), "owner": .string(owner),
            "comment": .optional(comment),
        ]
    }

    package init?(coded json: JSON) {
        guard let id = json.id("id"), let schema = json["schema"]?.string, let name = json["name"]?.string,
            let labels = json.list("labels", \.string), let owner = json["owner"]?.string
        else { return nil }
        self.init(id: id, schema: schema, name: name, labels: labels, owner: owner, comment: json["comment"]?.string)
    }
}
