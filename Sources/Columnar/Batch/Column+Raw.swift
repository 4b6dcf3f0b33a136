// Whole-column access for the column store's copies: one pointer a column and batch, never one a row.
extension Column {
    /// The flat values (or string and list entries), nil for columns that live in their children alone.
    package var rawData: UnsafeRawPointer? { unsafe data }

    /// The validity words, nil when every value is valid.
    package var rawValidity: UnsafePointer<UInt64>? { unsafe validity }
}
