package import Base

extension EpochRecord: ControlRecordCoding {
    package var json: JSON {
        [
            "tenant": .string(tenant), "dataset": .string(dataset), "epoch_id": .string(epochID), "version": .integer(version),
            "state": .string(state.rawValue), "start_ms": .optional(range?.startMS), "end_ms": .optional(range?.endMS),
            "dimension_values": .array(
                dimensionValues.map { ["column": .string($0.column), "value": .string($0.value)] }),
            "rows": .integer(rows), "bytes": .integer(bytes), "snapshot_id": .optional(snapshotID),
            "source_mark": .string(sourceMark), "columns": .array(columns.map(\.json)),
            "segments": .array(segments.map(\.json)), "min_ms": .optional(timeBounds?.minMS),
            "max_ms": .optional(timeBounds?.maxMS), "reason": .optional(reason), "created_micros": .integer(createdMicros),
            "ready_micros": .optional(readyMicros),
        ]
    }

    package init?(json: JSON) {
        guard let tenant = json["tenant"]?.string, let dataset = json["dataset"]?.string,
            let epochID = json["epoch_id"]?.string, let version = json["version"]?.integer,
            let state = json["state"]?.string.flatMap({ EpochState(rawValue: $0) }),
            let created = json["created_micros"]?.integer, let columns = json["columns"]?.array,
            let segments = json["segments"]?.array
        else { return nil }
        self.init(
            tenant: tenant, dataset: dataset, epochID: epochID, version: version, state: state, createdMicros: created)
        if let start = json["start_ms"]?.integer, let end = json["end_ms"]?.integer {
            range = TimeRange(startMS: start, endMS: end)
        }
        if let low = json["min_ms"]?.integer, let high = json["max_ms"]?.integer {
            timeBounds = TimeBounds(minMS: low, maxMS: high)
        }
        dimensionValues = (json["dimension_values"]?.array ?? []).compactMap { item in
            guard let column = item["column"]?.string, let value = item["value"]?.string else { return nil }
            return DimensionValue(column: column, value: value)
        }
        rows = json["rows"]?.integer ?? 0
        bytes = json["bytes"]?.integer ?? 0
        snapshotID = json["snapshot_id"]?.string
        sourceMark = json["source_mark"]?.string ?? ""
        reason = json["reason"]?.string
        readyMicros = json["ready_micros"]?.integer
        self.columns = columns.compactMap { ColumnDefinition(json: $0) }
        self.segments = segments.compactMap { SegmentRecord(json: $0) }
        guard self.columns.count == columns.count, self.segments.count == segments.count else { return nil }
    }
}

extension SegmentRecord: ControlRecordCoding {
    package var json: JSON {
        [
            "path": .string(path), "rows": .integer(rows), "bytes": .integer(bytes),
            "checksum": .integer(Int64(bitPattern: checksum)),
        ]
    }

    package init?(json: JSON) {
        guard let path = json["path"]?.string, let rows = json["rows"]?.integer, let bytes = json["bytes"]?.integer,
            let checksum = json["checksum"]?.integer
        else { return nil }
        self.init(path: path, rows: rows, bytes: bytes, checksum: UInt64(bitPattern: checksum))
    }
}
