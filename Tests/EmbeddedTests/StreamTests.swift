internal import Base
internal import Columnar
internal import Foundation
internal import Leibrix
internal import Platform
internal import Synchronization
internal import Testing

/// Streams by the library: records in, changes out.
@Suite(.serialized) struct StreamTests {
    struct Trade: Codable, Hashable, Sendable {
        var symbol: String
        var price: Double
        var quantity: Int32?
        var ts: Timestamp
    }
    struct Total: Codable, Hashable, Sendable {
        var symbol: String
        var n: Int
        var total: Double
    }

    private func trade(_ number: Int, _ symbol: String? = nil) -> Trade {
        Trade(symbol: symbol ?? ["A", "B", "C"][number % 3], price: Double(number), quantity: number % 4 == 0 ? nil : Int32(number), ts: Timestamp(seconds: Int64(number)))
    }

    private func made(_ db: Leibrix) async throws -> SourceWriter<Trade> {
        let trades = try await db.createSource("trades", of: Trade.self, eventTime: "ts", delay: .seconds(2))
        try await db.execute(
            """
            CREATE STREAM windows AS SELECT symbol, count(*) AS n, sum(price) AS total FROM trades
              GROUP BY symbol, tumble(ts, INTERVAL '30 seconds') EMIT ON WINDOW CLOSE;
            CREATE STREAM dear AS SELECT symbol, price, quantity, ts FROM trades WHERE price >= 90;
            CREATE MATERIALIZED VIEW totals AS SELECT symbol, count(*) AS n, sum(price) AS total FROM trades GROUP BY symbol
            """)
        return trades
    }

    @Test func recordsGoInAndComeOut() async throws {
        let db = try await Leibrix.open()
        let trades = try await made(db)
        #expect(trades.columns.map(\.name) == ["symbol", "price", "quantity", "ts"])
        let windows = try db.subscribe("windows", as: Total.self)
        let dear = try db.subscribe("dear", as: Trade.self, where: "symbol = 'A'")
        try await trades.push(trade(0))
        try await trades.push((1..<100).map { trade($0) })
        var closed: [Total] = []
        while let change = try windows.poll() {
            #expect(change.weight == 1)
            closed.append(change.record)
        }
        #expect(closed.count == 9)
        #expect(closed.filter { $0.symbol == "A" } == [Total(symbol: "A", n: 10, total: 135), Total(symbol: "A", n: 10, total: 435), Total(symbol: "A", n: 10, total: 735)])
        var seen: [Trade] = []
        for try await change in dear {
            seen.append(change.record)
            if seen.count == 4 { break }
        }
        #expect(seen == [90, 93, 96, 99].map { trade($0) })
        #expect(try await db.query("SELECT * FROM totals WHERE symbol = $1", "B", as: Total.self) == [Total(symbol: "B", n: 33, total: 1_617)])
        await db.shutdown()
        #expect(try await dear.next() == nil)
    }

    @Test func callbacksComeInOrder() async throws {
        let db = try await Leibrix.open()
        let trades = try await made(db)
        let prices = Mutex<[Double]>([])
        let ends = Mutex(0)
        let handle = try db.subscribe("dear", as: Trade.self, onEnd: { _ in ends.withLock { $0 += 1 } }) { change in prices.withLock { $0.append(change.record.price) } }
        for number in 80..<200 { try await trades.push(trade(number)) }
        while prices.withLock({ $0.count }) < 110 { try await Task.sleep(for: .milliseconds(2)) }
        #expect(prices.withLock { $0 } == (90..<200).map { Double($0) })
        handle.cancel()
        while ends.withLock({ $0 }) == 0 { try await Task.sleep(for: .milliseconds(2)) }
        try await trades.push(trade(500))
        #expect(prices.withLock { $0.count } == 110)
        await db.shutdown()
    }

    @Test(arguments: [BackPressure.block, .dropOldest, .reject]) func theBufferKeepsItsBound(_ mode: BackPressure) async throws {
        let db = try await Leibrix.builder().buffer(rows: 4_096, mode).build()
        let trades = try await made(db)
        var refused = 0
        let count = 50_000
        for number in 0..<count {
            do throws(LeibrixError) {
                while try !trades.offer(trade(number)) {
                    refused += 1
                    await Task.yield()
                }
            } catch {
                #expect(error.code == .streamRejected)
                refused += 1
            }
            if number % 1_000 == 0 { #expect(trades.pending <= 4_096) }
        }
        try await trades.flush()
        #expect(trades.pending == 0)
        let taken = try #require(try await db.query("SELECT sum(n)::BIGINT AS n FROM totals").collect().first?["n"])
        switch mode {
        case .block: #expect(taken == .integer(Int64(count)))
        case .dropOldest: #expect(taken == .integer(Int64(count - trades.dropped)))
        case .reject: #expect(taken == .integer(Int64(count - refused)))
        }
        await db.shutdown()
    }

    @Test func whatDoesNotFitIsRefused() async throws {
        let db = try await Leibrix.open()
        _ = try await made(db)
        struct Other: Codable, Sendable { var symbol: String; var colour: String }
        struct Wide: Codable, Sendable { var quantity: Int }
        let other = try db.source("trades", of: Other.self)
        var error = await #expect(throws: LeibrixError.self) { try await other.push(Other(symbol: "A", colour: "red")) }
        #expect(error?.message == "member \"colour\" is no column of the source")
        let wide = try db.source("TRADES", of: Wide.self)
        error = await #expect(throws: LeibrixError.self) { try await wide.push([Wide(quantity: 1), Wide(quantity: 1 << 40)]) }
        #expect(error?.message == "a value does not fit column \"quantity\" of type INTEGER")
        #expect(try await db.query("SELECT count(*) AS n FROM totals").collect().first?["n"] == 0)
        #expect(throws: LeibrixError.self) { try db.source("windows", of: Trade.self) }
        #expect(throws: LeibrixError.self) { try db.subscribe("trades", as: Trade.self) }
        #expect(throws: LeibrixError.self) { try db.subscribe("none", as: Trade.self) }
        await db.shutdown()
    }

    @Test func streamsGoOnAfterARestart() async throws {
        let folder = NSTemporaryDirectory() + "leibrix-streams-\(Random.integer(UInt32.self))"
        defer { try? Files.removeTree(folder) }
        var db = try await Leibrix.open(folder)
        var trades = try await made(db)
        var windows = try db.subscribe("windows", as: Total.self)
        try await trades.push((0..<50).map { trade($0) })
        var closed: [Change<Total>] = []
        while let change = try windows.poll() { closed.append(change) }
        let checkpoint = try await db.checkpoint()
        #expect(checkpoint > 0)
        try await trades.push((50..<60).map { trade($0) })
        await db.shutdown()
        db = try await Leibrix.open(folder)
        trades = try db.source("trades", of: Trade.self)
        windows = try db.subscribe("windows", as: Total.self, afterEpoch: closed.last?.epoch)
        try await trades.push((60..<100).map { trade($0) })
        while let change = try windows.poll() { closed.append(change) }
        #expect(closed.map(\.record).filter { $0.symbol == "C" }.map(\.total) == [155, 455, 755])
        #expect(try await db.query("SELECT * FROM totals WHERE symbol = 'B'", as: Total.self) == [Total(symbol: "B", n: 33, total: 1_617)])
        await db.shutdown()
    }

    @Test func connectorsReadBySQL() async throws {
        let folder = NSTemporaryDirectory() + "leibrix-sources-\(Random.integer(UInt32.self))"
        defer { try? Files.removeTree(folder) }
        try Files.createDirectory(folder + "/in")
        func append(_ ids: Range<Int>, _ more: String = "") throws {
            let path = folder + "/in/a.jsonl"
            if !Files.exists(path) { _ = try File(path, .createNew) }
            let file = try File(path, .write)
            let bytes = Array((ids.map { "{\"id\":\($0),\"v\":\($0 % 10)}\n" }.joined() + more).utf8)
            try unsafe file.write(bytes.span.bytes, at: try file.size())
        }
        func sum(_ db: Leibrix, _ wanted: Int) async throws {
            for _ in 0..<2_000 {
                if try await db.query("SELECT coalesce(sum(n), 0)::BIGINT AS n FROM by_v").collect().first?["n"] == .integer(Int64(wanted)) { return }
                try await Task.sleep(for: .milliseconds(5))
            }
            Issue.record("\(wanted) rows did not come: \(try await db.query("SELECT * FROM leibrix.sources").collect().map(\.values))")
        }
        try append(0..<1_000, "nonsense\n")
        var db = try await Leibrix.open(folder + "/data")
        try await db.execute(
            """
            CREATE SOURCE files (id BIGINT, v BIGINT) FROM FILES (path = '\(folder)/in', poll_interval = '20 ms') FORMAT JSON;
            CREATE SOURCE made (n BIGINT, k BIGINT) FROM GENERATOR (rows = 5000, seed = 7, "fields.k" = 'random(1, 3)');
            CREATE MATERIALIZED VIEW by_v AS SELECT v, count(*) AS n FROM files GROUP BY v
            """)
        // The view sees what comes after it was made.
        try append(1_000..<1_500)
        for _ in 0..<2_000 {
            let taken = try await db.query("SELECT min(rows) AS n FROM leibrix.sources WHERE state IN ('IDLE', 'ENDED') AND rows >= 1500").collect().first?["n"]
            let both = try await db.query("SELECT count(*) AS n FROM leibrix.sources WHERE rows IN (1500, 5000)").collect().first?["n"]
            if taken == 1_500, both == 2 { break }
            try await Task.sleep(for: .milliseconds(5))
        }
        let rows = try await db.query("SELECT source, rows, state, bad_records FROM leibrix.sources ORDER BY source").collect()
        #expect(rows.first?["bad_records"] == 1)
        #expect(rows.last?.values == ["made", 5_000, "ENDED", 0])
        let seen = try #require(try await db.query("SELECT coalesce(sum(n), 0)::BIGINT AS n FROM by_v").collect().first?["n"])
        guard case .integer(let before) = seen else { return }
        await db.shutdown()
        try append(1_500..<2_000)
        db = try await Leibrix.open(folder + "/data")
        try await sum(db, Int(before) + 500)
        #expect(try await db.query("SELECT rows FROM leibrix.sources WHERE source = 'files'").collect().first?["rows"] == 2_000)
        let bad = try JSON.parse(utf8: try Files.read(folder + "/data/streams/bad/files.jsonl"))
        #expect(bad["raw"]?.string == "nonsense")
        for (statement, code) in [
            ("CREATE SOURCE x (a BIGINT) FROM KAFKA (topic = 't')", "LDB-5003"), ("CREATE SOURCE x (a BIGINT) FROM FILES (way = 't')", "LDB-5003"),
            ("CREATE SOURCE x (a BIGINT) FROM FILES (path = 't', nothing = 1)", "LBX-1009"), ("CREATE SOURCE x (a BIGINT) FROM GENERATOR () FORMAT JSON", "LDB-5003"),
        ] {
            let error = await #expect(throws: LeibrixError.self) { try await db.execute(statement) }
            #expect(error?.code.rawValue == code, "\(statement): \(String(describing: error))")
        }
        try await db.execute("DROP SOURCE made")
        await db.shutdown()
    }
}

/// Rows by ports and listeners.
@Suite struct PortTests {
    @Test func rowsGoThroughOnOneThread() async throws {
        let db = try await Leibrix.open()
        try await db.execute("CREATE SOURCE ticks (symbol VARCHAR, price DOUBLE, quantity INTEGER); CREATE STREAM dear AS SELECT symbol, price * quantity AS paid FROM ticks WHERE price >= 90")
        let heard = Mutex<[String]>([])
        let listener = try db.listen("dear") { rows in
            for row in 0..<rows.count { heard.withLock { $0.append("\(rows.text(0, row)) \(rows.double(1, row))") } }
        }
        let ticks = try db.port("ticks")
        for price in [80.0, 95.0, 120.0] {
            try ticks.push { row in
                row.set(0, "A")
                row.set(1, price)
                row.set(2, Int64(2))
            }
        }
        #expect(heard.withLock { $0 } == ["A 190.0", "A 240.0"])
        listener.cancel()
        #expect(throws: LeibrixError.self) { try db.port("dear") }
        #expect(throws: LeibrixError.self) { try db.listen("ticks") { _ in } }
        await db.shutdown()
    }
}
