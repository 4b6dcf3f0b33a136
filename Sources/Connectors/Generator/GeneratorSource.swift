internal import Base
internal import Columnar

/// Rows made by rules: as many as asked for, the same for the same seed, from any row on.
final class GeneratorSource: SourceConnector {
    let schema: [DataType.Field]
    private let fields: [FieldGenerator]
    private let rowCount: Int?
    private let builder: BatchBuilder
    private var next = 0

    init(_ schema: [DataType.Field], rules: [FieldGenerator.Rule], seed: UInt64, rowCount: Int?, batchRows: Int) throws(LeibrixError) {
        self.schema = schema
        self.rowCount = rowCount
        fields = rules.enumerated().map { FieldGenerator($1, seed: seed, column: $0) }
        builder = try BatchBuilder(schema.map(\.type), capacity: batchRows)
    }

    func open() throws(LeibrixError) { next = 0 }
    func close() {}
    func position() -> String { String(next) }

    func restore(_ position: String) throws(LeibrixError) {
        guard let row = Int(position), row >= 0 else {
            throw LeibrixError(.streamCheckpointCorrupt, "a generator's position does not read", detail: String(position.prefix(100)))
        }
        next = row
    }

    func poll(_ rowsMax: Int) throws(LeibrixError) -> SourcePoll {
        let end = min(next + min(rowsMax, builder.capacity), rowCount ?? .max)
        if next >= end { return .end }
        while next < end, !builder.isFull {
            builder.beginRow()
            for (column, field) in fields.enumerated() { try write(field, column) }
            builder.endRow()
            next += 1
        }
        return .rows(SourceRows(builder.take()))
    }

    /// A value that does not fit its column ends the source: the rule was written for another type.
    private func write(_ field: FieldGenerator, _ column: Int) throws(LeibrixError) {
        do throws(Misfit) {
            try field.write(next, column, builder)
        } catch {
            throw LeibrixError(
                .streamSourceFailed, "row \(next + 1) of the generator does not fit column \"\(schema[column].name)\" of type \(schema[column].type)",
                hint: "Give fields.\(schema[column].name) a rule whose values the type holds.")
        }
    }
}
