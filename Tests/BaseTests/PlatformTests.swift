import Base
import Platform
import Synchronization
import Testing

private final class Total: Sendable {
    let sum = Mutex(0)
}

@Suite struct PlatformTests {
    @Test func poolRunsEverythingOnItsOwnThreads() async throws {
        let pool = BlockingPool(name: "test", threads: 3)
        let total = Total()
        await withTaskGroup(of: Void.self) { group in
            for number in 1...1_000 {
                group.addTask { try? await pool.run { () throws(LeibrixError) in total.sum.withLock { $0 += number } } }
            }
        }
        #expect(total.sum.withLock { $0 } == 500_500)
        await #expect(throws: LeibrixError(.io, "gone")) {
            try await pool.run { () throws(LeibrixError) -> Int in throw LeibrixError(.io, "gone") }
        }
    }

    @Test func filesAreReplacedWhole() throws {
        let directory = "/tmp/leibrix-platform-\(Random.integer(UInt64.self))"
        defer { try? Files.removeTree(directory) }
        try Files.createDirectory(directory + "/a/b")
        try Files.replace(directory + "/a/b/x", with: Array("one".utf8))
        try Files.replace(directory + "/a/b/x", with: Array("second".utf8))
        #expect(try Files.read(directory + "/a/b/x") == Array("second".utf8))
        #expect(try Files.list(directory + "/a/b").map(\.name) == ["x"])
        let mapped = try MappedFile(directory + "/a/b/x")
        try Files.remove(directory + "/a/b/x")
        #expect(mapped.bytes.byteCount == 6)
        #expect(unsafe mapped.bytes.unsafeLoad(as: UInt8.self) == UInt8(ascii: "s"))
    }

    @Test func failuresNameCallAndPath() {
        #expect { try Files.read("/nowhere/at/all") } throws: { error in
            (error as? LeibrixError)?.code == .io && (error as? LeibrixError)?.message.contains("/nowhere/at/all") == true
        }
    }

    @Test func locksAreExclusive() throws {
        let path = "/tmp/leibrix-lock-\(Random.integer(UInt64.self))"
        defer { try? Files.remove(path) }
        let first = try File(path, .create)
        let second = try File(path, .write)
        let locks = [first.tryLock(), second.tryLock()]
        #expect(locks == [true, false])
    }

    @Test(arguments: [-719_528, -1, 0, 58, 59, 60, 11_016, 19_782, 2_932_896])
    func civilDatesGoBothWays(_ days: Int) {
        let date = CivilDate(daysSinceEpoch: days)
        #expect(date.daysSinceEpoch == days)
        #expect((1...12).contains(date.month) && (1...31).contains(date.day))
    }

    @Test func knownDates() {
        #expect(CivilDate(daysSinceEpoch: 0).iso == "1970-01-01")
        #expect(CivilDate(year: 2000, month: 2, day: 29).daysSinceEpoch == 11_016)
        #expect(CivilDate(daysSinceEpoch: 2_932_896).iso == "9999-12-31")
    }
}
