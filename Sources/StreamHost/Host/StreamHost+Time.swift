// Event time that a producer tells itself, and who reads whom.
public import Base
internal import StreamEngine
internal import Synchronization
internal import WriteAheadLog

extension StreamHost {
    /// Says that no row of a source before this event time will come, in units of its time column. It belongs to the log like a row. Blocks.
    /// Throws `streamUndefined`, and `streamNoEventTime` for a source without one.
    @discardableResult
    public func advance(_ source: String, to time: Int64) throws(LeibrixError) -> Int64 {
        guard let object = object(source), object.kind == .source else {
            throw LeibrixError(.streamUndefined, "source \"\(source)\" does not exist", hint: "SHOW SOURCES lists what there is.")
        }
        guard object.eventTime != nil else {
            throw LeibrixError(.streamNoEventTime, "source \"\(source)\" has no event time", hint: "CREATE SOURCE … (…, WATERMARK FOR column).")
        }
        let payload = log == nil ? [] : InputRecord.time(micros: 0, object: object.number, time)
        let (number, end) = try told(payload, InputRecord.timeKind, urgency: .now) { () throws(LeibrixError) in
            guard let handle = self.state.withLock({ $0.handles[source] }) else {
                throw LeibrixError(.streamUndefined, "source \"\(source)\" does not exist")
            }
            handle.watermark(time)
        }
        try settle(number, end)
        return number
    }

    /// The event time that a source has come to, in units of its time column; nil before the first row.
    public func watermark(of source: String) -> Int64? { engine.sourceStatistics.first { $0.name == source }?.watermark }

    /// The names of what a stream, view, sink or late stream reads, tables with their schemas.
    public func reads(_ object: StreamObject) -> [String] {
        if object.kind == .late { return [object.input].compactMap { $0 } }
        return inputs(of: object).map { input in
            object.tables.first { $0.source(of: object.name).lowercased() == input }.map { "\($0.schema).\($0.name)" }
                ?? object.lookups.first { $0.source(of: object.name).lowercased() == input }.map { "\($0.schema).\($0.name)" } ?? input
        }
    }
}
