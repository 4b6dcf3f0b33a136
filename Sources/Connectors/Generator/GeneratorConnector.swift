internal import Base
internal import Columnar
internal import Catalog

/// GENERATOR: what the statement says, checked.
enum GeneratorConnector {
    static let options = ["rows", "seed", "rows_per_second", "fields."]

    static func make(
        _ spec: ConnectorSpec, _ context: ConnectorContext, _ runner: RunnerSettings, _ options: inout OptionReader
    ) throws(LeibrixError) -> any SourceConnector {
        let rows = try options.integer("rows", in: 0...Int64(1) << 53).map { Int($0) }
        let seed = try options.integer("seed", in: Int64.min...Int64.max) ?? 1
        if let format = spec.format {
            throw LeibrixError(.streamConnector, "a generator's rows have no format", detail: "The statement says FORMAT \(format).", hint: "Leave FORMAT out.")
        }
        var rules: [FieldGenerator.Rule] = []
        for field in spec.columns {
            guard let text = try options.text("fields." + field.name.lowercased()) else {
                rules.append(.standard(field))
                continue
            }
            let rule = try FieldGenerator.Rule(text, field: field.name)
            guard rule.fits(field.type) else {
                throw LeibrixError(.streamConnector, "\(text) gives no values of \(field.type) for column \"\(field.name)\"", hint: "Rules are: \(FieldGenerator.Rule.spelled).")
            }
            rules.append(rule)
        }
        return try GeneratorSource(spec.columns, rules: rules, seed: UInt64(bitPattern: seed), rowCount: rows, batchRows: runner.batchRows)
    }
}
