public import Base
internal import CDuckDB
public import Columnar
internal import Glibc

/// Up to 122,880 rows of a relation, as pointers into memory that `owner` keeps: what the scan reads in place.
///
/// Immutable. The scan trusts the layouts: whoever makes a row group has verified that every array lies inside its
/// memory and is 16-byte aligned, that offsets ascend within their heap or child, that codes lie inside their dictionary
/// (at NULLs too), that VARCHARs are UTF-8 and that validity is padded to whole words, or passes a `verify` that does.
@safe
public final class RowGroup: @unchecked Sendable {
    public let rows: Int
    public let columnCount: Int
    let layout: UnsafeMutablePointer<lbx_row_group>
    private let columns: UnsafeMutableBufferPointer<lbx_column>
    private let text: UnsafeMutableBufferPointer<UInt8>
    private let owner: AnyObject
    private let check: ContentCheck?

    /// The layouts' pointers must stay valid and unchanged for as long as `owner` lives.
    ///
    /// `verify` is for content that nobody has verified yet: a scan calls it with the number of a column before it reads it,
    /// on any thread, at every row group it enters. It throws what ends the statement, and must answer at once for a column that was
    /// found sound before.
    public convenience init(
        rows: Int, columns layouts: [ColumnLayout], owner: AnyObject,
        verify: (@Sendable (_ column: Int) throws(LeibrixError) -> Void)? = nil
    ) {
        unsafe self.init(rows: rows, columns: layouts, visible: nil, firstRowID: nil, owner: owner, verify: verify)
    }

    /// The same of a live relation: `visible` has a bit a row, lowest first, padded to whole words; rows whose bit is 0 are not read. nil: all are.
    /// `firstRowID` numbers the rows for `rowid`, from the group's first on; nil: by their place in the snapshot.
    public init(
        rows: Int, columns layouts: [ColumnLayout], visible: UnsafePointer<UInt64>?, firstRowID: Int64?, owner: AnyObject,
        verify: (@Sendable (_ column: Int) throws(LeibrixError) -> Void)? = nil
    ) {
        precondition(rows > 0 && rows <= rowGroupRowsMax)
        self.rows = rows
        self.columnCount = layouts.count
        self.owner = owner
        check = verify.map { ContentCheck($0) }
        var writer = LayoutWriter(
            columns: layouts.reduce(0) { $0 + $1.columnCount }, text: layouts.reduce(0) { $0 + $1.boundBytes })
        let first = unsafe writer.write(layouts)
        unsafe columns = unsafe writer.columns
        unsafe text = unsafe writer.text
        unsafe layout = .allocate(capacity: 1)
        unsafe layout.initialize(
            to: lbx_row_group(
                rows: UInt32(rows), column_count: UInt32(layouts.count), columns: first, visible: visible,
                first_row_id: firstRowID ?? -1, verify: check == nil ? nil : ContentCheck.call,
                context: check.map { unsafe Unmanaged.passUnretained($0).toOpaque() }))
    }

    deinit {
        unsafe layout.deallocate()
        unsafe columns.deallocate()
        unsafe text.deallocate()
    }
}

/// How the C side asks whether a column may be read. The row group keeps it.
private final class ContentCheck: Sendable {
    private let verify: @Sendable (Int) throws(LeibrixError) -> Void

    init(_ verify: @escaping @Sendable (Int) throws(LeibrixError) -> Void) { self.verify = verify }

    static let call: @convention(c) (UnsafeMutableRawPointer?, UInt32) -> UnsafeMutablePointer<CChar>? = { context, column in
        let check = unsafe Unmanaged<ContentCheck>.fromOpaque(context!).takeUnretainedValue()
        do throws(LeibrixError) {
            try check.verify(Int(column))
            return nil
        } catch {
            return unsafe strdup(error.codedText)
        }
    }
}

extension ColumnLayout {
    /// This column and all below it.
    var columnCount: Int { children.reduce(1) { $0 + $1.columnCount } }

    var boundBytes: Int {
        [statistics.min, statistics.max].reduce(children.reduce(0) { $0 + $1.boundBytes }) { sum, bound in
            if case .string(let bytes) = bound { sum + bytes.count } else { sum }
        }
    }
}

/// Writes layouts as the C structures, siblings side by side, into two blocks of memory.
@safe
struct LayoutWriter {
    let columns: UnsafeMutableBufferPointer<lbx_column>
    let text: UnsafeMutableBufferPointer<UInt8>
    private var columnsUsed = 0
    private var textUsed = 0

    init(columns: Int, text: Int) {
        unsafe self.columns = .allocate(capacity: max(columns, 1))
        unsafe self.text = .allocate(capacity: max(text, 1))
    }

    mutating func write(_ layouts: [ColumnLayout]) -> UnsafePointer<lbx_column> {
        let start = columnsUsed
        columnsUsed += layouts.count
        for (index, layout) in layouts.enumerated() {
            let children = unsafe layout.children.isEmpty ? nil : write(layout.children)
            let column = unsafe lbx_column(
                encoding: layout.encoding.rawValue, width: layout.width, dictionary_count: layout.dictionaryCount,
                base: layout.base, validity: layout.validity, data: layout.data,
                dictionary_offsets: layout.dictionaryOffsets, heap: layout.heap, children: children,
                child_count: UInt32(layout.children.count), statistics: write(layout.statistics))
            unsafe columns.initializeElement(at: start + index, to: column)
        }
        return unsafe UnsafePointer(columns.baseAddress!) + start
    }

    private mutating func write(_ statistics: ColumnStatistics) -> lbx_statistics {
        var result = unsafe lbx_statistics()
        unsafe result.null_count = statistics.nullCount
        unsafe result.distinct = statistics.distinct
        // The largest length there is wraps round to "unknown".
        unsafe result.max_length_plus_one = statistics.lengthMax.map { $0 &+ 1 } ?? 0
        guard let min = statistics.min, let max = statistics.max else { return unsafe result }
        let kind: lbx_bound_kind =
            switch min {
            case .integer: LBX_BOUND_INTEGER
            case .double: LBX_BOUND_DOUBLE
            case .string: LBX_BOUND_STRING
            }
        unsafe result.kind = UInt8(kind.rawValue)
        unsafe result.min = write(min)
        unsafe result.max = write(max)
        return unsafe result
    }

    private mutating func write(_ bound: ColumnBound) -> lbx_bound {
        var result = unsafe lbx_bound()
        switch bound {
        case .integer(let value):
            unsafe result.low = UInt64(truncatingIfNeeded: value)
            unsafe result.high = Int64(truncatingIfNeeded: value >> 64)
        case .double(let value): unsafe result.real = value
        case .string(let bytes):
            let start = unsafe text.baseAddress! + textUsed
            for (index, byte) in bytes.enumerated() { unsafe start[index] = byte }
            textUsed += bytes.count
            unsafe result.text = unsafe UnsafeRawPointer(start).assumingMemoryBound(to: CChar.self)
            unsafe result.length = UInt32(bytes.count)
        }
        return unsafe result
    }
}
