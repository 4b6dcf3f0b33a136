internal import Base
internal import Columnar
internal import DuckDBKit
internal import SQLPlanning

/// WHERE of SUBSCRIBE, over rows of a stream. What the evaluator of single rows does not know is refused.
struct RowFilter: Sendable {
    private let program: ScalarProgram

    init(_ text: String, _ name: String, _ columns: [DataType.Field], _ parser: QueryReader) throws(LeibrixError) {
        let prefix = "SELECT 1 WHERE "
        let query: Query
        do throws(LeibrixError) { query = try parser.read(prefix + text) } catch {
            var error = error
            error.position = error.position.map { max($0 - prefix.utf8.count, 1) }
            throw error
        }
        let scope = ScalarScope(
            columns: columns.map { ScalarScope.Column($0.name, $0.type) }, qualifiers: [[name], ["public", name]], parameterTypes: [])
        guard let filter = query.select?.filter, let program = ScalarProgram.bind(filter, in: scope), program.type.base == .boolean else {
            throw LeibrixError(
                .streamNotSupported, "this condition is not supported in SUBSCRIBE",
                hint: "Compare columns of the stream with constants, or CREATE STREAM … AS SELECT * FROM \(name) WHERE … and SUBSCRIBE that.")
        }
        self.program = program
    }

    /// The rows of an entry for which the condition holds; a row that it fails on is left out.
    func kept(_ batch: Batch) -> [Int] {
        var frame = ScalarFrame()
        let context = ScalarContext()
        return (0..<batch.rowCount).filter { row in
            let scalars = ScalarArrayRow(batch.columns.map { Scalar($0.value(at: row)) })
            return (try? program.evaluate(scalars, context, &frame))?.isTrue ?? false
        }
    }
}
