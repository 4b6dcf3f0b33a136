// The table's metadata file (Iceberg specification, "Table Metadata", format version 2) with one snapshot.
internal import Base

struct TableMetadata {
    var uuid: String
    var location: String
    var schema: TableSchema
    var spec: PartitionSpec
    var snapshotID: Int64
    var sequence: Int64
    var timestampMS: Int64
    var manifestList: String
    var manifest: Manifest

    var json: JSON {
        [
            "format-version": 2, "table-uuid": .string(uuid), "location": .string(location),
            "last-sequence-number": .integer(sequence), "last-updated-ms": .integer(timestampMS),
            "last-column-id": .integer(Int64(schema.fields.count)),
            "schemas": [schema.json], "current-schema-id": 0,
            "partition-specs": [spec.json], "default-spec-id": 0, "last-partition-id": .integer(Int64(spec.lastFieldID)),
            "sort-orders": [["order-id": 0, "fields": []]], "default-sort-order-id": 0,
            "properties": ["write.format.default": "parquet"],
            "current-snapshot-id": .integer(snapshotID),
            "refs": ["main": ["snapshot-id": .integer(snapshotID), "type": "branch"]],
            "snapshots": [snapshot],
            "snapshot-log": [["timestamp-ms": .integer(timestampMS), "snapshot-id": .integer(snapshotID)]],
            "metadata-log": [], "statistics": [], "partition-statistics": [],
        ]
    }

    private var snapshot: JSON {
        let files = String(manifest.files.count)
        let rows = String(manifest.rows)
        let bytes = String(manifest.bytes)
        return [
            "snapshot-id": .integer(snapshotID), "sequence-number": .integer(sequence), "timestamp-ms": .integer(timestampMS),
            "manifest-list": .string(manifestList), "schema-id": 0,
            "summary": [
                "operation": "append", "added-data-files": .string(files), "added-records": .string(rows),
                "added-files-size": .string(bytes), "total-data-files": .string(files), "total-records": .string(rows),
                "total-files-size": .string(bytes), "total-delete-files": "0", "total-position-deletes": "0",
                "total-equality-deletes": "0",
            ],
        ]
    }
}
