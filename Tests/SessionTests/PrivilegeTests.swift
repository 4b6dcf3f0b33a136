internal import Base
internal import Columnar
internal import Session
internal import Testing

@Suite struct PrivilegeTests {
    private func session(_ user: String, _ fixture: Fixture) throws -> SQLSession {
        try fixture.server.openSession(SessionOpening(user: user, database: "leibrix", settings: [], peer: "127.0.0.1", door: "test"))
    }

    @Test func othersMayDoWhatWasGranted() async throws {
        let fixture = try Fixture()
        let admin = try fixture.session()
        try await admin.run("CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t VALUES (1, 1); CREATE TABLE secret (x int); CREATE USER ana PASSWORD 'x'")
        let ana = try session("ana", fixture)
        for sql in ["SELECT * FROM t", "SELECT v FROM t WHERE id = 1", "INSERT INTO t VALUES (2, 2)", "UPDATE t SET v = 1", "DELETE FROM t", "TRUNCATE t"] {
            let error = await ana.failure(sql)
            #expect(error?.sqlState == "42501" && error?.message == "permission denied for table t", "\(sql): \(String(describing: error))")
        }
        #expect(await ana.failure("DROP TABLE t")?.message == "must be owner of table t")
        #expect(try await admin.tagged("GRANT SELECT, INSERT ON t TO ana").tag == "GRANT")
        #expect(try await ana.run("SELECT v FROM t WHERE id = 1") == [[1]])
        try await ana.run("INSERT INTO t VALUES (2, 2)")
        #expect(await ana.failure("UPDATE t SET v = 1")?.sqlState == "42501")
        for sql in ["INSERT INTO t SELECT x, x FROM secret", "CREATE TABLE mine AS SELECT * FROM secret", "CREATE VIEW w AS SELECT * FROM secret", "SELECT * FROM t, secret"] {
            #expect(await ana.failure(sql)?.message == "permission denied for table secret", "\(sql)")
        }
        try await admin.run("CREATE VIEW w AS SELECT * FROM secret")
        #expect(await ana.failure("SELECT * FROM w")?.message == "permission denied for view w")
        try await admin.run("GRANT SELECT ON w TO PUBLIC")
        #expect(try await ana.run("SELECT * FROM w") == [])
        try await admin.run("REVOKE ALL ON t FROM ana")
        #expect(await ana.failure("SELECT v FROM t WHERE id = 1")?.sqlState == "42501")
        #expect(await admin.failure("GRANT USAGE ON t TO ana")?.sqlState == "0LP01")
        #expect(await admin.failure("GRANT SELECT ON t TO nobody")?.message == "role \"nobody\" does not exist")
        #expect(await admin.failure("GRANT SELECT (v) ON t TO ana")?.code == .notSupported)
        #expect(await ana.failure("GRANT SELECT ON t TO ana")?.sqlState == "42501")
    }

    @Test func rolesGiveTheirPrivileges() async throws {
        let fixture = try Fixture()
        let admin = try fixture.session()
        try await admin.run("CREATE TABLE t (id serial PRIMARY KEY, v int)")
        #expect(try await admin.tagged("CREATE ROLE writers").tag == "CREATE ROLE")
        try await admin.run("CREATE USER bob PASSWORD 'x' IN ROLE writers; GRANT INSERT, SELECT ON ALL TABLES IN SCHEMA public TO writers")
        let bob = try session("bob", fixture)
        #expect(await bob.failure("INSERT INTO t (v) VALUES (1)")?.message == "permission denied for sequence t_id_seq")
        try await admin.run("GRANT USAGE ON SEQUENCE t_id_seq TO writers")
        #expect(try await bob.tagged("INSERT INTO t (v) VALUES (1)").tag == "INSERT 0 1")
        try await admin.run("REVOKE writers FROM bob")
        #expect(await bob.failure("SELECT * FROM t")?.sqlState == "42501")
        try await admin.run("GRANT writers TO bob")
        #expect(try await bob.run("SELECT v FROM t") == [[1]])
        #expect(await admin.failure("GRANT bob TO writers")?.sqlState == "0LP01")
        #expect(await admin.failure("DROP ROLE writers")?.sqlState == "2BP01")
        try await admin.run("REVOKE writers FROM bob; REVOKE ALL ON t, t_id_seq FROM writers; DROP ROLE writers")
        guard case .scramSHA256 = try fixture.server.authentication(user: "writers", database: "leibrix", isLoopback: true, isEncrypted: false) else {
            Issue.record("a role logs in")
            return
        }
    }

    @Test func optionsAndSchemas() async throws {
        let fixture = try Fixture()
        let admin = try fixture.session()
        try await admin.run("CREATE USER a PASSWORD 'x'; CREATE USER b PASSWORD 'x'; CREATE TABLE t (x int); GRANT SELECT ON t TO a WITH GRANT OPTION")
        let (a, b) = (try session("a", fixture), try session("b", fixture))
        try await a.run("GRANT SELECT ON t TO b")
        #expect(await a.failure("GRANT INSERT ON t TO b")?.sqlState == "42501")
        #expect(try await b.run("SELECT * FROM t") == [])
        #expect(await admin.failure("REVOKE SELECT ON t FROM a")?.sqlState == "2BP01")
        try await admin.run("BEGIN; REVOKE SELECT ON t FROM a CASCADE; ROLLBACK")
        #expect(try await b.run("SELECT * FROM t") == [])
        try await admin.run("REVOKE SELECT ON t FROM a CASCADE")
        #expect(await b.failure("SELECT * FROM t")?.sqlState == "42501")
        try await admin.run("CREATE SCHEMA s; CREATE TABLE s.t (x int); GRANT SELECT ON s.t TO a")
        #expect(await a.failure("SELECT * FROM s.t")?.message == "permission denied for schema s")
        try await admin.run("GRANT USAGE ON SCHEMA s TO a")
        #expect(try await a.run("SELECT * FROM s.t") == [])
        #expect(await a.failure("CREATE TABLE s.mine (x int)")?.message == "permission denied for schema s")
        try await a.run("CREATE TABLE mine (x int)")
        try await admin.run("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        #expect(await a.failure("CREATE TABLE mine2 (x int)")?.message == "permission denied for schema public")
        #expect(try await a.run("SELECT * FROM mine") == [])
        #expect(await admin.failure("REVOKE CONNECT ON DATABASE leibrix FROM a")?.code == .notSupported)
    }
}
