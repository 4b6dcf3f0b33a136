// Avro's binary encoding (Apache Avro 1.11 specification, "Binary Encoding"), as far as Iceberg's manifests need it.
//
//   int, long      zigzag, then 7 bits a byte, lowest first, high bit set on all but the last
//   bytes, string  long length, then the bytes
//   union          long branch number, then the value
//   array, map     blocks of (long count, items), ended by a count of 0
//   record         its fields, one after the other

struct AvroEncoder {
    private(set) var bytes: [UInt8] = []

    mutating func long(_ value: Int64) {
        var rest = UInt64(bitPattern: (value << 1) ^ (value >> 63))
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func int(_ value: Int) { long(Int64(value)) }
    mutating func boolean(_ value: Bool) { bytes.append(value ? 1 : 0) }
    mutating func raw(_ more: [UInt8]) { bytes += more }

    mutating func blob(_ value: [UInt8]) {
        int(value.count)
        bytes += value
    }

    mutating func string(_ value: String) { blob(Array(value.utf8)) }

    /// A union of null and one other type.
    mutating func optional<T>(_ value: T?, _ body: (inout AvroEncoder, T) -> Void) {
        guard let value else { return int(0) }
        int(1)
        body(&self, value)
    }

    mutating func array<T>(_ items: [T], _ body: (inout AvroEncoder, T) -> Void) {
        if !items.isEmpty {
            int(items.count)
            for item in items { body(&self, item) }
        }
        int(0)
    }
}
