// A slice of one column in binary: one switch a column and slice, then a loop over one type.
internal import Base
internal import Columnar
internal import Reactor

extension Cells {
    func renderBinary(_ index: Int, _ source: Column, from start: Int, _ context: FormatContext) throws(LeibrixError) {
        if source.type.oidWidth != nil { return try renderBinaryOfOthers(index, source, from: start, context) }
        switch source.type {
        case .boolean:
            unsafe fill(index, source, from: start, slot: 1, as: UInt8.self) { value, out in
                unsafe out[0] = value != 0 ? 1 : 0
                return 1
            }
        case .tinyInt: bigEndian(index, source, from: start, Int8.self) { Int16($0) }
        case .unsignedTinyInt: bigEndian(index, source, from: start, UInt8.self) { Int16($0) }
        case .smallInt: bigEndian(index, source, from: start, Int16.self) { $0 }
        case .unsignedSmallInt: bigEndian(index, source, from: start, UInt16.self) { Int32($0) }
        case .integer: bigEndian(index, source, from: start, Int32.self) { $0 }
        case .unsignedInteger: bigEndian(index, source, from: start, UInt32.self) { Int64($0) }
        case .bigInt: bigEndian(index, source, from: start, Int64.self) { $0 }
        case .real: bigEndian(index, source, from: start, UInt32.self) { $0 }
        case .double: bigEndian(index, source, from: start, UInt64.self) { $0 }
        case .date: bigEndian(index, source, from: start, Int32.self) { PostgresEpoch.date($0) }
        case .time: bigEndian(index, source, from: start, Int64.self) { $0 }
        case .timestamp, .timestampTZ: bigEndian(index, source, from: start, Int64.self) { PostgresEpoch.timestamp($0) }
        case .uuid: bigEndian(index, source, from: start, UInt128.self) { Packed.uuid($0) }
        case .varchar, .blob: fillStrings(index, source, from: start)
        case .decimal(_, let scale): binaryDecimals(index, source, from: start, DecimalPoint(scale: scale))
        default: try renderBinaryOfOthers(index, source, from: start, context)
        }
    }

    @inline(__always)
    private func bigEndian<T: BitwiseCopyable, U: FixedWidthInteger & BitwiseCopyable>(
        _ index: Int, _ source: Column, from start: Int, _: T.Type, _ convert: (T) -> U
    ) {
        unsafe fill(index, source, from: start, slot: MemoryLayout<U>.size, as: T.self) { value, out in
            unsafe UnsafeMutableRawPointer(out).storeBytes(of: convert(value).bigEndian, as: U.self)
            return MemoryLayout<U>.size
        }
    }

    private func binaryDecimals(_ index: Int, _ source: Column, from start: Int, _ point: DecimalPoint) {
        let slot = NumericBinary.slot
        switch source.type.physicalWidth {
        case 2: unsafe fill(index, source, from: start, slot: slot, as: Int16.self) { unsafe NumericBinary.write(Int64($0), point, to: $1) }
        case 4: unsafe fill(index, source, from: start, slot: slot, as: Int32.self) { unsafe NumericBinary.write(Int64($0), point, to: $1) }
        case 8: unsafe fill(index, source, from: start, slot: slot, as: Int64.self) { unsafe NumericBinary.write($0, point, to: $1) }
        default: unsafe fill(index, source, from: start, slot: slot, as: Int128.self) { unsafe NumericBinary.write(wide: $0, point, to: $1) }
        }
    }

    private func renderBinaryOfOthers(_ index: Int, _ source: Column, from start: Int, _ context: FormatContext) throws(LeibrixError) {
        let binary = ValueBinary(context: context)
        try fillGrowing(index, source, from: start) { (row, arena) throws(LeibrixError) in try binary.append(source, row, to: arena) }
    }
}
