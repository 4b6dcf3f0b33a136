internal import Base

// One step of a stream: rows come in by `push`, time by `advance`, and both leave through `next`. Chains are built from
// their end, so that `next` never changes: following it costs no reference count.
//
// Everything an operator needs for a chunk is taken when it is made. `counts` obeys, at every moment between two calls,
//     rowsIn = emitted + filtered + late + buffered
// where a row is emitted once its effect has left, and buffered while it waits in state.

class Operator {
    final let name: String
    final let next: Operator?
    final let counts: OperatorCounts

    init(_ name: String, next: Operator?) {
        self.name = name
        self.next = next
        counts = OperatorCounts()
    }

    /// Takes rows. The chunk is valid during the call.
    func push(_ chunk: Chunk) { next?.push(chunk) }

    /// Event time has come to `watermark`: no row before it is expected.
    func advance(_ watermark: Int64) { next?.advance(watermark) }

    /// Processing time, in microseconds.
    func tick(_ now: Int64) { next?.tick(now) }

    /// The input has ended: everything that waits comes out.
    func finish() { next?.finish() }

    /// All that was pushed has been handed out: what works elsewhere is waited for.
    func settle() { next?.settle() }

    /// The chunk that was pushed, and the event time after it, are not needed any longer when this returns.
    func rest() {}

    /// Bytes of state held now.
    var stateBytes: Int { 0 }

    /// Groups, rows or sessions held now.
    var stateKeys: Int { 0 }

    /// What it may keep.
    var bounds: [OperatorBound] { [] }

    /// Writes what must survive. Stateless operators write nothing.
    func save(_ writer: inout StateWriter) {}

    /// What `save` writes, at this moment; groups may be written later, while rows go on.
    func capture() -> OperatorCapture {
        var writer = StateWriter()
        save(&writer)
        var capture = OperatorCapture()
        capture.add(writer)
        return capture
    }

    /// Reads what `save` wrote, keeping what belongs to this core.
    func load(_ reader: inout StateReader) throws(LeibrixError) {}
}

/// An operator's counters, in one cache line.
struct OperatorCounts: Sendable {
    private let lane: Lane<Int64>
    private let arena = Arena()

    init() { lane = arena.lane(Int64.self, count: 8) }

    @inline(__always) var rowsIn: Int { get { Int(lane[0]) } nonmutating set { lane[0] = Int64(newValue) } }
    @inline(__always) var emitted: Int { get { Int(lane[1]) } nonmutating set { lane[1] = Int64(newValue) } }
    @inline(__always) var filtered: Int { get { Int(lane[2]) } nonmutating set { lane[2] = Int64(newValue) } }
    @inline(__always) var late: Int { get { Int(lane[3]) } nonmutating set { lane[3] = Int64(newValue) } }
    @inline(__always) var buffered: Int { get { Int(lane[4]) } nonmutating set { lane[4] = Int64(newValue) } }
    /// Rows that left, which for a window are other rows than came.
    @inline(__always) var rowsOut: Int { get { Int(lane[5]) } nonmutating set { lane[5] = Int64(newValue) } }
    /// Of the filtered rows, those that failed; the last failure's code is beside it.
    @inline(__always) var failed: Int { get { Int(lane[6]) } nonmutating set { lane[6] = Int64(newValue) } }
    @inline(__always) var lastError: Int { get { Int(lane[7]) } nonmutating set { lane[7] = Int64(newValue) } }

    func fail(_ rows: Int, _ error: UInt16) {
        failed += rows
        filtered += rows
        lastError = Int(error)
    }
}
