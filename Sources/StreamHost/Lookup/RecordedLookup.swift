// What lookups answered is part of the log: a replay gives the answers that were given, whatever the table holds by then.
//
// With lookups about, the engine is told a record before the log is: the record then has the answers (kind 6), and nothing that
// follows from it is shown before it is durable. A record whose append fails ends the log, so the engine's lead is never seen.
//
//   kind 6: i64 micros · u8 kind of the record within · u32 bytes · the record · answers to the end
//   an answer: u32 bytes · what was asked · u8 1 rows, 0 an error · u32 rows: i32 key's row · the rows as in BatchCoding, or text of the error
internal import Base
internal import Columnar
internal import StreamEngine
internal import Synchronization
internal import WriteAheadLog

final class LookupRecorder: Sendable {
    struct Answer {
        var asked: [UInt8]
        var bytes: [UInt8]
    }

    private struct State {
        var recorded: [Answer] = []
        var replayed: [[UInt8]: [[UInt8]]] = [:]
    }

    private let state = Mutex(State())

    func record(_ answer: Answer) { state.withLock { $0.recorded.append(answer) } }

    /// What was answered since the last call.
    func take() -> [Answer] {
        state.withLock { state in
            defer { state.recorded = [] }
            return state.recorded
        }
    }

    /// Answers to be given again, in their order.
    func replay(_ answers: [Answer]) {
        state.withLock { state in
            state.replayed = [:]
            for answer in answers { state.replayed[answer.asked, default: []].append(answer.bytes) }
        }
    }

    func replayed(_ asked: [UInt8]) -> [UInt8]? {
        state.withLock { state in
            guard state.replayed[asked]?.isEmpty == false else { return nil }
            return state.replayed[asked]?.removeFirst()
        }
    }
}

final class RecordedLookup: LookupSource {
    private let name: String
    private let columns: [DataType.Field]
    private let source: any LookupSource
    private let recorder: LookupRecorder

    init(_ name: String, _ columns: [DataType.Field], _ source: any LookupSource, _ recorder: LookupRecorder) {
        self.name = name
        self.columns = columns
        self.source = source
        self.recorder = recorder
    }

    func lookUp(_ keys: Batch, columns wanted: [Int]) throws(LeibrixError) -> LookupAnswer {
        var asked: [UInt8] = []
        asked.append(text: name)
        for column in wanted { asked.append(integer: UInt16(column)) }
        BatchCoding.append(keys, to: &asked)
        if let bytes = recorder.replayed(asked) { return try decoded(bytes) }
        do throws(LeibrixError) {
            let answer = try source.lookUp(keys, columns: wanted)
            var bytes: [UInt8] = [1]
            bytes.append(integer: UInt32(answer.keyRows.count))
            for row in answer.keyRows { bytes.append(integer: UInt32(bitPattern: row)) }
            BatchCoding.append(answer.rows, to: &bytes)
            recorder.record(LookupRecorder.Answer(asked: asked, bytes: bytes))
            return answer
        } catch {
            var bytes: [UInt8] = [0]
            bytes.append(text: error.message)
            recorder.record(LookupRecorder.Answer(asked: asked, bytes: bytes))
            throw error
        }
    }

    private func decoded(_ bytes: [UInt8]) throws(LeibrixError) -> LookupAnswer {
        guard let first = bytes.first else { throw .damagedRows }
        var offset = 1
        guard first == 1 else { throw LeibrixError(.streamSourceFailed, try bytes.text(at: &offset)) }
        var keyRows: [Int32] = []
        for _ in 0..<Int(try bytes.integer(UInt32.self, at: &offset)) { keyRows.append(Int32(bitPattern: try bytes.integer(UInt32.self, at: &offset))) }
        return LookupAnswer(rows: try BatchCoding.read(bytes, at: &offset, types: columns.map(\.type)), keyRows: keyRows)
    }
}

struct AnsweredRecord {
    var kind: LogKind
    var payload: [UInt8]
    var answers: [LookupRecorder.Answer]

    var encoded: [UInt8] {
        var bytes = Array(payload.prefix(8))
        bytes.append(UInt8(truncatingIfNeeded: kind.rawValue))
        bytes.append(integer: UInt32(payload.count))
        bytes.append(contentsOf: payload)
        for answer in answers {
            bytes.append(integer: UInt32(answer.asked.count))
            bytes.append(contentsOf: answer.asked)
            bytes.append(integer: UInt32(answer.bytes.count))
            bytes.append(contentsOf: answer.bytes)
        }
        return bytes
    }

    init(kind: LogKind, payload: [UInt8], answers: [LookupRecorder.Answer]) {
        (self.kind, self.payload, self.answers) = (kind, payload, answers)
    }

    init(_ bytes: [UInt8]) throws(LeibrixError) {
        var offset = 9
        guard bytes.count > offset else { throw .damagedRows }
        kind = LogKind(rawValue: .init(bytes[8]))
        payload = try Self.part(bytes, &offset)
        answers = []
        while offset < bytes.count {
            let asked = try Self.part(bytes, &offset)
            answers.append(LookupRecorder.Answer(asked: asked, bytes: try Self.part(bytes, &offset)))
        }
    }

    private static func part(_ bytes: [UInt8], _ offset: inout Int) throws(LeibrixError) -> [UInt8] {
        let count = Int(try bytes.integer(UInt32.self, at: &offset))
        guard offset + count <= bytes.count else { throw .damagedRows }
        defer { offset += count }
        return Array(bytes[offset..<offset + count])
    }
}
