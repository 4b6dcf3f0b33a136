internal import StreamEngine

/// What takes a stream's rows from the engine: their buffer, and the view that is made of them.
final class StreamOutput: @unchecked Sendable {
    let buffer: OutputBuffer
    /// Set between two records.
    var view: StreamView?
    /// Whether it is among those that have rows since somebody last took them. Guarded by the host's order.
    fileprivate var isTouched = false

    init(_ buffer: OutputBuffer) { self.buffer = buffer }

    /// Records up to `number` are durable. No lock is held.
    func becameDurable(_ number: Int64) {
        buffer.advance(number)
        view?.advance()
        buffer.deliver()
    }
}

/// The streams that got rows and were not asked for since. Guarded by the host's order.
final class TouchedList: @unchecked Sendable {
    private var outputs = TouchedOutputs()

    func add(_ output: StreamOutput) {
        if output.isTouched { return }
        output.isTouched = true
        outputs.add(output)
    }

    /// All of them; none are left.
    func take() -> TouchedOutputs {
        let taken = outputs
        taken.forEach { $0.isTouched = false }
        outputs = TouchedOutputs()
        return taken
    }
}

/// A few streams: a push looks at those that it gave rows to, and no others. Four of them cost no allocation.
struct TouchedOutputs {
    private var first: StreamOutput?
    private var second: StreamOutput?
    private var third: StreamOutput?
    private var fourth: StreamOutput?
    private var others: [StreamOutput] = []

    init() {}

    mutating func add(_ output: StreamOutput) {
        if first == nil {
            first = output
        } else if second == nil {
            second = output
        } else if third == nil {
            third = output
        } else if fourth == nil {
            fourth = output
        } else {
            others.append(output)
        }
    }

    @inline(__always)
    func forEach(_ body: (StreamOutput) -> Void) {
        if let first { body(first) }
        if let second { body(second) }
        if let third { body(third) }
        if let fourth { body(fourth) }
        if !others.isEmpty { for other in others { body(other) } }
    }
}
