// Where sequences stand. nextval never rolls back and never waits for a transaction.
public import Base
public import Catalog
internal import Synchronization

/// A sequence's position.
public struct SequencePosition: Sendable, Hashable {
    public var last: Int64
    /// Whether `last` was handed out; otherwise it is the next.
    public var isCalled: Bool

    public init(last: Int64, isCalled: Bool) {
        self.last = last
        self.isCalled = isCalled
    }
}

final class Sequences: Sendable {
    private let positions = Mutex<[TableID: SequencePosition]>([:])

    func next(_ sequence: SequenceDefinition) throws(LeibrixError) -> Int64 {
        let next = positions.withLock { positions -> Int64? in
            let position = positions[sequence.id] ?? SequencePosition(last: sequence.start, isCalled: false)
            guard let next = position.isCalled ? Self.after(position.last, sequence) : position.last else { return nil }
            positions[sequence.id] = SequencePosition(last: next, isCalled: true)
            return next
        }
        if let next { return next }
        let end = sequence.increment > 0 ? ("maximum", sequence.maximum) : ("minimum", sequence.minimum)
        throw LeibrixError(
            .outOfRange, "nextval: reached \(end.0) value of sequence \"\(sequence.name)\" (\(end.1))", sqlState: "2200H")
    }

    private static func after(_ last: Int64, _ sequence: SequenceDefinition) -> Int64? {
        let (next, overflow) = last.addingReportingOverflow(sequence.increment)
        if !overflow, next >= sequence.minimum, next <= sequence.maximum { return next }
        guard sequence.cycles else { return nil }
        return sequence.increment > 0 ? sequence.minimum : sequence.maximum
    }

    func set(_ id: TableID, _ position: SequencePosition) { positions.withLock { $0[id] = position } }
    func position(_ id: TableID) -> SequencePosition? { positions.withLock { $0[id] } }
    func remove(_ id: TableID) { positions.withLock { $0[id] = nil } }
    var all: [TableID: SequencePosition] { positions.withLock { $0 } }
}

extension TableTransaction {
    /// The sequence's next number. Not undone by a rollback.
    public func nextValue(_ id: TableID) throws(LeibrixError) -> Int64 {
        try requireWritable()
        let value = try engine.sequences.next(try sequence(id))
        notePosition(id, isSet: false)
        return value
    }

    /// setval: the next number is `value`, or with `isCalled` the one after it. Not undone by a rollback.
    public func setValue(_ id: TableID, _ value: Int64, isCalled: Bool) throws(LeibrixError) {
        try requireWritable()
        let sequence = try sequence(id)
        guard value >= sequence.minimum, value <= sequence.maximum else {
            throw LeibrixError(
                .outOfRange,
                "setval: value \(value) is out of bounds for sequence \"\(sequence.name)\" (\(sequence.minimum)..\(sequence.maximum))")
        }
        engine.sequences.set(id, SequencePosition(last: value, isCalled: isCalled))
        notePosition(id, isSet: true)
    }

    /// Where a sequence stands: `last_value` and `is_called`.
    public func position(_ id: TableID) throws(LeibrixError) -> SequencePosition {
        let sequence = try sequence(id)
        return engine.sequences.position(id) ?? SequencePosition(last: sequence.start, isCalled: false)
    }

    private func sequence(_ id: TableID) throws(LeibrixError) -> SequenceDefinition {
        guard let sequence = catalog.sequence(id) else { throw LeibrixError(.undefinedRelation, "there is no sequence with id \(id)") }
        return sequence
    }

    private func notePosition(_ id: TableID, isSet: Bool) {
        guard let position = engine.sequences.position(id) else { return }
        if let place = sequencePositions.firstIndex(where: { $0.id == id }) {
            sequencePositions[place].state = position
            sequencePositions[place].isSet = sequencePositions[place].isSet || isSet
        } else {
            sequencePositions.append((id, position, isSet))
        }
    }
}
