public import Columnar

/// What a text literal says as a value of a type, in the plain forms on which PostgreSQL and DuckDB agree; nil for any other.
public func literalValue(_ text: String, _ type: DataType) -> Value? {
    guard let target = ScalarType(type), let scalar = LiteralText.value(text, target) else { return nil }
    return scalar.value(type)
}
