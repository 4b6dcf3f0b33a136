internal import Catalog
internal import Columnar

extension DataType {
    /// pg_type.typlen: bytes of a value, -1 when it varies.
    var postgresLength: Int16 { PostgresType[postgres.oid]?.length ?? -1 }
}
