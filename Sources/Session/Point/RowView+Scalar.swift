internal import Columnar
public import SQLPlanning
public import TableEngine

extension RowView: ScalarRow {
    public func scalar(column: Int) -> Scalar {
        if isNull(column) { return .null }
        switch type(column).base {
        case .boolean: return .boolean(integer(column) != 0)
        case .tinyInt, .smallInt, .integer, .bigInt, .date, .time, .timestamp, .timestampTZ: return .integer(integer(column))
        case .double: return .double(double(column))
        case .real: return .double(Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits(column)))))
        default: return Scalar(value(column))
        }
    }
}
