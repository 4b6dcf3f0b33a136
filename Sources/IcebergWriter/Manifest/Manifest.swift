// One manifest with all of a snapshot's files, and the manifest list that names it.
internal import Base
internal import Columnar

struct Manifest {
    var schema: TableSchema
    var spec: PartitionSpec
    var snapshotID: Int64
    var files: [DataFile]

    var rows: Int { files.reduce(0) { $0 + $1.records } }
    var bytes: Int { files.reduce(0) { $0 + $1.bytes } }

    func encoded() -> [UInt8] {
        AvroFile.bytes(
            schema: ManifestSchema.entry(partition: ManifestSchema.partition(spec)),
            metadata: [
                ("schema", schema.json.text()), ("schema-id", "0"), ("partition-spec", spec.fields.text()),
                ("partition-spec-id", "0"), ("format-version", "2"), ("content", "data"),
            ],
            records: files.map(entry))
    }

    private func entry(_ file: DataFile) -> [UInt8] {
        var out = AvroEncoder()
        out.int(1)  // ADDED
        out.optional(snapshotID) { $0.long($1) }
        // Sequence numbers of an added file are inherited from the manifest list.
        out.optional(Int64?.none) { $0.long($1) }
        out.optional(Int64?.none) { $0.long($1) }
        out.int(0)  // DATA
        out.string(file.path)
        out.string("PARQUET")
        if spec.source != nil { out.optional(file.month) { $0.int($1) } }
        out.int(file.records)
        out.int(file.bytes)
        metrics(file, &out)
        out.optional(Int?.some(0)) { $0.int($1) }
        return out.bytes
    }

    private func metrics(_ file: DataFile, _ out: inout AvroEncoder) {
        for path in [\DataFile.ColumnMetrics.bytes, \.values, \.nulls] {
            let known = file.columns.filter { $0[keyPath: path] != nil }
            out.optional(known.isEmpty ? nil : known) { out, known in
                out.array(known) { out, column in
                    out.int(column.fieldID)
                    out.int(column[keyPath: path]!)
                }
            }
        }
        for path in [\DataFile.ColumnMetrics.lower, \.upper] {
            let known = file.columns.filter { $0[keyPath: path] != nil }
            out.optional(known.isEmpty ? nil : known) { out, known in
                out.array(known) { out, column in
                    out.int(column.fieldID)
                    out.blob(column[keyPath: path]!)
                }
            }
        }
    }

    /// The manifest list of a snapshot that is this manifest alone.
    func list(path: String, length: Int, sequence: Int64) -> [UInt8] {
        var out = AvroEncoder()
        out.string(path)
        out.int(length)
        out.int(0)
        out.int(0)  // data manifests
        out.long(sequence)
        out.long(sequence)
        out.long(snapshotID)
        for count in [files.count, 0, 0] { out.int(count) }
        for count in [rows, 0, 0] { out.int(count) }
        out.optional([spec.source].compactMap(\.self)) { out, sources in
            out.array(sources) { out, _ in summary(&out) }
        }
        return AvroFile.bytes(
            schema: ManifestSchema.list,
            metadata: [
                ("snapshot-id", String(snapshotID)), ("parent-snapshot-id", "null"), ("sequence-number", String(sequence)),
                ("format-version", "2"),
            ],
            records: [out.bytes])
    }

    private func summary(_ out: inout AvroEncoder) {
        let months = files.compactMap(\.month)
        out.boolean(months.count < files.count)
        out.optional(Bool?.some(false)) { $0.boolean($1) }
        for bound in [months.min(), months.max()] {
            out.optional(bound.flatMap { BoundValue.bytes(String($0), .integer, isUpper: false) }) { $0.blob($1) }
        }
    }
}
