// A database of the library's with a stream made by SQL, for one measurement: rows go in by a port, and come out at a listener.
internal import Base
internal import Columnar
internal import Dispatch
internal import Foundation
internal import Leibrix
internal import Platform
internal import StreamHost
internal import Synchronization

/// Runs tasks to their end, from a thread that may block.
enum Waiting {
    private final class Outcome<T: Sendable>: Sendable {
        let result = Mutex<Result<T, any Error>?>(nil)
    }

    static func run<T: Sendable>(_ body: @escaping @Sendable () async throws -> T) throws -> T {
        let done = DispatchSemaphore(value: 0)
        let outcome = Outcome<T>()
        Task.detached {
            do {
                let value = try await body()
                outcome.result.withLock { $0 = .success(value) }
            } catch { outcome.result.withLock { $0 = .failure(error) } }
            done.signal()
        }
        done.wait()
        guard let result = outcome.result.withLock({ $0 }) else { throw LeibrixError(.internal, "a task gave nothing") }
        return try result.get()
    }
}

final class StreamRun {
    static let source = "CREATE SOURCE numbers (k BIGINT, v BIGINT, ts TIMESTAMP, WATERMARK FOR ts)"

    let db: Leibrix
    let port: SourcePort

    /// Without a folder nothing survives, and checkpoints go to a temporary one.
    init(_ statements: String, cores: Int = 1, checkpoints: Duration = .seconds(86_400), folder: String? = nil) throws {
        db = try Waiting.run {
            var builder = Leibrix.builder().streamCores(cores).checkpoints(every: checkpoints).logLevel(.error)
            if let folder { builder = builder.storage(folder) }
            let db = try await builder.build()
            if !statements.isEmpty { try await db.execute(statements) }
            return db
        }
        port = try db.port("numbers")
    }

    func close() { try? Waiting.run { [db] in await db.shutdown() } }

    /// Checkpoints and statements, from a thread that may block.
    func checkpoint() throws { _ = try Waiting.run { [db] in try await db.checkpoint() } }

    /// All that waits for event time comes out.
    func end() throws {
        _ = try port.push { row in
            row.set(0, Int64(-1))
            row.set(1, Int64(0))
            row.set(2, StreamData.start + 100 * 86_400 * 1_000_000)
        }
    }
}

/// Rows that a listener saw, and the sum of one of their columns. Used by one thread at a time.
final class SeenRows: @unchecked Sendable {
    var rows = 0
    var sum: Int64 = 0
    private let column: Int?

    init(sumOf column: Int?) { self.column = column }

    func add(_ rows: borrowing PageRows) {
        self.rows += rows.count
        guard let column else { return }
        var row = 0
        while row < rows.count {
            sum &+= rows.integer(column, row)
            row += 1
        }
    }
}
