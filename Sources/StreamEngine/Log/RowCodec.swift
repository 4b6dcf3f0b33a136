// A logged push: the rows of one batch as they lay in memory, little-endian, nothing aligned.
//
//      0  version, 1       1  flags: 1 = weights, 2 = position      2  columns, 2 bytes      4  rows, 4 bytes
//      8  offset of the first row in its source, 8 bytes           16  identity of the source's definition, 8 bytes
//     24  length of the name, 2 bytes; the name
//         with flag 2: length of the position, 4 bytes; the position
//         with flag 1: a byte a row
//         each column: width of a value (0: text) | 1 = has NULLs | then a bit a row, 1 = there, in whole bytes |
//                      values; of texts: all lengths, 4 bytes each, then all bytes
internal import Base
internal import Columnar

enum RowCodec {
    static let version: UInt8 = 1
    static let offsetPlace = 8

    static func encode(_ rows: PushedRows, name: String, identity: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        let count = rows.range.count
        bytes.reserveCapacity(64 + rows.batch.columns.reduce(0) { $0 + 8 + max($1.type.physicalWidth, 4) * count })
        bytes.append(version)
        bytes.append((rows.weights == nil ? 0 : 1) | (rows.position == nil ? 0 : 2))
        add(UInt16(rows.batch.columns.count), &bytes)
        add(UInt32(count), &bytes)
        add(Int64(0), &bytes)
        add(Int64(identity), &bytes)
        add(UInt16(truncatingIfNeeded: name.utf8.count), &bytes)
        bytes.append(contentsOf: name.utf8)
        if let position = rows.position {
            add(UInt32(position.utf8.count), &bytes)
            bytes.append(contentsOf: position.utf8)
        }
        if let weights = rows.weights { for row in rows.range { bytes.append(UInt8(bitPattern: weights[row])) } }
        for column in rows.batch.columns { add(column, rows.range, &bytes) }
        return bytes
    }

    /// Says where in its source the first row is: known when the record gets its place in the log.
    static func setOffset(_ offset: Int, _ bytes: inout [UInt8]) {
        let word = UInt64(bitPattern: Int64(offset))
        for index in 0..<8 { bytes[offsetPlace + index] = UInt8(truncatingIfNeeded: word >> UInt64(8 * index)) }
    }

    private static func add<T: FixedWidthInteger>(_ value: T, _ bytes: inout [UInt8]) {
        unsafe withUnsafeBytes(of: value.littleEndian) { unsafe bytes.append(contentsOf: $0) }
    }

    private static func add(_ column: Column, _ rows: Range<Int>, _ bytes: inout [UInt8]) {
        let isText = column.type.base == .varchar
        let width = isText ? 0 : column.type.physicalWidth
        bytes.append(UInt8(width))
        bytes.append(column.hasNulls ? 1 : 0)
        if column.hasNulls { addValidity(column, rows, &bytes) }
        guard let data = unsafe column.rawData else { return bytes.append(contentsOf: repeatElement(0, count: max(width, 4) * rows.count)) }
        if !isText {
            let start = unsafe data + rows.lowerBound * width
            unsafe bytes.append(contentsOf: UnsafeRawBufferPointer(start: start, count: rows.count * width))
            return
        }
        for row in rows { add(column.isValid(row) ? unsafe (data + row * 16).loadUnaligned(as: UInt32.self) : 0, &bytes) }
        for row in rows where column.isValid(row) {
            let text = column.bytes(at: row)
            unsafe text.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
        }
    }

    private static func addValidity(_ column: Column, _ rows: Range<Int>, _ bytes: inout [UInt8]) {
        var byte: UInt8 = 0
        for (index, row) in rows.enumerated() {
            if column.isValid(row) { byte |= 1 << UInt8(index & 7) }
            if index & 7 == 7 {
                bytes.append(byte)
                byte = 0
            }
        }
        if rows.count & 7 != 0 { bytes.append(byte) }
    }
}

/// Reads what `RowCodec` wrote. What cannot be is an error, never a crash.
struct RowDecoder {
    private let bytes: [UInt8]
    private var place = 0
    private let hasWeights: Bool
    private let hasPosition: Bool
    private let columnCount: Int
    let rowCount: Int
    /// Of the first row in its source.
    let offset: Int
    let identity: Int
    let name: String

    private static var damaged: LeibrixError {
        LeibrixError(.streamStateCorrupt, "a record of the stream log cannot be read", hint: "The log passed its checksums: it is of another version, or memory is bad.")
    }

    init(_ bytes: [UInt8]) throws(LeibrixError) {
        self.bytes = bytes
        guard bytes.count >= 26, bytes[0] == RowCodec.version else { throw Self.damaged }
        hasWeights = bytes[1] & 1 != 0
        hasPosition = bytes[1] & 2 != 0
        columnCount = Int(Self.word(bytes, 2, 2))
        rowCount = Int(Self.word(bytes, 4, 4))
        offset = Int(truncatingIfNeeded: Self.word(bytes, 8, 8))
        identity = Int(truncatingIfNeeded: Self.word(bytes, 16, 8))
        let length = Int(Self.word(bytes, 24, 2))
        guard bytes.count >= 26 + length else { throw Self.damaged }
        name = String(decoding: bytes[26..<26 + length], as: UTF8.self)
        place = 26 + length
    }

    private static func word(_ bytes: [UInt8], _ place: Int, _ count: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<count { value |= UInt64(bytes[place + index]) << UInt64(8 * index) }
        return value
    }

    private mutating func take(_ count: Int) throws(LeibrixError) -> Int {
        guard count >= 0, count <= bytes.count - place else { throw Self.damaged }
        defer { place += count }
        return place
    }

    private mutating func number(_ count: Int) throws(LeibrixError) -> Int {
        Int(truncatingIfNeeded: Self.word(bytes, try take(count), count))
    }

    /// The rows as columns of these types; columns that were added since are NULL.
    mutating func rows(_ types: [DataType]) throws(LeibrixError) -> PushedRows {
        var rows = PushedRows(batch: Batch(rowCount: 0, columns: [], owner: nil), range: 0..<rowCount, weights: nil, position: nil)
        if hasPosition {
            let length = try number(4)
            let start = try take(length)
            rows.position = String(decoding: bytes[start..<start + length], as: UTF8.self)
        }
        if hasWeights {
            let start = try take(rowCount)
            rows.weights = bytes[start..<start + rowCount].map { Int8(bitPattern: $0) }
        }
        guard columnCount <= types.count else { throw Self.damaged }
        let arena = Arena()
        var columns: [Column] = []
        for type in types { columns.append(columns.count < columnCount ? try column(type, arena) : absent(type, arena)) }
        rows.batch = Batch(rowCount: rowCount, columns: columns, owner: arena)
        return rows
    }

    private func absent(_ type: DataType, _ arena: Arena) -> Column {
        let data = arena.take(bytes: rowCount * max(type.physicalWidth, 1))
        let validity = arena.lane(UInt64.self, count: (rowCount + 63) / 64)
        return unsafe Column(type: type, count: rowCount, validity: validity.base, data: data.base)
    }

    private mutating func column(_ type: DataType, _ arena: Arena) throws(LeibrixError) -> Column {
        let width = try number(1)
        let isText = type.base == .varchar
        guard width == (isText ? 0 : type.physicalWidth) else { throw Self.damaged }
        var validity: Lane<UInt64>?
        if try number(1) != 0 {
            let start = try take((rowCount + 7) / 8)
            let words = arena.lane(UInt64.self, count: (rowCount + 63) / 64)
            for row in 0..<rowCount where bytes[start + row / 8] >> UInt8(row & 7) & 1 == 1 { words[row / 64] |= 1 << UInt64(row % 64) }
            validity = words
        }
        let data = arena.take(bytes: rowCount * (isText ? 16 : width))
        if isText { try texts(data, arena) } else { copy(try take(rowCount * width), rowCount * width, to: data) }
        return unsafe Column(type: type, count: rowCount, validity: validity.map { unsafe UnsafePointer($0.base) }, data: data.base)
    }

    private func copy(_ start: Int, _ count: Int, to memory: Memory) {
        unsafe bytes.withUnsafeBytes { if count > 0 { unsafe memory.base.copyMemory(from: $0.baseAddress! + start, byteCount: count) } }
    }

    private mutating func texts(_ data: Memory, _ arena: Arena) throws(LeibrixError) {
        let lengths = try take(rowCount * 4)
        let refs = data.lane(TextRef.self)
        for row in 0..<rowCount {
            let count = Int(Self.word(bytes, lengths + row * 4, 4))
            let start = try take(count)
            let place = count == 0 ? data : arena.take(bytes: count)
            if count > 0 { copy(start, count, to: place) }
            refs[row] = count == 0 ? .empty : TextRef.over(place, count: count)
        }
    }
}
