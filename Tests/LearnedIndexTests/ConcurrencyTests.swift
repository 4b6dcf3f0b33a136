// One writer beside readers, each on a thread of its own. Values carry their key's check, so that a torn entry, a lost key
// or one from freed memory shows.
internal import Foundation
import LearnedIndex
import Platform
import Synchronization
import Testing

/// Says when readers may stop, and counts what they did and what was wrong.
final class Watch: Sendable {
    let isOver = Atomic<Bool>(false)
    let reads = Atomic<Int>(0)
    let wrong = Mutex<[String]>([])

    /// Runs `read` over and over on `threads` threads while `write` runs here.
    func beside(threads count: Int, seed: UInt64, read: @escaping @Sendable (inout SeededGenerator, Watch) -> Void, write: () throws -> Void) rethrows {
        let threads = (0..<count).map { number in
            Thread { [self] in
                var generator = SeededGenerator(seed: seed &+ UInt64(number))
                while !isOver.load(ordering: .acquiring) {
                    read(&generator, self)
                    reads.add(1, ordering: .relaxed)
                }
            }
        }
        for thread in threads { thread.start() }
        defer {
            while threads.contains(where: { reads.load(ordering: .relaxed) == 0 && !$0.isFinished }) { sched_yield() }
            isOver.store(true, ordering: .releasing)
            while threads.contains(where: { !$0.isFinished }) { sched_yield() }
        }
        try write()
    }

    func report(_ what: String) { wrong.withLock { if $0.count < 10 { $0.append(what) } } }
}

@Suite struct ConcurrencyTests {
    static func value(_ key: UInt64, _ version: UInt64) -> UInt64 { (key &* 0x9E37_79B9_7F4A_7C15) & ~0xFFFF | version & 0xFFFF }
    static func fits(_ key: UInt64, _ value: UInt64) -> Bool { value & ~0xFFFF == (key &* 0x9E37_79B9_7F4A_7C15) & ~0xFFFF }

    /// Even keys are there all the time; odd ones come and go.
    private static func read(_ index: LearnedIndex, _ range: UInt64, _ generator: inout SeededGenerator, _ watch: Watch) {
        let key = generator.next() % range
        let found = index.lookup(key)
        if key % 2 == 0, found == nil { watch.report("\(key) is lost") }
        if let found, !fits(key, found) { watch.report("\(key) has \(found)") }
        var last: UInt64?
        var evens: UInt64 = 0
        index.scan(from: key, through: key + 200) { key, value in
            if !fits(key, value) { watch.report("\(key) has \(value) in a scan") }
            if let last, last >= key { watch.report("\(key) after \(last)") }
            evens += key % 2 == 0 ? 1 : 0
            last = key
            return true
        }
        let wanted = min(key + 200, range - 1) / 2 + 1 - (key + 1) / 2
        if evens != wanted { watch.report("\(evens) of \(wanted) from \(key)") }
    }

    @Test func readersBesideAWriter() throws {
        let seed = freshSeed()
        let range: UInt64 = 20_000
        let index = LearnedIndex(domain: EpochDomain())
        for key in stride(from: 0, to: range, by: 2) { _ = index.insert(key, Self.value(key, 0)) }
        let watch = Watch()
        try watch.beside(threads: 3, seed: seed, read: { Self.read(index, range, &$0, $1) }) {
            var generator = SeededGenerator(seed: seed)
            for round in 0..<6 {
                for _ in 0..<15_000 {
                    let key = generator.next() % range
                    if key % 2 == 0 {
                        #expect(index.upsert(key, Self.value(key, generator.next())) != nil)
                    } else if round % 2 == 0 {
                        _ = index.upsert(key, Self.value(key, generator.next()))
                    } else {
                        _ = index.erase(key)
                    }
                }
                try index.checkInvariants()
            }
        }
        #expect(watch.wrong.withLock { $0 } == [], "seed \(seed)")
        #expect(watch.reads.load(ordering: .relaxed) > 0)
        for _ in 0..<3 { index.reclaim() }
        #expect(index.report().waitingBytes == 0)
    }

    @Test func readersBesideAWriterOfBytes() throws {
        let seed = freshSeed()
        let index = BytesIndex(domain: EpochDomain())
        @Sendable func key(_ number: UInt64) -> [UInt8] { Array("some/long/beginning/\(number % 40)/\(number)/".utf8) }
        let range: UInt64 = 3_000
        for number in stride(from: 0, to: range, by: 2) { _ = index.insert(key(number), Self.value(number, 0)) }
        let watch = Watch()
        try watch.beside(threads: 3, seed: seed, read: { generator, watch in
            let number = generator.next() % range
            let found = index.lookup(key(number))
            if number % 2 == 0, found == nil { watch.report("\(number) is lost") }
            if let found, !Self.fits(number, found) { watch.report("\(number) has \(found)") }
            var last: [UInt8] = []
            var count = 0
            index.scan(from: key(number)) { key, _ in
                let now = key.indices.map { key[$0] }
                if !last.lexicographicallyPrecedes(now) { watch.report("\(now) after \(last)") }
                last = now
                count += 1
                return count < 60
            }
        }) {
            var generator = SeededGenerator(seed: seed)
            for _ in 0..<30_000 {
                let number = generator.next() % range
                if number % 2 == 0 {
                    #expect(index.upsert(key(number), Self.value(number, generator.next())) != nil)
                } else if generator.next() % 2 == 0 {
                    _ = index.upsert(key(number), Self.value(number, generator.next()))
                } else {
                    _ = index.erase(key(number))
                }
            }
            try index.checkInvariants()
        }
        #expect(watch.wrong.withLock { $0 } == [], "seed \(seed)")
    }

    @Test func whatAReaderHoldsIsNotFreed() {
        let domain = EpochDomain()
        let index = LearnedIndex(domain: domain)
        let pin = domain.enter()
        for key in 0..<20_000 as Range<UInt64> { _ = index.insert(key, key) }
        for _ in 0..<4 { index.reclaim() }
        #expect(index.report().waitingBytes > 0)
        domain.leave(pin)
        for _ in 0..<4 { index.reclaim() }
        #expect(index.report().waitingBytes == 0)
    }
}
