// A record of the host's log: what the engine was told, and when. Its number is the log record's transaction: the position
// that every row it makes carries.
//
//   rows  (kind 1): i64 micros · u64 object · text position · batches to the end
//   tick  (kind 2): i64 micros
//   end   (kind 3): i64 micros · u64 object: the source has given all it had
//   kinds 4 and 5, of tables that streams follow: ChangeRecord; kind 6, with what lookups answered: AnsweredRecord
//   time  (kind 7): i64 micros · u64 object · i64 event time, in the source's unit: no row before it will come
internal import Base
internal import Columnar
internal import WriteAheadLog

enum InputRecord {
    static let rowsKind = LogKind(rawValue: 1)
    static let tickKind = LogKind(rawValue: 2)
    static let endKind = LogKind(rawValue: 3)
    static let changesKind = LogKind(rawValue: 4)
    static let followKind = LogKind(rawValue: 5)
    static let answeredKind = LogKind(rawValue: 6)
    static let timeKind = LogKind(rawValue: 7)

    static func rows(micros: Int64, object: Int64, position: String, _ batches: ArraySlice<Batch>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(integer: UInt64(bitPattern: micros))
        bytes.append(integer: UInt64(bitPattern: object))
        bytes.append(text: position)
        for batch in batches { BatchCoding.append(batch, to: &bytes) }
        return bytes
    }

    static func tick(micros: Int64) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(integer: UInt64(bitPattern: micros))
        return bytes
    }

    static func end(micros: Int64, object: Int64) -> [UInt8] {
        var bytes = tick(micros: micros)
        bytes.append(integer: UInt64(bitPattern: object))
        return bytes
    }

    static func time(micros: Int64, object: Int64, _ time: Int64) -> [UInt8] {
        var bytes = end(micros: micros, object: object)
        bytes.append(integer: UInt64(bitPattern: time))
        return bytes
    }

    static func time(_ payload: [UInt8]) throws(LeibrixError) -> Int64 {
        var offset = 16
        return Int64(bitPattern: try payload.integer(UInt64.self, at: &offset))
    }

    static func object(_ payload: [UInt8]) throws(LeibrixError) -> Int64 {
        var offset = 8
        return Int64(bitPattern: try payload.integer(UInt64.self, at: &offset))
    }

    /// What stands before the batches; `offset` is then at the first of them.
    struct Head {
        var micros: Int64
        var object: Int64
        var position: String
    }

    static func micros(_ payload: [UInt8]) throws(LeibrixError) -> Int64 {
        var offset = 0
        return Int64(bitPattern: try payload.integer(UInt64.self, at: &offset))
    }

    static func head(_ payload: [UInt8], _ offset: inout Int) throws(LeibrixError) -> Head {
        let micros = Int64(bitPattern: try payload.integer(UInt64.self, at: &offset))
        let object = Int64(bitPattern: try payload.integer(UInt64.self, at: &offset))
        return Head(micros: micros, object: object, position: try payload.text(at: &offset))
    }
}
