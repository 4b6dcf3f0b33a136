// An operator's state at a barrier: bytes, and groups that are written away later, while rows go on.

/// Groups as they were.
final class GroupCapture {
    private let state: AggregateState
    private let table: TableSnapshot
    private let sets: [TableSnapshot]

    init(_ state: AggregateState) {
        self.state = state
        table = state.table.beginSnapshot()
        sets = state.distinctSets.map { $0.table.beginSnapshot() }
    }

    /// As `AggregateState.save`. Without the gate.
    func save(_ writer: inout StateWriter) {
        writer.add(table.count)
        table.each { record in
            state.table.saveKeys(record, &writer)
            state.saveStates(record, &writer)
        }
        for (index, snapshot) in sets.enumerated() {
            let set = state.distinctSets[index]
            writer.add(snapshot.count)
            snapshot.each { record in
                set.table.saveKeys(record, &writer)
                writer.add(record.load(set.table.stateOffset, as: Int64.self))
            }
        }
    }

    /// Under the gate.
    func end() {
        state.table.endSnapshot()
        for set in state.distinctSets { set.table.endSnapshot() }
    }
}

/// The parts of an operator's state, in order.
struct OperatorCapture {
    private enum Piece {
        case bytes([UInt8])
        case groups(GroupCapture)
    }

    private var pieces: [Piece] = []

    mutating func add(_ writer: StateWriter) { pieces.append(.bytes(writer.bytes)) }

    /// Groups, now or later: values in trees are not in pages, and are written at once.
    mutating func add(_ state: AggregateState) {
        if state.trees.isEmpty { return pieces.append(.groups(GroupCapture(state))) }
        var writer = StateWriter()
        state.save(&writer)
        add(writer)
    }

    func bytes() -> [UInt8] {
        if pieces.count == 1, case .bytes(let bytes) = pieces[0] { return bytes }
        var writer = StateWriter()
        for piece in pieces {
            switch piece {
            case .bytes(let bytes): writer.append(bytes)
            case .groups(let groups): groups.save(&writer)
            }
        }
        return writer.bytes
    }

    func end() {
        for case .groups(let groups) in pieces { groups.end() }
    }
}
