// tumble, hop, slide, session and cumulate in GROUP BY, and what names their bounds.
internal import Base
internal import Columnar
internal import SQLPlanning

enum WindowFunctions {
    static let names: Set<String> = ["tumble", "hop", "slide", "session", "cumulate"]

    enum Bound { case start, end }

    /// `window_start`, `tumble_end(…)` and the like.
    static func bound(_ expression: Expression) -> Bound? {
        switch expression.kind {
        case .column(let names) where names.count == 1:
            return names[0].lowercased() == "window_start" ? .start : names[0].lowercased() == "window_end" ? .end : nil
        case .call(let call):
            if names.contains(call.name) { return .start }
            for name in names {
                if call.name == name + "_start" { return .start }
                if call.name == name + "_end" { return .end }
            }
            return call.name == "window_start" ? .start : call.name == "window_end" ? .end : nil
        default: return nil
        }
    }

    static func isBoundary(_ expression: Expression) -> Bool {
        if case .call(let call) = expression.kind, names.contains(call.name) { return false }
        return bound(expression) != nil
    }
}

/// A window in GROUP BY.
struct WindowCallPlan {
    var spec: WindowSpec
    var time: Scalar
    var type: DataType
    var lag: Int64
}

extension StreamPlanner {
    /// The window a GROUP BY key is; nil for other keys.
    func windowPlan(_ key: Expression, _ relation: PlannedRelation) throws(LeibrixError) -> WindowCallPlan? {
        guard case .call(let call) = key.kind, WindowFunctions.names.contains(call.name) else { return nil }
        let position = key.location.map { $0 + 1 }
        guard let first = call.arguments.first else { throw LeibrixError(.streamWindow, "\(call.name)() needs a time and a size", position: position) }
        let time = try Binder(relation.scope).bind(first)
        guard case .column(let column, _) = time, let lag = relation.times[column] else {
            throw LeibrixError(
                .streamNoEventTime, "\(call.name)() needs the event time of its input",
                hint: "Declare WATERMARK FOR the column in CREATE SOURCE, and pass it on as it is.", position: position)
        }
        var sizes: [Int64] = []
        for argument in call.arguments.dropFirst() {
            guard let interval = IntervalConstant.read(argument) else {
                throw LeibrixError(.streamWindow, "the arguments of \(call.name)() after the time are constant intervals", hint: "\(call.name)(ts, INTERVAL '10 seconds')", position: position)
            }
            guard interval.months == 0, interval.micros % relation.microsPerUnit == 0 else {
                throw LeibrixError(.streamWindow, "months, and parts of the event time's unit, cannot be a window's size", position: position)
            }
            sizes.append(interval.micros / relation.microsPerUnit)
        }
        let spec = try windowSpec(call.name, sizes, position)
        guard spec.windowsPerRow <= StreamLimits.windowsPerRowMax else {
            throw LeibrixError(.streamWindow, "a row would belong to \(spec.windowsPerRow) windows", hint: "At most \(StreamLimits.windowsPerRowMax).", position: position)
        }
        return WindowCallPlan(spec: spec, time: time, type: relation.node.types[column], lag: lag)
    }

    private func windowSpec(_ name: String, _ sizes: [Int64], _ position: Int?) throws(LeibrixError) -> WindowSpec {
        let offset = sizes.count == 3 || name == "tumble" && sizes.count == 2 ? sizes[sizes.count - 1] : 0
        let needed = name == "tumble" || name == "session" ? 1 : 2
        guard sizes.count >= needed, sizes.count <= needed + (name == "session" ? 0 : 1), sizes[..<needed].allSatisfy({ $0 > 0 }) else {
            throw LeibrixError(
                .streamWindow, "\(name)() takes a time and \(needed) positive interval\(needed > 1 ? "s" : "")",
                hint: "tumble(ts, size), hop(ts, slide, size), slide(ts, size, slide), session(ts, gap), cumulate(ts, step, size).", position: position)
        }
        switch name {
        case "tumble": return .tumble(sizes[0], offset: offset)
        case "hop":
            guard sizes[0] <= sizes[1] else { throw LeibrixError(.streamWindow, "hop()'s slide is longer than its size: rows between would belong to none", position: position) }
            return .hop(sizes[1], step: sizes[0], offset: offset)
        case "slide":
            guard sizes[1] <= sizes[0] else { throw LeibrixError(.streamWindow, "slide()'s slide is longer than its size: rows between would belong to none", position: position) }
            return .hop(sizes[0], step: sizes[1], offset: offset)
        case "cumulate":
            guard sizes[1] % sizes[0] == 0 else { throw LeibrixError(.streamWindow, "cumulate()'s size is a multiple of its step", position: position) }
            return .cumulate(sizes[1], step: sizes[0], offset: offset)
        default: return .session(gap: sizes[0])
        }
    }
}
