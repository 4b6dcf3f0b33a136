public import Base
public import Catalog
public import Columnar
internal import Connectors
internal import ControlStore
internal import DuckDBKit
internal import StreamEngine
internal import Synchronization

/// What ALTER SOURCE changes.
public enum SourceChange: Sendable, Hashable {
    /// Behind the columns there are. Rows that came before, and streams made before, do not have it.
    case addColumn(DataType.Field)
    /// nil: event time waits for rows again.
    case idleTimeout(micros: Int64?)
    /// Options of the source's connector, which begins again with them at the place it has reached.
    case options([SpecOption])
}

extension StreamHost {
    /// Changes a source at this place of the log. `text` is the statement, for SHOW CREATE. Blocks. Throws `streamUndefined`, `streamConfiguration`
    /// and what the connector refuses; nothing is changed then.
    public func alter(_ name: String, _ changes: [SourceChange], text: String) throws(LeibrixError) {
        try defining { () throws(LeibrixError) in
            guard let old = object(name), old.kind == .source else {
                throw LeibrixError(.streamUndefined, "source \"\(name)\" does not exist", hint: "SHOW SOURCES lists what there is.")
            }
            var object = old
            for change in changes { try Self.apply(change, to: &object) }
            object.text += ";\n" + text
            try engine.check(object.definition(version: object.earlier.count))
            let runner = try makeRunner(object)
            // Its rows come before the change or behind it, never with the columns of the other side.
            if runner != nil { stopRunner(name) }
            do throws(LeibrixError) {
                try atRest { () throws(LeibrixError) in try self.put(&object, in: old) }
            } catch {
                if let runner = try? makeRunner(old) { startRunner(old, runner) }
                throw error
            }
            try relations.withLock { $0 }?.publish([])
            if let runner { startRunner(object, runner) }
        }
    }

    /// Between two records.
    private func put(_ object: inout StreamObject, in old: StreamObject) throws(LeibrixError) {
        if object.columns != old.columns || object.eventTime != old.eventTime {
            let (number, position) = state.withLock { state in
                defer { state.nextNumber += 1 }
                return (state.nextNumber, state.position)
            }
            object.earlier.append(SourceVersion(number: number, position: position, columns: old.columns, eventTime: old.eventTime))
        }
        try store.commit([.put(.setting(name: key(object), value: object.json.text()))])
        try change(object, to: object.earlier.count)
        let made = object
        state.withLock { $0.objects[made.name] = made }
    }

    /// The engine's source, with the columns and times of its change number `version`.
    func change(_ object: StreamObject, to version: Int) throws(LeibrixError) {
        try engine.alterSource(object.definition(version: version))
        let handle = try engine.source(object.name)
        state.withLock { $0.handles[object.name] = handle }
        handlesVersion += 1
    }

    /// A step of the history, while the log is told again.
    func take(_ step: HistoryStep) throws(LeibrixError) {
        if step.version == 0 { try build(step.object) } else { try change(step.object, to: step.version) }
    }

    private static func apply(_ change: SourceChange, to object: inout StreamObject) throws(LeibrixError) {
        switch change {
        case .addColumn(let column):
            guard !object.columns.contains(where: { $0.name.lowercased() == column.name.lowercased() }) else {
                throw LeibrixError(
                    .streamConfiguration, "column \"\(column.name)\" of source \"\(object.name)\" already exists", hint: "Choose another name.", sqlState: "42701")
            }
            object.columns.append(column)
        case .idleTimeout(let micros):
            guard object.eventTime != nil else {
                throw LeibrixError(
                    .streamNoEventTime, "option \"idle_timeout\" needs a watermark", hint: "CREATE SOURCE … (…, WATERMARK FOR column).")
            }
            object.eventTime?.idleMicros = micros
        case .options(let options):
            guard object.connector != nil else {
                let names = options.map { "\"\($0.name)\"" }.joined(separator: ", ")
                throw LeibrixError(
                    .streamConfiguration, "unrecognized option \(names)", hint: "A source without a connector has idle_timeout.")
            }
            for option in options {
                object.options.removeAll { $0.name == option.name }
                object.options.append(option)
            }
        }
    }

    /// `${NAME}` in a text, replaced. Throws `streamConfiguration` with the name of one that is not set.
    public func expanded(_ text: String) throws(LeibrixError) -> String { try ConfigVariables.expand(text, configuration.variables) }

    /// Throws for rows that a source cannot take, before they are in the log.
    func checkRows(_ batches: [Batch], for source: String) throws(LeibrixError) {
        guard let object = object(source), object.kind == .source else {
            throw LeibrixError(.streamUndefined, "source \"\(source)\" does not exist", hint: "SHOW SOURCES lists what there is.")
        }
        for batch in batches where !batch.columns.map(\.type).elementsEqual(object.columns.map(\.type)) {
            throw LeibrixError(
                .streamSchema, "rows do not have the columns of source \"\(source)\"",
                detail: "It has \(object.columns.map { "\($0.name) \($0.type)" }.joined(separator: ", ")), the rows \(batch.columns.map { "\($0.type)" }.joined(separator: ", ")).",
                hint: "Give every column of the source, in its order.")
        }
    }
}
