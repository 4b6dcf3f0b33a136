internal import Base
internal import Columnar

/// How values of a column lie in a page: as a batch has them.
enum PageLayout: UInt8, BitwiseCopyable, Sendable {
    case byte, int8, int16, int32, int64, uint8, uint16, uint32, uint64, float, double, text
    case huge16, huge32, huge64, huge128

    init(_ type: DataType) {
        switch type.base {
        case .boolean: self = .byte
        case .tinyInt: self = .int8
        case .smallInt: self = .int16
        case .integer, .date: self = .int32
        case .unsignedTinyInt: self = .uint8
        case .unsignedSmallInt: self = .uint16
        case .unsignedInteger: self = .uint32
        case .unsignedBigInt: self = .uint64
        case .real: self = .float
        case .double: self = .double
        case .varchar: self = .text
        case .hugeInt: self = .huge128
        case .decimal:
            switch type.physicalWidth {
            case 2: self = .huge16
            case 4: self = .huge32
            case 8: self = .huge64
            default: self = .huge128
            }
        default: self = .int64
        }
    }

    var width: Int {
        switch self {
        case .byte, .int8, .uint8: 1
        case .int16, .uint16, .huge16: 2
        case .int32, .uint32, .float, .huge32: 4
        case .int64, .uint64, .double, .huge64: 8
        case .text, .huge128: 16
        }
    }
}

/// One column of a page.
struct PageColumn: BitwiseCopyable, Sendable {
    var data: Memory
    /// A byte a row: 1 = NULL.
    var nulls: Lane<UInt8>
    var layout: PageLayout
    /// Whether there has been a NULL since the page was last emptied.
    var hasNulls: Bool

    /// Copies `count` values of a vector from row `first` on to row `row` of the page. Texts come as references to where they are.
    func store(_ vector: Vector, _ first: Int, _ count: Int, at row: Int) {
        switch layout {
        case .byte: data.advanced(by: row).copy(from: vector.data.advanced(by: first), count: count)
        case .int64, .double: data.advanced(by: row * 8).copy(from: vector.data.advanced(by: first * 8), count: count * 8)
        case .text, .huge128: data.advanced(by: row * 16).copy(from: vector.data.advanced(by: first * 16), count: count * 16)
        case .int8, .uint8: narrow(vector.ints.advanced(by: first), UInt8.self, count, row)
        case .int16, .uint16: narrow(vector.ints.advanced(by: first), UInt16.self, count, row)
        case .int32, .uint32: narrow(vector.ints.advanced(by: first), UInt32.self, count, row)
        case .uint64, .huge64: narrow(vector.huges.advanced(by: first), UInt64.self, count, row)
        case .huge16: narrow(vector.huges.advanced(by: first), UInt16.self, count, row)
        case .huge32: narrow(vector.huges.advanced(by: first), UInt32.self, count, row)
        case .float:
            let (values, out) = (vector.doubles.advanced(by: first), data.lane(Float.self).advanced(by: row))
            var index = 0
            while index < count {
                out[index] = Float(values[index])
                index += 1
            }
        }
    }

    @inline(__always)
    private func narrow<From: FixedWidthInteger & BitwiseCopyable, To: FixedWidthInteger & BitwiseCopyable>(
        _ values: Lane<From>, _: To.Type, _ count: Int, _ row: Int
    ) {
        let out = data.lane(To.self).advanced(by: row)
        var index = 0
        while index < count {
            out[index] = To(truncatingIfNeeded: values[index])
            index += 1
        }
    }

    /// An integer, date, time or timestamp.
    @inline(__always)
    func integer(_ row: Int) -> Int64 {
        switch layout {
        case .int64, .uint64, .huge64, .double: data.load(row &* 8, as: Int64.self)
        case .int32, .huge32, .float: Int64(data.load(row &* 4, as: Int32.self))
        case .uint32: Int64(data.load(row &* 4, as: UInt32.self))
        case .int16, .huge16: Int64(data.load(row &* 2, as: Int16.self))
        case .uint16: Int64(data.load(row &* 2, as: UInt16.self))
        case .int8: Int64(data.load(row, as: Int8.self))
        case .byte, .uint8: Int64(data.load(row, as: UInt8.self))
        case .text, .huge128: data.load(row &* 16, as: Int64.self)
        }
    }

    @inline(__always)
    func double(_ row: Int) -> Double {
        layout == .float ? Double(data.load(row &* 4, as: Float.self)) : data.load(row &* 8, as: Double.self)
    }

    func huge(_ row: Int) -> Int128 {
        switch layout {
        case .huge128: data.load(row &* 16, as: Int128.self)
        case .uint64: Int128(data.load(row &* 8, as: UInt64.self))
        default: Int128(integer(row))
        }
    }
}
