// An operator's state at a barrier: bytes, and groups that are written away later, while rows go on.

/// Groups as they were.
final class GroupCapture {
    private let state: AggregateState
    private let table: TableSnapshot
    private let sets: [TableSnapshot]
    /// The groups' records stay at their numbers from one checkpoint to the next: slices that did not change need not be written.
    private let isSteady: Bool

    init(_ state: AggregateState, isSteady: Bool) {
        self.state = state
        self.isSteady = isSteady
        table = state.table.beginSnapshot()
        sets = state.distinctSets.map { $0.table.beginSnapshot() }
    }

    /// As `AggregateState.save`, piece by piece. To be written without the gate.
    func segments() -> [StateSegment] {
        var list = segments(table, name: "0") { [state] record, writer in
            state.table.saveKeys(record, &writer)
            state.saveStates(record, &writer)
        }
        for (index, snapshot) in sets.enumerated() {
            let set = state.distinctSets[index]
            list += segments(snapshot, name: "\(index + 1)") { record, writer in
                set.table.saveKeys(record, &writer)
                writer.add(record.load(set.table.stateOffset, as: Int64.self))
            }
        }
        return list
    }

    private func segments(_ snapshot: TableSnapshot, name: String, _ save: @escaping (Memory, inout StateWriter) -> Void) -> [StateSegment] {
        var list = [StateSegment("\(name)", { $0.add(snapshot.count) })]
        for slice in 0..<snapshot.sliceCount {
            var segment = StateSegment("\(name).\(slice)") { writer in snapshot.each(slice) { save($0, &writer) } }
            if isSteady && snapshot.isUnchanged(slice) { segment.pass = { snapshot.pass(slice) } }
            list.append(segment)
        }
        return list
    }

    /// Under the gate.
    func end() {
        state.table.endSnapshot()
        for set in state.distinctSets { set.table.endSnapshot() }
    }
}

/// A piece of an operator's state. All pieces, one behind the other, are what `Operator.save` writes.
struct StateSegment {
    /// Its name among the operator's, the same in the next checkpoint.
    let key: String
    /// Writes it. Once.
    let write: (inout StateWriter) -> Void
    /// Set where it is as it was at the checkpoint before: called instead of `write` where that is still there.
    var pass: (() -> Void)?

    init(_ key: String, _ write: @escaping (inout StateWriter) -> Void) {
        self.key = key
        self.write = write
    }

    /// Bytes that are there already.
    init(_ key: String, _ bytes: [UInt8]) { self.init(key) { $0.append(bytes) } }
}

/// The parts of an operator's state, in order.
struct OperatorCapture {
    private enum Piece {
        case bytes([UInt8])
        case groups(GroupCapture)
    }

    private var pieces: [Piece] = []

    mutating func add(_ writer: StateWriter) { pieces.append(.bytes(writer.bytes)) }

    /// Groups, now or later: values in trees are not in pages, and are written at once. `isSteady` where they are the same table's at
    /// every checkpoint.
    mutating func add(_ state: AggregateState, isSteady: Bool = false) {
        if state.trees.isEmpty { return pieces.append(.groups(GroupCapture(state, isSteady: isSteady))) }
        var writer = StateWriter()
        state.save(&writer)
        add(writer)
    }

    func segments() -> [StateSegment] {
        var list: [StateSegment] = []
        for (index, piece) in pieces.enumerated() {
            switch piece {
            case .bytes(let bytes): list.append(StateSegment("\(index)", bytes))
            case .groups(let groups):
                for var segment in groups.segments() {
                    let pass = segment.pass
                    segment = StateSegment("\(index).\(segment.key)", segment.write)
                    segment.pass = pass
                    list.append(segment)
                }
            }
        }
        return list
    }

    func end() {
        for case .groups(let groups) in pieces { groups.end() }
    }
}
