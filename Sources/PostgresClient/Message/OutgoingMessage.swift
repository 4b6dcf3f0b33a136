// Frontend messages, appended one after the other to a buffer that one send puts on the wire.

struct OutgoingMessages {
    private(set) var bytes: [UInt8] = []

    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    /// Kind (none for startup), length of the rest, body.
    mutating func message(_ kind: Character?, _ body: (inout OutgoingMessages) -> Void) {
        if let kind { bytes.append(kind.asciiValue!) }
        let start = bytes.count
        int32(0)
        body(&self)
        let length = UInt32(bytes.count - start)
        for index in 0..<4 { bytes[start + index] = UInt8(truncatingIfNeeded: length >> (24 - 8 * UInt32(index))) }
    }

    mutating func byte(_ value: UInt8) { bytes.append(value) }
    mutating func int16(_ value: Int) {
        bytes.append(UInt8(truncatingIfNeeded: value >> 8))
        bytes.append(UInt8(truncatingIfNeeded: value))
    }
    mutating func int32(_ value: Int) {
        int16(value >> 16)
        int16(value)
    }
    mutating func string(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        bytes.append(0)
    }
    mutating func raw(_ more: [UInt8]) { bytes.append(contentsOf: more) }

    mutating func parse(name: String, sql: String, types: [UInt32]) {
        message("P") {
            $0.string(name)
            $0.string(sql)
            $0.int16(types.count)
            for type in types { $0.int32(Int(type)) }
        }
    }

    /// All parameters and results in one format each.
    mutating func bind(portal: String, statement: String, parameters: [[UInt8]?], binaryParameters: Bool, binaryResults: Bool) {
        message("B") {
            $0.string(portal)
            $0.string(statement)
            $0.int16(1)
            $0.int16(binaryParameters ? 1 : 0)
            $0.int16(parameters.count)
            for parameter in parameters {
                $0.int32(parameter?.count ?? -1)
                if let parameter { $0.raw(parameter) }
            }
            $0.int16(1)
            $0.int16(binaryResults ? 1 : 0)
        }
    }

    mutating func describe(_ kind: Character, _ name: String) {
        message("D") {
            $0.byte(kind.asciiValue!)
            $0.string(name)
        }
    }

    mutating func execute(portal: String, rowsMax: Int) {
        message("E") {
            $0.string(portal)
            $0.int32(rowsMax)
        }
    }

    mutating func sync() { message("S") { _ in } }
}
