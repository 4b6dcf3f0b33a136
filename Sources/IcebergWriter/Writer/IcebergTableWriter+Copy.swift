internal import Base
internal import Columnar
internal import DuckDBKit
internal import Platform

extension IcebergTableWriter {
    /// Writes the Parquet files and returns what COPY says of each.
    func copy(_ connection: Connection, _ schema: TableSchema, _ spec: PartitionSpec) throws(LeibrixError) -> [DataFile] {
        let ids = schema.fields.map { "\(quotedName($0.name)): \($0.id)" }.joined(separator: ", ")
        var options = "FORMAT parquet, FIELD_IDS {\(ids)}, RETURN_STATS, FILENAME_PATTERN 'part-{uuid}', ROW_GROUP_SIZE 122880"
        var rows = query
        if let source = spec.source, let name = spec.name {
            rows = "SELECT *, strftime(\(quotedName(source.name)), '%Y-%m') AS \(quotedName(name)) FROM (\(query)) AS rows"
            options += ", PARTITION_BY (\(quotedName(name)))"
        } else {
            options += ", FILE_SIZE_BYTES \(fileBytesMax)"
        }
        let target = Value.string(location + "/data").duckDBLiteral
        let written = try connection.rows("COPY (\(rows)) TO \(target) (\(options))")
        let files = written.compactMap { dataFile($0, schema) }
        guard files.count == written.count else { throw LeibrixError(.internal, "COPY described a file in an unknown way") }
        return files.filter { $0.records > 0 }.sorted { ($0.month ?? 0, $0.path) < ($1.month ?? 0, $1.path) }
    }

    /// A row of COPY's RETURN_STATS: filename, count, file_size_bytes, footer_size_bytes, column_statistics, partition_keys.
    private func dataFile(_ row: [Value], _ schema: TableSchema) -> DataFile? {
        guard row.count == 6, case .string(let path) = row[0], case .unsigned(let count) = row[1],
            case .unsigned(let size) = row[2], case .map(let statistics) = row[4]
        else { return nil }
        var month: Int?
        if monthColumn != nil {
            guard case .map(let keys) = row[5], case .string(let value)? = keys.first?.value else { return nil }
            month = PartitionSpec.month(ofFolderValue: value)
        }
        let byName = [String: Value](statistics.map { (name($0.key), $0.value) }) { $1 }
        let columns = schema.fields.map { field in metrics(field, byName[quotedName(field.name)] ?? byName[field.name]) }
        return DataFile(path: path, month: month, records: Int(count), bytes: Int(size), columns: columns)
    }

    private func metrics(_ field: TableSchema.Field, _ statistics: Value?) -> DataFile.ColumnMetrics {
        var facts: [String: String] = [:]
        if case .map(let entries)? = statistics {
            for entry in entries { if case .string(let text) = entry.value { facts[name(entry.key)] = text } }
        }
        return DataFile.ColumnMetrics(
            fieldID: field.id, bytes: facts["column_size_bytes"].flatMap { Int($0) },
            values: facts["num_values"].flatMap { Int($0) }, nulls: facts["null_count"].flatMap { Int($0) },
            lower: facts["min"].flatMap { BoundValue.bytes($0, field.type, isUpper: false) },
            upper: facts["max"].flatMap { BoundValue.bytes($0, field.type, isUpper: true) })
    }

    private func name(_ value: Value) -> String {
        if case .string(let text) = value { return text }
        return ""
    }

    private func quotedName(_ name: String) -> String {
        "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
