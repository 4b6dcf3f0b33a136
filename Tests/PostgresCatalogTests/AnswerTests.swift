import Base
import Catalog
import Columnar
import DuckDBKit
import PostgresCatalog
import Testing

/// Answers that PostgreSQL 15 gives, number for number and letter for letter.
struct AnswerTests {
    static let answers: [(query: String, answer: [[Value]])] = [
        ("SELECT 'lineitem'::regclass::text, 'app.t'::regclass::text", [["lineitem", "app.t"]]),
        ("SELECT 'pg_class'::regclass::oid::int, 'pg_catalog.pg_type'::regclass::oid::int", [[1259, 1247]]),
        ("SELECT 0::regclass::text, 1::regclass::text", [["-", "1"]]),
        ("SELECT 'integer'::regtype::oid::int, 'character varying(10)'::regtype::oid::int, 'int4[]'::regtype::oid::int", [[23, 1043, 1007]]),
        ("SELECT 23::regtype::text, 1015::regtype::text, 1700::regtype::text", [["integer", "character varying[]", "numeric"]]),
        ("SELECT format_type(1043, 14), format_type(1700, 655366), format_type(1184, 3), format_type(1043, NULL)", [
            ["character varying(10)", "numeric(10,2)", "timestamp(3) with time zone", "character varying"]
        ]),
        ("SELECT format_type(1042, -1), format_type(1186, -1), format_type(18, NULL), format_type(0, -1), format_type(99, -1)", [["character", "interval", "\"char\"", "-", "???"]]),
        ("SELECT 'array_in'::regproc::oid::int, 750::regproc::text", [[750, "array_in"]]),
        ("SELECT to_regclass('nope'), to_regtype('hstore') IS NULL, to_regclass('app.t')::text", [[.null, true, "app.t"]]),
        ("SELECT pg_get_userbyid(10), pg_get_userbyid(77)", [["admin", "unknown (OID=77)"]]),
        ("SELECT obj_description('app.t'::regclass, 'pg_class'), col_description('app.t'::regclass, 1)", [["things", "the key"]]),
        ("SELECT pg_table_is_visible('lineitem'::regclass), pg_table_is_visible('app.t'::regclass)", [[true, false]]),
        ("SELECT pg_size_pretty(10239), pg_size_pretty(10240), pg_size_pretty(1048576), pg_size_pretty(81920), pg_size_pretty(-20000)", [
            ["10239 bytes", "10 kB", "1024 kB", "80 kB", "-20 kB"]
        ]),
        ("SELECT has_table_privilege('app.t', 'SELECT'), has_table_privilege('app.t', 'INSERT, DELETE')", [[true, false]]),
        ("SELECT quote_ident('Mixed Case'), quote_ident('plain'), quote_ident('select'), quote_literal('a''b')", [
            ["\"Mixed Case\"", "plain", "\"select\"", "'a''b'"]
        ]),
        ("SELECT '{a,\"b c\",NULL}'::text[]", [[.list(["a", "b c", .null])]]),
        ("SELECT array_to_string(ARRAY['a', NULL, 'b'], ','), array_to_string(ARRAY['a', NULL], ',', '*')", [["a,b", "a,*"]]),
        ("SELECT s FROM generate_series(1, 2) s ORDER BY s", [[1], [2]]),
        ("SELECT relname FROM pg_class WHERE relname OPERATOR(pg_catalog.~) '^(lineitem)$' COLLATE pg_catalog.default", [["lineitem"]]),
        ("SELECT count(*) FROM pg_catalog.pg_get_keywords() WHERE word = 'select'", [[1]]),
        ("SELECT data_type, numeric_precision, numeric_scale FROM information_schema.columns WHERE table_name = 't' AND column_name = 'price'", [
            ["numeric", 10, 2]
        ]),
        ("SELECT attname::text FROM pg_attribute WHERE attrelid = 'lineitem'::regclass AND attnotnull", [["l_orderkey"]]),
        ("SELECT typname::text FROM pg_type WHERE typrelid = 'app.t'::regclass", [["t"]]),
        ("SELECT '1 2'::text, (SELECT proargtypes::text FROM pg_proc WHERE oid = 1242)", [["1 2", "2275"]]),
        ("SELECT proargtypes[0]::int FROM pg_proc WHERE oid = 1242", [[2275]]),
        ("SELECT json_build_object('a', 1, 'b', NULL, 'c', true, 'd', 'x\"y')::text, json_build_array(1, 'z')::text", [
            ["{\"a\" : 1, \"b\" : null, \"c\" : true, \"d\" : \"x\\\"y\"}", "[1, \"z\"]"]
        ]),
        ("SELECT pg_encoding_to_char(6), current_schemas(true)[1]", [["UTF8", "pg_catalog"]]),
    ]

    @Test(arguments: AnswerTests.answers.indices)
    func gives(_ index: Int) throws {
        let (query, answer) = Self.answers[index]
        let fixture = try CatalogFixture.shared.get()
        #expect(try fixture.rows(query, on: fixture.connect()) == answer, "\(query)")
    }

    @Test(arguments: [
        ("SELECT 'nope'::regclass", "42P01"), ("SELECT 'nope'::regtype", "42704"), ("SELECT 'nope'::regproc", "42883"),
        ("SELECT has_table_privilege('nope', 'x')", "22023"), ("SELECT 'a.b.c.d'::regclass", "42602"),
    ])
    func refuses(_ query: String, _ state: String) throws {
        let fixture = try CatalogFixture.shared.get()
        let connection = try fixture.connect()
        #expect { _ = try fixture.rows(query, on: connection) } throws: { error in
            (error as? LeibrixError).map { $0.code.sqlState == state || $0.sqlState == state } ?? false
        }
    }

    /// Numbers derive from names: a second instance gives the same.
    @Test func numbersAreStable() throws {
        let first = try CatalogFixture.shared.get().catalog.model.relationOID(schema: "app", name: "t")
        let second = try CatalogFixture().catalog.model.relationOID(schema: "app", name: "t")
        #expect(first == second && first != nil)
    }

    /// Result columns carry PostgreSQL's types to the door.
    @Test func columnsCarryTheirTypes() throws {
        let fixture = try CatalogFixture.shared.get()
        let query = try fixture.prepare("SELECT oid, relname, relkind, reltype, relacl FROM pg_class", on: fixture.connect())
        #expect(query.columns?.map(\.type.postgres.oid) == [26, 19, 18, 26, 1034])
    }
}
