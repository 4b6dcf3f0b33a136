// The Avro schemas of Iceberg v2's manifests and manifest lists (Iceberg specification, "Manifests" and "Manifest Lists").
// Readers find fields by `field-id`, so every field carries one.
internal import Base

enum ManifestSchema {
    private static func field(_ name: String, _ id: Int, _ type: JSON) -> JSON {
        ["name": .string(name), "type": type, "field-id": .integer(Int64(id))]
    }

    private static func optional(_ name: String, _ id: Int, _ type: JSON) -> JSON {
        ["name": .string(name), "type": ["null", type], "default": nil, "field-id": .integer(Int64(id))]
    }

    /// Iceberg's maps with integer keys: an Avro array of key and value records.
    private static func map(_ name: String, _ id: Int, key: Int, value: Int, _ valueType: JSON) -> JSON {
        optional(
            name, id,
            [
                "type": "array", "logicalType": "map",
                "items": [
                    "type": "record", "name": .string("k\(key)_v\(value)"),
                    "fields": [field("key", key, "int"), field("value", value, valueType)],
                ],
            ])
    }

    static func entry(partition: JSON) -> JSON {
        [
            "type": "record", "name": "manifest_entry",
            "fields": [
                field("status", 0, "int"), optional("snapshot_id", 1, "long"), optional("sequence_number", 3, "long"),
                optional("file_sequence_number", 4, "long"), field("data_file", 2, dataFile(partition)),
            ],
        ]
    }

    private static func dataFile(_ partition: JSON) -> JSON {
        [
            "type": "record", "name": "r2",
            "fields": [
                field("content", 134, "int"), field("file_path", 100, "string"), field("file_format", 101, "string"),
                field("partition", 102, partition), field("record_count", 103, "long"),
                field("file_size_in_bytes", 104, "long"),
                map("column_sizes", 108, key: 117, value: 118, "long"), map("value_counts", 109, key: 119, value: 120, "long"),
                map("null_value_counts", 110, key: 121, value: 122, "long"),
                map("lower_bounds", 125, key: 126, value: 127, "bytes"), map("upper_bounds", 128, key: 129, value: 130, "bytes"),
                optional("sort_order_id", 140, "int"),
            ],
        ]
    }

    static func partition(_ spec: PartitionSpec) -> JSON {
        let fields: [JSON] = spec.name.map { [optional($0, PartitionSpec.firstFieldID, "int")] } ?? []
        return ["type": "record", "name": "r102", "fields": .array(fields)]
    }

    static let list: JSON = [
        "type": "record", "name": "manifest_file",
        "fields": [
            field("manifest_path", 500, "string"), field("manifest_length", 501, "long"),
            field("partition_spec_id", 502, "int"), field("content", 517, "int"), field("sequence_number", 515, "long"),
            field("min_sequence_number", 516, "long"), field("added_snapshot_id", 503, "long"),
            field("added_files_count", 504, "int"), field("existing_files_count", 505, "int"),
            field("deleted_files_count", 506, "int"), field("added_rows_count", 512, "long"),
            field("existing_rows_count", 513, "long"), field("deleted_rows_count", 514, "long"),
            optional("partitions", 507, ["type": "array", "element-id": 508, "items": summary]),
        ],
    ]

    private static let summary: JSON = [
        "type": "record", "name": "r508",
        "fields": [
            field("contains_null", 509, "boolean"), optional("contains_nan", 518, "boolean"),
            optional("lower_bound", 510, "bytes"), optional("upper_bound", 511, "bytes"),
        ],
    ]
}
