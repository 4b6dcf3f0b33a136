internal import Catalog
internal import ColumnStore
internal import DuckDBKit

/// One version of an epoch in this process: its record, its machine, and the segments that are mapped.
struct ResidentEpoch: Sendable {
    var record: EpochRecord
    var machine: EpochMachine
    var segments: [MappedSegment] = []
    /// Published snapshots that hold it.
    var pins = 0

    var bytes: Int64 { segments.isEmpty ? 0 : record.bytes }
}

struct EpochVersion: Sendable, Hashable {
    var epochID: String
    var version: Int64
}

extension EpochRecord {
    var versionKey: EpochVersion { EpochVersion(epochID: epochID, version: version) }
}
