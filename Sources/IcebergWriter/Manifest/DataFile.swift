/// A Parquet file of a table, with what a manifest says of it.
struct DataFile {
    var path: String
    /// Months since 1970-01, in a table partitioned by month.
    var month: Int?
    var records: Int
    var bytes: Int
    /// By field id, ascending.
    var columns: [ColumnMetrics]

    struct ColumnMetrics {
        var fieldID: Int
        var bytes: Int?
        var values: Int?
        var nulls: Int?
        var lower: [UInt8]?
        var upper: [UInt8]?
    }
}
