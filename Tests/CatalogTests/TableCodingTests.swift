import Base
import Columnar
import Testing

@testable import Catalog

@Suite struct TableCodingTests {
    private var table: TableDefinition {
        TableDefinition(
            id: TableID(20_000), schema: "shop", name: "Orders",
            columns: [
                TableColumn(
                    attributeNumber: 1, name: "id", type: .bigInt, isNotNull: true, identity: ColumnIdentity(.byDefault, sequence: TableID(7))),
                TableColumn(
                    attributeNumber: 3, name: "prix", type: .decimal(width: 10, scale: 2), defaultSQL: "1.5", comment: "in \"€\""),
                TableColumn(attributeNumber: 4, name: "t", type: .varchar, modifier: .length(20), generatedSQL: "upper('a')"),
                TableColumn(attributeNumber: 5, name: "c", type: .list(.enumeration(["a", "b"])), modifier: .fixedLength(3)),
                TableColumn(attributeNumber: 6, name: "m", type: .map(key: .varchar, value: .json), modifier: .precision(3)),
            ], nextAttributeNumber: 9,
            keys: [KeyConstraint(id: TableID(1), name: "pk", kind: .primary, columns: [1, 3], index: TableID(2), nullsNotDistinct: true)],
            checks: [CheckConstraint(id: TableID(3), name: "positive", sql: "prix > 0")],
            foreignKeys: [
                ForeignKey(
                    id: TableID(4), name: "fk", columns: [1], referencedTable: TableID(5), referencedColumns: [2], onDelete: .cascade,
                    onUpdate: .setNull)
            ],
            indexes: [
                IndexDefinition(
                    id: TableID(2), name: "pk", keys: [.init(.column(1)), .init(.expression("lower(t)"), isDescending: true)], isUnique: true,
                    comment: "c")
            ], owner: "ana",
            privileges: [PrivilegeGrant(grantee: "bo", privileges: [.select, .insert], grantable: [.select], grantor: "ana")],
            comment: "x", isTemporary: true)
    }

    private var whole: TableCatalog {
        var catalog = TableCatalog()
        catalog.put(SchemaDefinition(id: TableID(6), name: "shop", owner: "ana", comment: "s"))
        catalog.put(table)
        catalog.put(
            SequenceDefinition(
                id: TableID(7), schema: "shop", name: "seq", type: .integer, start: -5, increment: -1, minimum: .min, maximum: 9,
                cycles: true, cache: 4, ownedBy: .init(table: TableID(20_000), attributeNumber: 1), owner: "ana"))
        catalog.put(
            ViewDefinition(
                id: TableID(8), schema: "shop", name: "v", sql: "SELECT 1", columns: [ColumnDefinition("a", .integer)],
                reads: [TableID(20_000)], owner: "ana"))
        catalog.version = 12
        return catalog
    }

    private func expectSame(_ left: TableCatalog, _ right: TableCatalog) {
        #expect(left.tables == right.tables)
        #expect(left.views == right.views)
        #expect(left.sequences == right.sequences)
        #expect(left.schemas == right.schemas)
        #expect(left.version == right.version)
    }

    @Test func catalogsComeBackFromText() throws {
        var read = TableCatalog()
        let text = try JSON.parse(whole.coded.text())
        let isRead = read.apply(text)
        #expect(isRead)
        expectSame(read, whole)
        #expect(read.table(schema: "shop", name: "orders")?.id == TableID(20_000))
    }

    @Test func differencesTurnOneIntoTheOther() throws {
        var other = whole
        other.remove(TableID(8))
        other.remove(TableID(7))
        var renamed = table
        renamed.name = "bills"
        var second = table
        second.id = TableID(30_000)
        second.indexes = []
        other.put(renamed)
        other.put(second)
        other.put(SchemaDefinition(id: TableID(99), name: "new", owner: "bo"))
        other.version = 40
        for (from, to) in [(whole, other), (other, whole), (whole, whole), (TableCatalog(), other), (other, TableCatalog())] {
            var read = from
            let isRead = read.apply(try JSON.parse(from.difference(to: to).text()))
            #expect(isRead)
            expectSame(read, to)
        }
        #expect(whole.difference(to: whole)["tables"]?.array?.isEmpty == true)
    }

    @Test func whatIsNoDefinitionIsRefused() throws {
        for json in [["tables": [["id": 1]]], ["views": ["x"]], ["removed": ["x"]]] as [JSON] {
            var catalog = TableCatalog()
            let isRead = catalog.apply(json)
            #expect(!isRead)
        }
    }
}
