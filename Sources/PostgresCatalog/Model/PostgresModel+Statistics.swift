// The statistics views: a row for each relation where PostgreSQL has one, with the counts that are known.
internal import Columnar

extension PostgresModel {
    func statisticsRows(_ shape: TableShape) -> [[Value]]? {
        switch shape.name {
        case "pg_stat_all_tables", "pg_stat_user_tables", "pg_stat_sys_tables", "pg_stat_xact_all_tables", "pg_stat_xact_user_tables",
            "pg_stat_xact_sys_tables", "pg_statio_all_tables", "pg_statio_user_tables", "pg_statio_sys_tables":
            tables(for: shape.name).map { tableStatistics(shape, $0) }
        case "pg_stat_database", "pg_stat_database_conflicts": [databaseStatistics(shape)]
        case "pg_available_extensions", "pg_extension": []
        case "pg_timezone_abbrevs", "pg_timezone_names": zoneRows(shape)
        default: nil
        }
    }

    private func tables(for name: String) -> [DescribedRelation] {
        relations.filter { relation in
            relation.kind == "r" && (name.contains("_all_") || relation.isSystem == name.contains("_sys_"))
        }
    }

    private func tableStatistics(_ shape: TableShape, _ relation: DescribedRelation) -> [Value] {
        var row = shape.row(["relid": oid(relation.oid), "schemaname": .string(relation.schema), "relname": .string(relation.name)])
        for (index, column) in shape.columns.enumerated() where row[index].isNull && column.typeName == "int8" {
            row[index] = column.name == "n_live_tup" ? .integer(max(relation.rows, 0)) : column.name.hasPrefix("idx") ? .null : 0
        }
        return row
    }

    private func databaseStatistics(_ shape: TableShape) -> [Value] {
        shape.row(["datid": oid(databaseOID), "datname": .string(snapshot.database)])
    }

    /// UTC is the one that is always there; others are in DuckDB's pg_timezone_names().
    private func zoneRows(_ shape: TableShape) -> [[Value]] {
        let zero = Value.interval(months: 0, days: 0, micros: 0)
        if shape.name == "pg_timezone_abbrevs" { return [shape.row(["abbrev": "UTC", "utc_offset": zero, "is_dst": false])] }
        return [shape.row(["name": "UTC", "abbrev": "UTC", "utc_offset": zero, "is_dst": false])]
    }
}
