import Catalog
import Columnar
import Testing

@Suite struct TableCatalogTests {
    static func table(_ id: UInt32, _ schema: String, _ name: String, index: String? = nil) -> TableDefinition {
        TableDefinition(
            id: TableID(id), schema: schema, name: name,
            columns: [TableColumn(attributeNumber: 1, name: "Id", type: .bigInt, isNotNull: true)],
            indexes: index.map {
                [IndexDefinition(id: TableID(id + 1), name: $0, keys: [.init(.column(1))], isUnique: true)]
            } ?? [], owner: "admin")
    }

    @Test func `A table and its indexes are found by name, in any case`() {
        var catalog = TableCatalog()
        catalog.put(Self.table(16_384, "public", "Orders", index: "orders_pkey"))
        #expect(catalog.table(schema: "PUBLIC", name: "orders")?.name == "Orders")
        #expect(catalog.lookup(schema: "public", name: "ORDERS_pkey") == .index(TableID(16_385), of: TableID(16_384)))
        #expect(catalog.lookup(schema: "other", name: "orders") == nil)
        #expect(catalog.table(ofIndex: TableID(16_385))?.id == TableID(16_384))
        #expect(catalog.table(TableID(16_384))?.position(ofColumn: "ID") == 0)
    }

    @Test func `Renaming a table frees its old name and those of dropped indexes`() {
        var catalog = TableCatalog()
        catalog.put(Self.table(16_384, "public", "a", index: "a_pkey"))
        let before = catalog
        catalog.put(Self.table(16_384, "s", "b"))
        #expect(catalog.lookup(schema: "public", name: "a") == nil)
        #expect(catalog.lookup(schema: "public", name: "a_pkey") == nil)
        #expect(catalog.table(schema: "s", name: "b") != nil)
        #expect(before.table(schema: "public", name: "a") != nil, "a copy is untouched")
    }

    @Test func `Removing leaves others alone`() {
        var catalog = TableCatalog()
        catalog.put(Self.table(16_384, "public", "a", index: "a_pkey"))
        catalog.put(ViewDefinition(id: TableID(16_390), schema: "public", name: "v", sql: "SELECT 1", columns: [], owner: "admin"))
        catalog.put(SequenceDefinition(id: TableID(16_391), schema: "public", name: "q", owner: "admin"))
        catalog.remove(TableID(16_384))
        #expect(catalog.lookup(schema: "public", name: "a_pkey") == nil)
        #expect(catalog.lookup(schema: "public", name: "v") == .view(TableID(16_390)))
        #expect(catalog.tables.isEmpty && !catalog.isEmpty)
        catalog.remove(TableID(16_391))
        catalog.remove(TableID(16_390))
        #expect(catalog.isEmpty)
    }

    @Test func `Schemas are renamed by id, and public is always there`() {
        var catalog = TableCatalog()
        #expect(catalog.hasSchema("Public") && !catalog.hasSchema("s"))
        catalog.put(SchemaDefinition(id: TableID(16_384), name: "s", owner: "admin"))
        catalog.put(SchemaDefinition(id: TableID(16_384), name: "T", owner: "admin"))
        #expect(catalog.schemas.map(\.name) == ["T"])
        catalog.removeSchema("t")
        #expect(catalog.schemas.isEmpty)
    }
}
