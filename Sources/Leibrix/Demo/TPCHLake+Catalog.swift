// The lake's catalog: the SQLite file that Iceberg's SQL catalogs share (pyiceberg's SqlCatalog, Java's JdbcCatalog), so that
// other writers can append to the same tables.
internal import Base
internal import Columnar
internal import DuckDBKit
internal import Platform

extension TPCHLake {
    /// Name under which SQL catalogs find the tables.
    static let catalogName = "lake"
    var catalogFile: String { root + "/catalog.db" }

    func writeCatalog(_ connection: Connection) throws(LeibrixError) {
        try Files.remove(catalogFile)
        try connection.loadExtension("\(extensions)/sqlite_scanner.duckdb_extension")
        try connection.execute("ATTACH \(Value.string(catalogFile).duckDBLiteral) AS iceberg_catalog (TYPE sqlite)")
        try connection.execute(
            """
            CREATE TABLE iceberg_catalog.iceberg_tables (catalog_name VARCHAR, table_namespace VARCHAR, table_name VARCHAR,
                metadata_location VARCHAR, previous_metadata_location VARCHAR, iceberg_type VARCHAR,
                PRIMARY KEY (catalog_name, table_namespace, table_name));
            CREATE TABLE iceberg_catalog.iceberg_namespace_properties (catalog_name VARCHAR, namespace VARCHAR, property_key VARCHAR,
                property_value VARCHAR, PRIMARY KEY (catalog_name, namespace, property_key));
            INSERT INTO iceberg_catalog.iceberg_namespace_properties VALUES ('\(Self.catalogName)', '\(Self.namespace)', 'exists', 'true');
            """)
        for table in Self.tables {
            let location = Value.string(metadataFile(of: table)).duckDBLiteral
            try connection.execute(
                "INSERT INTO iceberg_catalog.iceberg_tables VALUES ('\(Self.catalogName)', '\(Self.namespace)', '\(table)', \(location), NULL, 'TABLE')")
        }
        try connection.execute("DETACH iceberg_catalog")
    }
}
