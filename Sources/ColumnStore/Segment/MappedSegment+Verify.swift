// Whether a segment's content is what was written: each chunk (a column of a row group) is looked at once, whoever asks first.
public import Base
internal import Columnar
internal import DuckDBKit
public import Platform
internal import Synchronization

extension MappedSegment {
    /// Whether all content is known to be sound: verified, or written by this process.
    public var isVerified: Bool { verdict.isSound }

    /// Checks what was not checked yet, on this thread. Throws `corruptSegment`.
    public func verify() throws(LeibrixError) {
        guard !verdict.isSound else { return }
        for index in placed.indices { try verifyRowGroup(index) }
        verdict.conclude()
    }

    /// Checks the content on `lanes` threads of `pool`; throws what `verify()` throws.
    public func verify(on pool: BlockingPool, lanes: Int) async throws(LeibrixError) {
        guard !verdict.isSound else { return }
        let segment = self
        let cursor = VerifyCursor()
        let failure = await withTaskGroup(of: LeibrixError?.self) { group in
            for _ in 0..<Swift.max(1, Swift.min(lanes, placed.count)) {
                group.addTask {
                    do throws(LeibrixError) {
                        try await pool.run { () throws(LeibrixError) in
                            while let index = cursor.take(below: segment.rowGroupCount) { try segment.verifyRowGroup(index) }
                        }
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            var first: LeibrixError?
            for await result in group { first = first ?? result }
            return first
        }
        if let failure { throw failure }
        verdict.conclude()
    }

    private func verifyRowGroup(_ index: Int) throws(LeibrixError) {
        for column in columns.indices { try verifyChunk(index, column) }
    }

    /// Checks one column of one row group, unless that was done. Any thread; two at a time do the same work, harmlessly.
    func verifyChunk(_ index: Int, _ column: Int) throws(LeibrixError) {
        let chunk = index * columns.count + column
        switch verdict.state(of: chunk) {
        case .sound: return
        case .damaged(let reason): throw .damagedSegment(path, reason)
        case .unknown: break
        }
        let group = placed[index]
        let span = group.node.columns[column].span
        try mapping.file.populate(offset: group.offset + span.offset, count: span.length)
        do {
            try unsafe group.node.verifyContent(of: column, at: mapping.start + group.offset, type: columns[column].type)
        } catch {
            let reason = "row group \(index): \(error.reason)"
            verdict.damaged(reason)
            throw .damagedSegment(path, reason)
        }
        verdict.sound(chunk)
    }
}

/// What is known of a segment's content. Damage to one chunk is damage to all: nothing more is read of such a file.
final class SegmentVerdict: Sendable {
    enum State { case unknown, sound, damaged(String) }

    private struct Findings {
        var sound: [Bool]
        var damage: String?
    }

    private let isWhole: Atomic<Bool>
    private let findings: Mutex<Findings>

    init(chunks: Int, isSound: Bool) {
        isWhole = Atomic(isSound)
        findings = Mutex(Findings(sound: isSound ? [] : Array(repeating: false, count: chunks)))
    }

    var isSound: Bool { isWhole.load(ordering: .acquiring) }

    func state(of chunk: Int) -> State {
        if isSound { return .sound }
        return findings.withLock { findings in
            if let damage = findings.damage { return .damaged(damage) }
            return findings.sound[chunk] ? .sound : .unknown
        }
    }

    func sound(_ chunk: Int) { findings.withLock { $0.sound[chunk] = true } }

    func damaged(_ reason: String) { findings.withLock { $0.damage = $0.damage ?? reason } }

    func trust() { isWhole.store(true, ordering: .releasing) }

    /// Every chunk has been looked at.
    func conclude() {
        let isSound = findings.withLock { $0.damage == nil && $0.sound.allSatisfy { $0 } }
        if isSound { isWhole.store(true, ordering: .releasing) }
    }
}

/// Deals out indices to the threads that verify.
private final class VerifyCursor: Sendable {
    private let next = Atomic<Int>(0)

    func take(below end: Int) -> Int? {
        let index = next.add(1, ordering: .relaxed).oldValue
        return index < end ? index : nil
    }
}
