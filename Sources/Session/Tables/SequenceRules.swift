internal import Base
internal import Catalog
internal import Columnar
internal import SQLSyntax

/// What CREATE and ALTER SEQUENCE do to a definition.
enum SequenceRules {
    static func apply(_ options: SequenceOptions, to sequence: inout SequenceDefinition, isNew: Bool) throws(LeibrixError) {
        if let type = options.type {
            guard let declared = try ColumnType(type), [DataType.smallInt, .integer, .bigInt].contains(declared.type) else {
                throw LeibrixError(
                    .invalidOption, "sequence type must be smallint, integer, or bigint", hint: "Use one of them.", position: type.position)
            }
            sequence.type = declared.type
        }
        if let increment = options.increment {
            guard increment != 0 else { throw invalid("INCREMENT must not be zero") }
            sequence.increment = increment
        }
        let isUp = sequence.increment > 0
        let (low, high) = bounds(sequence.type)
        if let minimum = options.minimum { sequence.minimum = minimum ?? (isUp ? 1 : low) } else if isNew || options.type != nil {
            sequence.minimum = isUp ? 1 : low
        }
        if let maximum = options.maximum { sequence.maximum = maximum ?? (isUp ? high : -1) } else if isNew || options.type != nil {
            sequence.maximum = isUp ? high : -1
        }
        guard sequence.minimum < sequence.maximum else {
            throw invalid("MINVALUE (\(sequence.minimum)) must be less than MAXVALUE (\(sequence.maximum))")
        }
        guard sequence.minimum >= low, sequence.maximum <= high else {
            throw invalid("MINVALUE or MAXVALUE is out of range for sequence data type \(sequence.type.postgresName)")
        }
        if let cycle = options.cycle { sequence.cycles = cycle }
        if let cache = options.cache {
            guard cache > 0 else { throw invalid("CACHE (\(cache)) must be greater than zero") }
            sequence.cache = cache
        }
        if let start = options.start { sequence.start = start } else if isNew { sequence.start = isUp ? sequence.minimum : sequence.maximum }
        guard sequence.start >= sequence.minimum else {
            throw invalid("START value (\(sequence.start)) cannot be less than MINVALUE (\(sequence.minimum))")
        }
        guard sequence.start <= sequence.maximum else {
            throw invalid("START value (\(sequence.start)) cannot be greater than MAXVALUE (\(sequence.maximum))")
        }
    }

    private static func bounds(_ type: DataType) -> (Int64, Int64) {
        switch type {
        case .smallInt: (Int64(Int16.min), Int64(Int16.max))
        case .integer: (Int64(Int32.min), Int64(Int32.max))
        default: (.min, .max)
        }
    }

    private static func invalid(_ message: String) -> LeibrixError {
        LeibrixError(.invalidOption, message, hint: "Change the sequence's options.")
    }
}
