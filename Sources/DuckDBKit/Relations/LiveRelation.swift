// Live relations: the Swift side of lbx_scan.h's facts and scans.
public import Base
internal import CDuckDB
public import Columnar
internal import Glibc

/// What a plan over a live relation may rely on: statistics that cover every snapshot whose version is not above this.
public struct RelationFacts: Sendable {
    /// An estimate.
    public var rows: Int
    /// One a column: bounds that no row is outside of, `nullCount` 0 only where there can be no NULL
    /// (`ColumnStatistics.nullsUnknown` otherwise), `lengthMax` only where no string can be longer.
    public var columns: [ColumnStatistics]
    /// Above 0. Grows whenever a row that is outside the columns' bounds is about to become visible, before it does.
    public var version: UInt64

    public init(rows: Int, columns: [ColumnStatistics], version: UInt64) {
        self.rows = rows
        self.columns = columns
        self.version = version
    }
}

/// A relation that changes while statements over it are planned and run. Called on any thread, from inside DuckDB: it must
/// not call DuckDB, and should be quick.
public protocol LiveRelation: AnyObject, Sendable {
    func facts() -> RelationFacts
    /// The rows that a connection's scan token sees, 0 being the latest; made with `statisticsVersion`. The scans of one query
    /// share one.
    func snapshot(token: UInt64) throws(LeibrixError) -> RelationSnapshot
}

extension Connection {
    /// Sets what the next statements read live relations at, and whose overlay of the catalog they see. 0 is the latest and none.
    /// While no statement runs.
    public func setScanToken(_ token: UInt64) { unsafe lbx_connection_set_token(handle, token) }

    /// Bytes of working memory that the whole instance holds now. One read.
    public var instanceMemoryBytes: Int { unsafe Int(clamping: lbx_connection_memory(handle)) }
}

/// The callbacks' context of a live relation.
final class LiveSource: Sendable {
    private let columns: [RelationColumn]
    private let relation: any LiveRelation

    init(columns: [RelationColumn], _ relation: any LiveRelation) {
        self.columns = columns
        self.relation = relation
    }

    /// Hands a reference to the C side, which gives it back through `release_context`.
    func fill(_ part: inout lbx_change) {
        unsafe part.context = unsafe Unmanaged.passRetained(self).toOpaque()
        unsafe part.facts = { context, message in
            let source = unsafe Unmanaged<LiveSource>.fromOpaque(context!).takeUnretainedValue()
            return unsafe LiveSource.answer(message) { () throws(LeibrixError) in
                try RelationSnapshot(columns: source.columns, facts: source.relation.facts())
            }
        }
        unsafe part.scan = { context, token, message in
            let source = unsafe Unmanaged<LiveSource>.fromOpaque(context!).takeUnretainedValue()
            return unsafe LiveSource.answer(message) { () throws(LeibrixError) in try source.relation.snapshot(token: token) }
        }
        unsafe part.release_context = { context in unsafe Unmanaged<LiveSource>.fromOpaque(context!).release() }
    }

    private static func answer(
        _ message: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ make: () throws(LeibrixError) -> RelationSnapshot
    ) -> OpaquePointer? {
        do throws(LeibrixError) {
            let made = try make()
            return unsafe withExtendedLifetime(made) { unsafe lbx_snapshot_share(made.handle) }
        } catch {
            unsafe message?.pointee = strdup(error.codedText)
            return nil
        }
    }
}

/// Facts as C structures, for the time of one call.
@safe
final class FactsMemory {
    private let writer: LayoutWriter
    let columns: UnsafePointer<lbx_column>

    init(_ facts: RelationFacts) {
        let layouts = facts.columns.map { unsafe ColumnLayout(encoding: .plain, statistics: $0) }
        var writer = LayoutWriter(columns: layouts.count, text: layouts.reduce(0) { $0 + $1.boundBytes })
        unsafe columns = writer.write(layouts)
        self.writer = writer
    }

    deinit {
        unsafe writer.columns.deallocate()
        unsafe writer.text.deallocate()
    }
}
