// One column of rows that are being read: flat memory in the layout batches have, written at a row, kept or given up with it.
internal import Base
internal import Columnar

/// Why a value does not go into a column.
public enum Misfit: Error, Sendable, Hashable {
    /// The text or value is not one of the type.
    case type
    /// It is one of a wider type.
    case range
}

@safe
final class ColumnBuilder {
    let type: DataType
    let width: Int
    let isText: Bool
    private let capacity: Int
    private var values: UnsafeMutableRawPointer
    private var validity: UnsafeMutablePointer<UInt64>
    private var hasNulls = false
    /// Bytes of strings longer than 12; their entries hold offsets until the batch is made.
    private var heap: [UInt8] = []

    init(_ type: DataType, capacity: Int) {
        self.type = type.base
        self.capacity = capacity
        width = type.physicalWidth
        isText = type.base == .varchar
        (unsafe values, unsafe validity) = unsafe Self.allocate(width, capacity)
    }

    deinit {
        unsafe values.deallocate()
        unsafe validity.deallocate()
    }

    private static func allocate(_ width: Int, _ capacity: Int) -> (UnsafeMutableRawPointer, UnsafeMutablePointer<UInt64>) {
        let words = (capacity + 63) / 64
        let values = UnsafeMutableRawPointer.allocate(byteCount: capacity * width, alignment: 16)
        let validity = UnsafeMutablePointer<UInt64>.allocate(capacity: words)
        unsafe values.initializeMemory(as: UInt8.self, repeating: 0, count: capacity * width)
        unsafe validity.initialize(repeating: .max, count: words)
        return unsafe (values, validity)
    }

    func setNull(_ row: Int) {
        hasNulls = true
        unsafe validity[row >> 6] &= ~(1 << UInt64(row & 63))
        unsafe (values + row * width).initializeMemory(as: UInt8.self, repeating: 0, count: width)
    }

    func store<T: BitwiseCopyable>(_ value: T, _ row: Int) {
        unsafe validity[row >> 6] |= 1 << UInt64(row & 63)
        unsafe values.storeBytes(of: value, toByteOffset: row * width, as: T.self)
    }

    /// Text that lies in `bytes`.
    func store(_ bytes: borrowing [UInt8], _ range: Range<Int>, _ row: Int) {
        unsafe validity[row >> 6] |= 1 << UInt64(row & 63)
        let place = unsafe values + row * 16
        unsafe place.storeBytes(of: UInt32(range.count), as: UInt32.self)
        let inline = range.count <= 12
        if inline { unsafe place.storeBytes(of: 0, toByteOffset: 8, as: UInt64.self) }
        unsafe place.storeBytes(of: 0, toByteOffset: 4, as: UInt32.self)
        let head = inline ? range.count : 4
        unsafe bytes.withUnsafeBytes { source in
            if head > 0 { unsafe (place + 4).copyMemory(from: source.baseAddress! + range.lowerBound, byteCount: head) }
        }
        guard !inline else { return }
        unsafe place.storeBytes(of: UInt64(heap.count), toByteOffset: 8, as: UInt64.self)
        heap.append(contentsOf: bytes[range])
    }

    var textBytes: Int { heap.count }

    /// The first `count` rows as a column, and the memory that holds it; begins anew.
    func take(_ count: Int) -> (Column, AnyObject) {
        let memory = unsafe ColumnMemory(values, validity, heap)
        if isText, !heap.isEmpty { memory.placeTexts(count) }
        let column = unsafe Column(
            type: type, count: count, validity: hasNulls ? UnsafePointer(validity) : nil, data: UnsafeRawPointer(values))
        heap = []
        hasNulls = false
        (unsafe values, unsafe validity) = unsafe Self.allocate(width, capacity)
        return (column, memory)
    }
}

/// What a column of a batch made here keeps alive.
@safe
private final class ColumnMemory {
    private let values: UnsafeMutableRawPointer
    private let validity: UnsafeMutablePointer<UInt64>
    private let heap: UnsafeMutableRawPointer?

    init(_ values: UnsafeMutableRawPointer, _ validity: UnsafeMutablePointer<UInt64>, _ text: [UInt8]) {
        unsafe self.values = unsafe values
        unsafe self.validity = unsafe validity
        if text.isEmpty {
            unsafe heap = nil
        } else {
            let made = UnsafeMutableRawPointer.allocate(byteCount: text.count, alignment: 16)
            unsafe text.withUnsafeBytes { unsafe made.copyMemory(from: $0.baseAddress!, byteCount: text.count) }
            unsafe heap = made
        }
    }

    deinit {
        unsafe values.deallocate()
        unsafe validity.deallocate()
        unsafe heap?.deallocate()
    }

    /// Turns offsets into addresses.
    func placeTexts(_ count: Int) {
        let base = unsafe UInt64(UInt(bitPattern: heap))
        for row in 0..<count {
            let entry = unsafe values + row * 16
            guard unsafe entry.load(as: UInt32.self) > 12 else { continue }
            let offset = unsafe entry.load(fromByteOffset: 8, as: UInt64.self)
            unsafe entry.storeBytes(of: base + offset, toByteOffset: 8, as: UInt64.self)
        }
    }
}
