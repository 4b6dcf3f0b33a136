// Writes a query's rows as a new Iceberg table, format version 2, on a local disk.
//
// 1. DuckDB's COPY writes the Parquet files with Iceberg's field ids and says, per file, rows, bytes and bounds.
// 2. The manifest and the manifest list are written from that.
// 3. The metadata file is written, then the version hint: a reader sees the whole table or none.
//
//   LOCATION/data/…parquet                     or data/COLUMN_month=YYYY-MM/…parquet
//   LOCATION/metadata/UUID-m0.avro             the manifest
//   LOCATION/metadata/snap-ID-0-UUID.avro      the manifest list
//   LOCATION/metadata/v1.metadata.json         and version-hint.text with "1"
public import Base
internal import Columnar
public import DuckDBKit
internal import Platform

public struct IcebergTableWriter: Sendable {
    /// The table's folder: absolute, without a slash at the end.
    public let location: String
    /// Rows as SQL that `connection` can run, a SELECT.
    public let query: String
    /// A DATE column whose months split the files; nil for files by size alone.
    public let monthColumn: String?
    /// Whether the months are the table's partitions too. Without, each file's bounds say which month it holds, and writers
    /// that know no transforms can append.
    public let isPartitioned: Bool
    /// Where unpartitioned files are cut.
    public var fileBytesMax = 64 << 20

    public init(location: String, query: String, monthColumn: String? = nil, isPartitioned: Bool = true) {
        self.location = location
        self.query = query
        self.monthColumn = monthColumn
        self.isPartitioned = isPartitioned
    }

    /// What was written.
    public struct Written: Sendable, Hashable {
        public var rows: Int
        public var bytes: Int
        public var files: Int
        public var metadataFile: String
    }

    public static func metadataFile(of location: String) -> String { "\(location)/metadata/v1.metadata.json" }

    /// Blocks until the table is on disk. A folder left by an earlier attempt is replaced.
    public func write(_ connection: Connection, nowMS: Int64) throws(LeibrixError) -> Written {
        try Files.removeTree(location)
        try Files.createDirectory(location + "/metadata")
        let columns = try connection.prepare(query).columns ?? []
        let schema = try TableSchema(columns)
        let spec: PartitionSpec = if let monthColumn { try .month(of: monthColumn, in: schema) } else { .none }
        let files = try copy(connection, schema, spec)
        let declared = isPartitioned ? spec : .none
        let uuid = Self.uuid()
        let snapshotID = Int64(Random.integer(UInt64.self) >> 2)
        let manifest = Manifest(schema: schema, spec: declared, snapshotID: snapshotID, files: files)
        let manifestPath = "\(location)/metadata/\(uuid)-m0.avro"
        let listPath = "\(location)/metadata/snap-\(snapshotID)-0-\(uuid).avro"
        let encoded = manifest.encoded()
        try Files.replace(manifestPath, with: encoded)
        try Files.replace(listPath, with: manifest.list(path: manifestPath, length: encoded.count, sequence: 1))
        let metadata = TableMetadata(
            uuid: Self.uuid(), location: location, schema: schema, spec: declared, snapshotID: snapshotID, sequence: 1,
            timestampMS: nowMS, manifestList: listPath, manifest: manifest)
        let metadataFile = Self.metadataFile(of: location)
        try Files.replace(metadataFile, with: Array(metadata.json.text(indent: true).utf8))
        try Files.replace("\(location)/metadata/version-hint.text", with: Array("1".utf8))
        return Written(rows: manifest.rows, bytes: manifest.bytes, files: files.count, metadataFile: metadataFile)
    }

    /// RFC 9562's version 4.
    private static func uuid() -> String {
        var bytes = Random.bytes(16)
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        let hex = bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
        return [hex[0..<4], hex[4..<6], hex[6..<8], hex[8..<10], hex[10..<16]].map { $0.joined() }.joined(separator: "-")
    }
}
