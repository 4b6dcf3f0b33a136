// A slice of one column as text: one switch a column and slice, then a loop over one type.
internal import Base
internal import Columnar
internal import Reactor

extension Cells {
    func renderText(_ index: Int, _ source: Column, from start: Int, _ context: FormatContext) {
        switch source.type.base {
        case .boolean:
            unsafe fill(index, source, from: start, slot: 1, as: UInt8.self) { value, out in
                unsafe out[0] = value != 0 ? UInt8(ascii: "t") : UInt8(ascii: "f")
                return 1
            }
        case .tinyInt: textIntegers(index, source, from: start, as: Int8.self)
        case .smallInt: textIntegers(index, source, from: start, as: Int16.self)
        case .integer: textIntegers(index, source, from: start, as: Int32.self)
        case .bigInt: textIntegers(index, source, from: start, as: Int64.self)
        case .unsignedTinyInt: textIntegers(index, source, from: start, as: UInt8.self)
        case .unsignedSmallInt: textIntegers(index, source, from: start, as: UInt16.self)
        case .unsignedInteger: textIntegers(index, source, from: start, as: UInt32.self)
        case .unsignedBigInt: unsafe fill(index, source, from: start, slot: 20, as: UInt64.self) { unsafe Digits.unsigned($0, to: $1) }
        case .hugeInt: unsafe fill(index, source, from: start, slot: 40, as: Int128.self) { unsafe Digits.signed($0, to: $1) }
        case .unsignedHugeInt: unsafe fill(index, source, from: start, slot: 40, as: UInt128.self) { unsafe Digits.unsigned($0, to: $1) }
        case .decimal(let width, let scale): textDecimals(index, source, from: start, width: width, DecimalPoint(scale: scale))
        case .real: unsafe fill(index, source, from: start, slot: FloatText.slot, as: Float.self) { unsafe FloatText.real($0, to: $1) }
        case .double: unsafe fill(index, source, from: start, slot: FloatText.slot, as: Double.self) { unsafe FloatText.double($0, to: $1) }
        case .varchar: fillStrings(index, source, from: start)
        case .uuid: unsafe fill(index, source, from: start, slot: 36, as: UInt128.self) { unsafe Packed.uuidText(Packed.uuid($0), to: $1) }
        case .date: unsafe fill(index, source, from: start, slot: 24, as: Int32.self) { unsafe TemporalText.date($0, to: $1) }
        default: renderTextOfOthers(index, source, from: start, context)
        }
    }

    private func textIntegers<T: FixedWidthInteger & BitwiseCopyable>(_ index: Int, _ source: Column, from start: Int, as _: T.Type) {
        unsafe fill(index, source, from: start, slot: 20, as: T.self) { unsafe Digits.signed(Int64(truncatingIfNeeded: $0), to: $1) }
    }

    private func textDecimals(_ index: Int, _ source: Column, from start: Int, width: UInt8, _ point: DecimalPoint) {
        switch source.type.physicalWidth {
        case 2: unsafe fill(index, source, from: start, slot: 22, as: Int16.self) { unsafe point.text(Int64($0), to: $1) }
        case 4: unsafe fill(index, source, from: start, slot: 22, as: Int32.self) { unsafe point.text(Int64($0), to: $1) }
        case 8: unsafe fill(index, source, from: start, slot: 24, as: Int64.self) { unsafe point.text($0, to: $1) }
        default: unsafe fill(index, source, from: start, slot: 44, as: Int128.self) { unsafe point.text(wide: $0, to: $1) }
        }
    }

    private func renderTextOfOthers(_ index: Int, _ source: Column, from start: Int, _ context: FormatContext) {
        let slot = TemporalText.slot
        switch source.type.base {
        case .time: unsafe fill(index, source, from: start, slot: slot, as: Int64.self) { unsafe TemporalText.time($0, to: $1) }
        case .timestamp: unsafe fill(index, source, from: start, slot: slot, as: Int64.self) { unsafe TemporalText.timestamp($0, to: $1) }
        case .timestampTZ:
            let zone = context.zone
            unsafe fill(index, source, from: start, slot: slot, as: Int64.self) {
                unsafe TemporalText.timestamp($0, offset: zone.offset(atMicros: $0), to: $1)
            }
        case .timestampMillis:
            unsafe fill(index, source, from: start, slot: slot, as: Int64.self) {
                unsafe TemporalText.timestamp(TemporalText.micros($0, timesEach: 1_000), to: $1)
            }
        case .timestampNanos:
            unsafe fill(index, source, from: start, slot: slot, as: Int64.self) { unsafe TemporalText.timestamp(TemporalText.micros(nanos: $0), to: $1) }
        case .interval:
            let style = context.intervalStyle
            unsafe fill(index, source, from: start, slot: IntervalText.slot, as: UInt128.self) {
                let (months, days, micros) = Packed.interval($0)
                return unsafe IntervalText.write(months: months, days: days, micros: micros, style: style, to: $1)
            }
        default:
            let text = ValueText(context: context)
            fillGrowing(index, source, from: start) { row, arena in text.append(source, row, to: arena) }
        }
    }
}
