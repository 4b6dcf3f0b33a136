// One index of a table: from keys to the newest row version that has the key.
//
// A unique index has one entry a key; older versions of the key are reached through the versions' links. Other indexes have one
// entry a version: the key with the row id behind it. A row with a NULL among its columns conflicts with nothing (unless NULLs
// are equal), so its entry carries the row id, too; in an index of words it has no entry at all.
//
// Entries are changed under the table's lock and found without one. The entry of an ended version stays until no snapshot sees it.
public import Base
public import Catalog
public import Columnar
public import LearnedIndex
internal import Synchronization

public final class TableIndex: Sendable {
    public let definition: IndexDefinition
    public let isUnique: Bool
    let parts: [KeyPart]
    /// Whether its keys are words: one column of a type of at most eight bytes, unique.
    public let usesWords: Bool
    let tree: KeyTree
    /// Rows of before the start are still on their way into the tree (`IndexLoading`): what it does not have may yet be there.
    let isLoading = Atomic<Bool>(false)

    /// Throws `notSupported` for expressions and types without an order.
    ///
    /// With `words`, an index of words starts with those.
    init(
        _ definition: IndexDefinition, of table: TableDefinition, words: LearnedIndex? = nil
    ) throws(LeibrixError) {
        var parts: [KeyPart] = []
        for key in definition.keys {
            guard case .column(let number) = key.part, let place = table.position(ofAttribute: number) else {
                throw LeibrixError(.notSupported, "indexes on expressions are not supported", hint: "Index a generated column instead.")
            }
            parts.append(try KeyPart(column: place, type: table.columns[place].type, isDescending: key.isDescending))
        }
        self.definition = definition
        self.parts = parts
        isUnique = definition.isUnique
        usesWords = definition.isUnique && parts.count == 1 && parts[0].isWord && !definition.nullsNotDistinct
        if usesWords {
            tree = .words(words ?? LearnedIndex())
        } else {
            tree = .bytes(BytesIndex())
        }
    }

    /// What the index is made of now, for EXPLAIN and leibrix.indexes. O(nodes), for keys of bytes O(keys).
    public var report: IndexReport { tree.report }

    /// Columns of the key as places in the table, and their types as values must have.
    public var columns: [Int] { parts.map(\.column) }
    /// Whether rows with NULLs have entries: then a scan of the whole index is a scan of the whole table.
    public var holdsNulls: Bool { !usesWords }
}

// MARK: Keys

extension TableIndex {
    /// The key, or with fewer values than the index has columns its beginning. nil when a value of a whole unique key is NULL:
    /// nothing equals it. Throws `typeMismatch` for a value that is not of its column's type.
    public func key(_ values: [Value]) throws(LeibrixError) -> IndexKey? {
        precondition(!values.isEmpty && values.count <= parts.count)
        var writer = KeyWriter()
        for (part, value) in zip(parts, values) {
            if value.isNull {
                if usesWords || (isUnique && !definition.nullsNotDistinct) { return nil }
                writer.appendNull()
            } else if part.kind == .text {
                try append(value, part, &writer)
            } else {
                guard let bits = value.physicalBits(part.type) else { throw mismatch(value, part) }
                if usesWords { return .word(part.word(UInt64(truncatingIfNeeded: bits))) }
                writer.append(part, bits: bits)
            }
        }
        return .bytes(writer.bytes)
    }

    private func append(_ value: Value, _ part: KeyPart, _ writer: inout KeyWriter) throws(LeibrixError) {
        switch value {
        case .string(var text): text.withUTF8 { unsafe writer.append(part, text: UnsafeRawBufferPointer($0)) }
        case .blob(let bytes): unsafe bytes.withUnsafeBytes { unsafe writer.append(part, text: $0) }
        default: throw mismatch(value, part)
        }
    }

    private func mismatch(_ value: Value, _ part: KeyPart) -> LeibrixError {
        LeibrixError(.typeMismatch, "index \"\(definition.name)\" holds values of type \(part.type), not \(value)")
    }

    /// The key of an integer, date or timestamp column's stored bits, without a look at its type. Only for indexes of words.
    @inline(__always)
    public func key(bits: UInt64) -> IndexKey { .word(parts[0].word(bits)) }

    /// The word of a row; nil for NULL.
    @inline(__always)
    func word(_ cells: UnsafeMutablePointer<CellLayout>, _ slot: Int) -> UInt64? {
        let part = parts[0]
        let cell = unsafe cells + part.column
        if unsafe cell.pointee.isNull(slot) { return nil }
        let bits: UInt64 =
            switch part.width {
            case 1: UInt64(unsafe cell.pointee.load(slot, as: UInt8.self))
            case 2: UInt64(unsafe cell.pointee.load(slot, as: UInt16.self))
            case 4: UInt64(unsafe cell.pointee.load(slot, as: UInt32.self))
            default: unsafe cell.pointee.load(slot, as: UInt64.self)
            }
        return part.word(bits)
    }

    /// Writes a row's key; returns whether the row id was added, so that nothing else can have it.
    func write(_ cells: UnsafeMutablePointer<CellLayout>, _ slot: Int, _ row: RowID, _ writer: inout KeyWriter) -> Bool {
        writer.reset()
        var hasNull = false
        for part in parts {
            let cell = unsafe (cells + part.column).pointee
            if cell.isNull(slot) {
                hasNull = true
                writer.appendNull()
            } else if part.kind == .text {
                unsafe writer.append(part, text: cell.bytes(slot))
            } else {
                writer.append(part, bits: cell.bits(slot, width: part.width))
            }
        }
        let addsRow = !isUnique || (hasNull && !definition.nullsNotDistinct)
        if addsRow { writer.append(row) }
        return addsRow
    }

    /// Whether a row version has this key.
    func matches(_ key: IndexKey, _ cells: UnsafeMutablePointer<CellLayout>, _ slot: Int) -> Bool {
        switch key {
        case .word(let wanted): return unsafe word(cells, slot) == wanted
        case .bytes(let wanted):
            var writer = KeyWriter()
            _ = unsafe write(cells, slot, RowID(rawValue: 0), &writer)
            return writer.bytes.starts(with: wanted)
        }
    }
}
