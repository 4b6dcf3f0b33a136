internal import Base
internal import Columnar

/// Rows that came too late for a stream, under a name that streams can read. They have no event time: it has passed.
struct LateRows {
    let name: String
    /// The stream they came too late for.
    let stream: String
    let outlet: Outlet
    let relation: PlannedRelation
}

extension StreamEngine {
    /// What a window over one source or stream lets go. Throws where nothing would ever be late, or where what is late is no row of one input.
    func lateRows(_ name: String, of stream: String, _ node: PlanNode) throws(LeibrixError) -> LateRows {
        guard let window = Self.windowInput(node) else {
            throw LeibrixError(
                .streamEmitMode, "LATE DATA TO needs a window: without one no row is late", hint: "GROUP BY …, tumble(ts, INTERVAL '10 seconds'), or leave the clause out.")
        }
        guard let input = Self.plainInput(window), let read = relation(input), read.changes == .append else {
            throw LeibrixError(
                .streamNotSupported, "LATE DATA TO needs a window over one source or stream whose rows stand",
                hint: "Make a stream of what is joined or selected, and a window over that.")
        }
        let columns = read.columns.map { Scope.Column(relation: name, name: $0.name, type: $0.type) }
        let relation = PlannedRelation(
            node: PlanNode(kind: .input(name.lowercased()), types: read.node.types), columns: columns, times: [:], microsPerUnit: read.microsPerUnit,
            changes: .append)
        return LateRows(name: name, stream: stream.lowercased(), outlet: Outlet("late rows", types: read.node.types), relation: relation)
    }

    /// What the query's one window reads; nil where there is none.
    private static func windowInput(_ node: PlanNode) -> PlanNode? {
        switch node.kind {
        case .window(let child, _, _, _): child
        case .filter(let child, _), .project(let child, _), .group(let child, _, _), .top(let child, _), .over(let child, _), .lookup(let child, _): windowInput(child)
        case .input, .union, .join: nil
        }
    }

    /// The source or stream below filters.
    private static func plainInput(_ node: PlanNode) -> String? {
        switch node.kind {
        case .input(let name): name
        case .filter(let child, _): plainInput(child)
        default: nil
        }
    }
}

/// Stands between a stream's last operator and its outlet, and tells those who read its late rows the time too.
final class LateTail: Operator {
    private let late: Operator

    init(_ next: Operator, late: Operator) {
        self.late = late
        super.init("late tail", next: next)
    }

    override func tick(_ now: Int64) {
        next?.tick(now)
        late.tick(now)
    }

    override func settle() {
        next?.settle()
        late.settle()
    }

    override func finish() {
        next?.finish()
        late.finish()
    }
}
