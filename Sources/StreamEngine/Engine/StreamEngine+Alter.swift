public import Base
internal import Columnar
internal import Platform

extension StreamEngine {
    /// Gives a source further columns behind those it has, or another idle timeout. Streams that read it go on and do not see the new columns;
    /// streams made later do. A handle that was got before belongs to the source as it was: get another.
    ///
    /// Throws `streamUndefined`, and what `createSource` throws; nothing is changed then.
    public func alterSource(_ definition: SourceDefinition) throws(LeibrixError) {
        try withGate { () throws(LeibrixError) in
            guard let source = sources[definition.name.lowercased()] else {
                throw LeibrixError(.streamUndefined, "source \"\(definition.name)\" does not exist", hint: "SHOW SOURCES lists what there is.")
            }
            let old = source.definition
            guard definition.columns.starts(with: old.columns), definition.eventTime?.column == old.eventTime?.column,
                definition.eventTime?.partition == old.eventTime?.partition, definition.isChanges == old.isChanges, definition.buffer == old.buffer
            else {
                throw LeibrixError(
                    .streamConfiguration, "a source keeps its columns and its event time", hint: "Columns are added behind those there are; DROP and CREATE it anew for more.")
            }
            let altered = try StreamSource(definition)
            if let pending = source.pending { feed(source, pending, pending.count, clock.wallMicros()) }
            altered.goOn(from: source)
            sources[definition.name.lowercased()] = altered
            buffered = buffered.map { $0 === source ? altered : $0 }
        }
    }

    /// Throws what `alterSource` would. Nothing is changed.
    public func check(_ definition: SourceDefinition) throws(LeibrixError) { _ = try StreamSource(definition) }
}
