internal import Base
internal import Columnar
internal import Session
internal import Testing

@Suite struct TableTests {
    @Test func rowsAreWrittenAndRead() async throws {
        let session = try Fixture().session()
        #expect(try await session.tagged("CREATE TABLE t (id bigint PRIMARY KEY, name text NOT NULL, price numeric(10,2) DEFAULT 1.5)").tag == "CREATE TABLE")
        #expect(try await session.tagged("INSERT INTO t VALUES (1, 'a', 2), (2, 'b', DEFAULT)").tag == "INSERT 0 2")
        #expect(try await session.run("INSERT INTO t (name, id) VALUES ('c', 3) RETURNING id, (price * 2)::text AS twice") == [[3, "3.00"]])
        #expect(try await session.run("SELECT id, name FROM t ORDER BY id") == [[1, "a"], [2, "b"], [3, "c"]])
        #expect(try await session.tagged("UPDATE t SET name = name || '!' WHERE id > 1").tag == "UPDATE 2")
        #expect(try await session.tagged("DELETE FROM t WHERE name = 'c!'").tag == "DELETE 1")
        #expect(try await session.run("SELECT name FROM t ORDER BY id") == [["a"], ["b!"]])
        #expect(try await session.run("SELECT count(*) FROM t JOIN numbers ON n = id") == [[2]])
    }

    @Test func constraintsAreNamed() async throws {
        let session = try Fixture().session()
        try await session.run("CREATE TABLE p (id int PRIMARY KEY, code varchar(3) UNIQUE, n int CHECK (n > 0), d int NOT NULL DEFAULT 7)")
        try await session.run("CREATE TABLE c (id serial PRIMARY KEY, p int REFERENCES p ON DELETE CASCADE)")
        try await session.run("INSERT INTO p VALUES (1, 'abc', 1)")
        let duplicate = await session.failure("INSERT INTO p VALUES (1, 'x', 1)")
        #expect(duplicate?.sqlState == "23505" && duplicate?.message == "duplicate key value violates unique constraint \"p_pkey\"", "\(String(describing: duplicate))")
        #expect(duplicate?.detail == "Key (id)=(1) already exists.")
        #expect(await session.failure("INSERT INTO p VALUES (2, 'abc', 1)")?.message.contains("p_code_key") == true)
        let null = await session.failure("INSERT INTO p VALUES (3, 'x', 1, NULL)")
        #expect(null?.sqlState == "23502" && null?.detail == "Failing row contains (3, x, 1, null).")
        let check = await session.failure("INSERT INTO p VALUES (3, 'x', 0)")
        #expect(check?.sqlState == "23514" && check?.message == "new row for relation \"p\" violates check constraint \"p_n_check\"")
        let long = await session.failure("INSERT INTO p VALUES (3, 'abcd', 1)")
        #expect(long?.sqlState == "22001" && long?.message == "value too long for type character varying(3)", "\(String(describing: long))")
        let text = await session.failure("INSERT INTO p VALUES ('x', 'a', 1)")
        #expect(text?.sqlState == "22P02" && text?.message == "invalid input syntax for type integer: \"x\"", "\(String(describing: text))")
        let range = await session.failure("INSERT INTO p VALUES (3000000000, 'a', 1)")
        #expect(range?.sqlState == "22003", "\(String(describing: range))")
        let missing = await session.failure("INSERT INTO c (p) VALUES (9)")
        #expect(missing?.sqlState == "23503" && missing?.detail == "Key (p)=(9) is not present in table \"p\".", "\(String(describing: missing))")
        #expect(try await session.run("INSERT INTO c (p) VALUES (1), (NULL) RETURNING id") == [[2], [3]])
        #expect(try await session.tagged("DELETE FROM p").tag == "DELETE 1")
        #expect(try await session.run("SELECT id FROM c") == [[3]])
    }

    @Test func transactionsIsolateAndUndo() async throws {
        let fixture = try Fixture()
        let (a, b) = (try fixture.session(), try fixture.session())
        try await a.run("CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t VALUES (1, 1)")
        try await a.run("BEGIN; INSERT INTO t VALUES (2, 2)")
        #expect(try await a.run("SELECT count(*) FROM t") == [[2]])
        #expect(try await b.run("SELECT count(*) FROM t") == [[1]])
        try await a.run("SAVEPOINT s; DELETE FROM t; ROLLBACK TO s")
        #expect(try await a.run("SELECT count(*) FROM t") == [[2]])
        #expect(await a.failure("INSERT INTO t VALUES (1, 5)")?.sqlState == "23505")
        #expect(a.transactionStatus == .failed)
        try await a.run("ROLLBACK TO s; COMMIT")
        #expect(try await b.run("SELECT id FROM t ORDER BY id") == [[1], [2]])
        try await b.run("BEGIN; DELETE FROM t WHERE id = 1; INSERT INTO t VALUES (1, 9); COMMIT")
        #expect(try await a.run("SELECT v FROM t WHERE id = 1") == [[9]])
    }

    @Test func conflictsAreUpdatedOrSkipped() async throws {
        let session = try Fixture().session()
        try await session.run("CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL DEFAULT 0); INSERT INTO t VALUES (1, 10)")
        #expect(try await session.tagged("INSERT INTO t VALUES (1, 1), (2, 2) ON CONFLICT DO NOTHING").tag == "INSERT 0 1")
        #expect(
            try await session.run("INSERT INTO t VALUES (1, 5), (3, 3) ON CONFLICT (id) DO UPDATE SET n = t.n + EXCLUDED.n RETURNING id, n")
                .map { "\($0)" }.sorted() == [[1, 15], [3, 3]].map { (row: [Value]) in "\(row)" }.sorted())
        #expect(await session.failure("INSERT INTO t VALUES (7, 1), (7, 2) ON CONFLICT (id) DO UPDATE SET n = 1")?.sqlState == "21000")
        #expect(
            try await session.tagged(
                "MERGE INTO t USING (VALUES (1, 100), (9, 9)) AS s(id, n) ON t.id = s.id WHEN MATCHED THEN UPDATE SET n = s.n WHEN NOT MATCHED THEN INSERT VALUES (s.id, s.n)"
            ).tag == "MERGE 2")
        #expect(try await session.run("SELECT id, n FROM t ORDER BY id") == [[1, 100], [2, 2], [3, 3], [9, 9]])
    }

    @Test func definitionsChange() async throws {
        let session = try Fixture().session()
        try await session.run("CREATE TABLE t (a int, b text); INSERT INTO t VALUES (1, '5'), (2, '6')")
        try await session.run("ALTER TABLE t ADD PRIMARY KEY (a), ALTER b TYPE int USING b::int, ADD COLUMN c int DEFAULT 3")
        #expect(try await session.run("SELECT * FROM t ORDER BY a") == [[1, 5, 3], [2, 6, 3]])
        #expect(await session.failure("INSERT INTO t VALUES (1, 1, 1)")?.sqlState == "23505")
        try await session.run("ALTER TABLE t DROP COLUMN b; ALTER TABLE t RENAME COLUMN c TO d; ALTER TABLE t RENAME TO u")
        #expect(try await session.run("SELECT a, d FROM u ORDER BY a") == [[1, 3], [2, 3]])
        #expect(await session.failure("SELECT * FROM t")?.sqlState == "42P01")
        try await session.run("CREATE SCHEMA s; CREATE TABLE s.x AS SELECT a, d FROM u; TRUNCATE u")
        #expect(try await session.run("SELECT (SELECT count(*) FROM s.x), (SELECT count(*) FROM u)") == [[2, 0]])
        #expect(await session.failure("DROP SCHEMA s")?.sqlState == "2BP01")
        try await session.run("DROP SCHEMA s CASCADE; DROP TABLE u")
        try await session.run("CREATE SEQUENCE q START 5")
        #expect(try await session.run("SELECT nextval('q'), nextval('q'::regclass)") == [[5, 6]])
        #expect(try await session.run("SELECT currval('q')") == [[6]])
    }

    /// The engine's list of relations is empty for texts with parameters: such queries were once answered from the cache of results.
    @Test func queriesWithParametersSeeWhatChanged() async throws {
        let session = try Fixture().session()
        try await session.run("CREATE TABLE t (a int, b int); INSERT INTO t VALUES (1, 1), (1, 2)")
        let query = "SELECT b + 0 FROM t WHERE a + 0 = $1 ORDER BY 1"
        #expect(try await session.run(query, [1], types: [.smallInt]) == [[1], [2]])
        try await session.run("DELETE FROM t WHERE b = 2")
        #expect(try await session.run(query, [1], types: [.smallInt]) == [[1]])
        try await session.run("BEGIN; INSERT INTO t VALUES (1, 7)")
        let statement = try await session.prepare(StatementText(sql: query), parameterTypes: [.smallInt])
        let execution = try await session.execute(statement, parameters: [1])
        #expect(try await execution.next()?.rowCount == 2)
        await execution.close()
        try await session.run("ROLLBACK")
    }

    @Test func definitionsRollBack() async throws {
        let session = try Fixture().session()
        try await session.run("BEGIN; CREATE TABLE t (a int); INSERT INTO t VALUES (1)")
        #expect(try await session.run("SELECT a FROM t") == [[1]])
        try await session.run("ROLLBACK")
        #expect(await session.failure("SELECT a FROM t")?.sqlState == "42P01")
    }

    @Test func lockedRowsAreWaitedFor() async throws {
        let fixture = try Fixture()
        let (a, b) = (try fixture.session(), try fixture.session())
        try await a.run("CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t VALUES (1, 1), (2, 2)")
        try await a.run("BEGIN")
        #expect(try await a.run("SELECT v FROM t WHERE id = 1 FOR UPDATE") == [[1]])
        #expect(await b.failure("SELECT v FROM t WHERE id = 1 FOR UPDATE NOWAIT")?.sqlState == "55P03")
        #expect(try await b.run("SELECT id FROM t FOR UPDATE SKIP LOCKED") == [[2]])
        try await b.run("SET lock_timeout = '20ms'")
        #expect(await b.failure("UPDATE t SET v = 0 WHERE id = 1")?.sqlState == "55P03")
        try await b.run("SET lock_timeout = 0")
        async let waiting = b.run("UPDATE t SET v = v + 1 WHERE id = 1 RETURNING v")
        try await a.run("UPDATE t SET v = 10 WHERE id = 1; COMMIT")
        #expect(try await waiting == [[11]])
    }
}
