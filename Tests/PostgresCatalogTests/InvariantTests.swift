import Base
import Columnar
import DuckDBKit
import PostgresCatalog
import Testing

/// What clients take for granted of the system catalog, asked as queries that must find nothing.
struct InvariantTests {
    static let violations: [String] = [
        // Arrays and elements know each other.
        """
        SELECT t.typname FROM pg_type t LEFT JOIN pg_type a ON a.oid = t.typarray
        WHERE t.typarray <> 0 AND (a.oid IS NULL OR a.typelem <> t.oid OR a.typname <> '_' || t.typname)
        """,
        "SELECT t.typname FROM pg_type t LEFT JOIN pg_type e ON e.oid = t.typelem WHERE t.typelem <> 0 AND e.oid IS NULL",
        // Numbers are unique, and those that point somewhere find something.
        "SELECT oid FROM pg_class GROUP BY oid HAVING count(*) > 1",
        "SELECT oid FROM pg_type GROUP BY oid HAVING count(*) > 1",
        "SELECT oid FROM pg_proc GROUP BY oid HAVING count(*) > 1",
        "SELECT relname FROM pg_class WHERE relnamespace NOT IN (SELECT oid FROM pg_namespace)",
        "SELECT relname FROM pg_class WHERE reltype <> 0 AND reltype NOT IN (SELECT oid FROM pg_type)",
        "SELECT relname FROM pg_class WHERE relowner NOT IN (SELECT oid FROM pg_roles)",
        "SELECT typname FROM pg_type WHERE typrelid <> 0 AND typrelid NOT IN (SELECT oid FROM pg_class)",
        "SELECT attname FROM pg_attribute WHERE atttypid NOT IN (SELECT oid FROM pg_type)",
        "SELECT attname FROM pg_attribute WHERE attrelid NOT IN (SELECT oid FROM pg_class)",
        "SELECT attname FROM pg_attribute WHERE attcollation <> 0 AND attcollation NOT IN (SELECT oid FROM pg_collation)",
        "SELECT relname FROM pg_class c WHERE relnatts <> (SELECT count(*) FROM pg_attribute WHERE attrelid = c.oid)",
        "SELECT proname FROM pg_proc WHERE prorettype NOT IN (SELECT oid FROM pg_type)",
        "SELECT oprname FROM pg_operator WHERE oprcode NOT IN (SELECT oid FROM pg_proc)",
        "SELECT oprname FROM pg_operator WHERE oprnegate <> 0 AND oprnegate NOT IN (SELECT oid FROM pg_operator)",
        "SELECT opcname FROM pg_opclass WHERE opcfamily NOT IN (SELECT oid FROM pg_opfamily)",
        "SELECT castsource FROM pg_cast WHERE castfunc <> 0 AND castfunc NOT IN (SELECT oid FROM pg_proc)",
        "SELECT rngtypid FROM pg_range WHERE rngtypid NOT IN (SELECT oid FROM pg_type) OR rngsubtype NOT IN (SELECT oid FROM pg_type)",
        // Names and numbers are each other's inverse.
        "SELECT relname FROM pg_class WHERE oid::regclass::text::regclass <> oid",
        "SELECT typname FROM pg_type WHERE typrelid = 0 AND oid::regtype::text::regtype <> oid",
    ]

    @Test(arguments: violations)
    func holds(_ query: String) throws {
        let fixture = try CatalogFixture.shared.get()
        #expect(try fixture.rows(query, on: fixture.connect()) == [])
    }

    @Test(arguments: ["typinput", "typoutput", "typreceive", "typsend", "typmodin", "typmodout", "typanalyze", "typsubscript"])
    func supportFunctionsExist(_ column: String) throws {
        let fixture = try CatalogFixture.shared.get()
        let query = "SELECT typname FROM pg_type WHERE \(column) <> 0 AND \(column)::oid NOT IN (SELECT oid FROM pg_proc)"
        #expect(try fixture.rows(query, on: fixture.connect()) == [])
    }

    /// Columns that PostgreSQL declares NOT NULL hold no NULL.
    @Test func notNullHolds() throws {
        let fixture = try CatalogFixture.shared.get()
        let connection = try fixture.connect()
        let columns = try fixture.rows(
            """
            SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
            WHERE c.relnamespace = 11 AND c.relkind = 'r' AND a.attnotnull
            """, on: connection)
        var checks: [String: [String]] = [:]
        for row in columns {
            guard case .string(let relation) = row[0], case .string(let column) = row[1] else { continue }
            checks[relation, default: []].append("\(column) IS NULL")
        }
        #expect(checks.count > 50)
        for (relation, conditions) in checks {
            let query = "SELECT count(*) FROM pg_catalog.\(relation) WHERE \(conditions.joined(separator: " OR "))"
            #expect(try fixture.rows(query, on: connection) == [[0]], "\(relation)")
        }
    }

    /// Every system relation can be read whole.
    @Test func everyRelationAnswers() throws {
        let fixture = try CatalogFixture.shared.get()
        let connection = try fixture.connect()
        let relations = try fixture.rows(
            "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.oid <> 2200 AND c.oid < 16384",
            on: connection)
        #expect(relations.count > 190)
        for row in relations {
            guard case .string(let schema) = row[0], case .string(let relation) = row[1] else { continue }
            #expect(throws: Never.self, "\(schema).\(relation)") {
                try fixture.rows("SELECT * FROM \(schema).\(relation)", on: connection)
            }
        }
    }
}
