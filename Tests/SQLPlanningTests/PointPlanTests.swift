import Base
import Catalog
import Columnar
import SQLPlanning
import Testing

/// t(id integer primary key, n integer not null, v varchar, m integer) with an index on n and one on m; pair(a, b primary key, c).
private enum Tables {
    static let t = TableDefinition(
        id: TableID(20_000), schema: "public", name: "t",
        columns: [
            TableColumn(attributeNumber: 1, name: "id", type: .integer, isNotNull: true),
            TableColumn(attributeNumber: 2, name: "n", type: .integer, isNotNull: true, defaultSQL: "0"),
            TableColumn(attributeNumber: 3, name: "v", type: .varchar), TableColumn(attributeNumber: 4, name: "m", type: .integer),
        ],
        keys: [KeyConstraint(id: TableID(20_001), name: "t_pkey", kind: .primary, columns: [1], index: TableID(20_002))],
        indexes: [
            IndexDefinition(id: TableID(20_002), name: "t_pkey", keys: [.init(.column(1))], isUnique: true),
            IndexDefinition(id: TableID(20_003), name: "t_n", keys: [.init(.column(2))], isUnique: false),
            IndexDefinition(id: TableID(20_004), name: "t_m", keys: [.init(.column(4))], isUnique: false),
        ], owner: "admin")
    static let pair = TableDefinition(
        id: TableID(20_010), schema: "public", name: "pair",
        columns: ["a", "b", "c"].enumerated().map {
            TableColumn(attributeNumber: Int16($0 + 1), name: $1, type: .bigInt, isNotNull: $1 != "c")
        },
        keys: [KeyConstraint(id: TableID(20_011), name: "pair_pkey", kind: .primary, columns: [1, 2], index: TableID(20_012))],
        indexes: [IndexDefinition(id: TableID(20_012), name: "pair_pkey", keys: [.init(.column(1)), .init(.column(2))], isUnique: true)],
        owner: "admin")

    static func planner(_ change: (inout TableDefinition) -> Void = { _ in }) -> PointPlanner {
        var catalog = TableCatalog()
        var t = Self.t
        change(&t)
        catalog.put(t)
        catalog.put(pair)
        catalog.put(SequenceDefinition(id: TableID(20_020), schema: "public", name: "ids", owner: "admin"))
        return PointPlanner(catalog: catalog, searchPath: ["public"], parameterTypes: [.integer, .list(.integer)])
    }
}

@Suite struct PointPlanTests {
    let planner = Tables.planner()

    private func select(_ sql: String) throws -> PointSelect? {
        guard case .select(let plan)? = planner.select(try SerializedQueries.point(sql)) else { return nil }
        return plan
    }

    private func keys(_ sql: String) throws -> PointKeys {
        guard case .keys(let keys)? = try select(sql)?.source.access else { throw LeibrixError(.internal, "\(sql): no keys") }
        return keys
    }

    private func range(_ sql: String) throws -> PointRange {
        guard case .range(let range)? = try select(sql)?.source.access else { throw LeibrixError(.internal, "\(sql): no range") }
        return range
    }

    private func value(_ program: ScalarProgram, _ row: [Scalar] = [], _ parameters: [Scalar] = [.integer(5)]) throws -> Value {
        var frame = ScalarFrame()
        return try program.evaluate(ScalarArrayRow(row), ScalarContext(parameters: parameters), &frame).value(program.type)
    }

    @Test func wholeKeys() throws {
        let literal = try keys("SELECT * FROM t WHERE id = 7")
        #expect(literal.index == TableID(20_002) && literal.columns.count == 1 && literal.list == nil)
        #expect(try value(literal.columns[0].program) == 7)
        let plan = try #require(try select("SELECT v, n + 1 AS next FROM t WHERE id = $1"))
        #expect(plan.source.filter == nil && plan.outputs.map(\.name) == ["v", "next"] && plan.outputs.map(\.type) == [.varchar, .integer])
        guard case .column(2) = plan.outputs[0].source, case .program(let sum) = plan.outputs[1].source else {
            throw LeibrixError(.internal, "outputs")
        }
        #expect(try value(sum, [.integer(1), .integer(41)]) == 42)
        let both = try keys("SELECT * FROM pair WHERE a = 1 AND b = 2")
        #expect(both.columns.map(\.type) == [.bigInt, .bigInt])
    }

    @Test func residualFilters() throws {
        let plan = try #require(try select("SELECT v FROM public.t AS x WHERE x.id = 7 AND x.n > 3"))
        let filter = try #require(plan.source.filter)
        #expect(filter.columns == [1])
        #expect(try value(filter, [.integer(7), .integer(4)]) == true)
        #expect(try value(filter, [.integer(7), .integer(3)]) == false)
    }

    @Test func listsOfKeys() throws {
        guard case .values(let parts)? = try keys("SELECT v FROM t WHERE id IN (1, 2, $1)").list?.source else {
            throw LeibrixError(.internal, "no list")
        }
        #expect(try parts.map { try value($0.program) } == [1, 2, 5])
        guard case .parameter(1)? = try keys("SELECT v FROM t WHERE id = ANY($2)").list?.source else {
            throw LeibrixError(.internal, "no array")
        }
        let sorted = try #require(try select("SELECT v FROM t WHERE id IN (3, 1) ORDER BY id DESC"))
        #expect(sorted.order.count == 1 && sorted.order[0].isDescending)
        #expect(sorted.order[0].order(.integer(1), .integer(2)) > 0)
    }

    @Test func ranges() throws {
        let between = try range("SELECT v FROM t WHERE id BETWEEN 1 AND 50")
        #expect(between.lower?.isInclusive == true && between.upper?.isInclusive == true && between.prefix.isEmpty)
        #expect(try select("SELECT v FROM t WHERE id BETWEEN 1 AND 50")?.source.filter == nil)
        let limited = try #require(try select("SELECT v FROM t WHERE id >= $1 AND id < 100 ORDER BY id DESC LIMIT 5"))
        guard case .range(let reverse) = limited.source.access else { throw LeibrixError(.internal, "no range") }
        #expect(reverse.isReverse && reverse.isOrdered && reverse.upper?.isInclusive == false && limited.order.isEmpty && limited.limit != nil)
        let first = try range("SELECT v FROM t ORDER BY id LIMIT $1")
        #expect(first.isOrdered && first.lower == nil && first.upper == nil && first.index == TableID(20_002))
        let prefix = try range("SELECT * FROM pair WHERE a = 1 AND b > 2")
        #expect(prefix.prefix.count == 1 && prefix.lower?.isInclusive == false && prefix.upper == nil)
        #expect(try range("SELECT * FROM pair WHERE a = 1 ORDER BY b LIMIT 1").isOrdered)
        let other = try #require(try select("SELECT v FROM t WHERE n = 3 ORDER BY id"))
        #expect(other.order.count == 1)
    }

    /// NULLs lie behind a lower bound, and a second lower bound is the filter's.
    @Test func boundsThatStayInTheFilter() throws {
        #expect(try select("SELECT v FROM t WHERE m > 3")?.source.filter?.columns == [3])
        #expect(try select("SELECT v FROM t WHERE id > 3 AND id BETWEEN 1 AND 9")?.source.filter?.columns == [0])
    }

    @Test func keysOutsideTheColumnsType() throws {
        let keys = try keys("SELECT v FROM t WHERE id = 3000000000")
        #expect(keys.columns[0].needsRange && !keys.columns[0].fits(.integer(3_000_000_000)) && keys.columns[0].fits(.integer(3)))
        #expect(try !self.keys("SELECT v, n + 1 AS next FROM t WHERE id = $1").columns[0].needsRange)
    }

    @Test func withoutATable() throws {
        let plan = try #require(try select("SELECT 1 + $1, 'x' AS y"))
        guard case .nothing = plan.source.access, case .program(let sum) = plan.outputs[0].source else {
            throw LeibrixError(.internal, "outputs")
        }
        #expect(plan.outputs.map(\.name) == [nil, "y"])
        #expect(try value(sum) == 6)
    }

    @Test(arguments: [
        "SELECT v FROM t JOIN pair ON true WHERE id = 7", "SELECT * FROM pair WHERE b = 2",
        "SELECT count(*) FROM t WHERE id = 7", "SELECT v FROM t WHERE id = 7 GROUP BY v", "SELECT v FROM t WHERE id = 7 OR id = 8",
        "SELECT v FROM t WHERE id + 0 = 7", "SELECT v FROM missing WHERE id = 7", "SELECT v FROM t WHERE id = 'x'",
        "SELECT v FROM t WHERE id = 7 AND md5(v) = 'x'", "SELECT DISTINCT v FROM t WHERE id = 7", "SELECT 1 FROM t WHERE v = 'x'",
    ])
    func theRestIsNotOurs(_ sql: String) throws { #expect(try select(sql) == nil) }

    @Test func updates() throws {
        guard case .update(let plan)? = planner.update(
            try SerializedQueries.point("SELECT n + $1 FROM t WHERE id = $1"), columns: ["n"], returning: []),
            case .program(let program) = plan.assignments[0].value
        else { throw LeibrixError(.internal, "no update") }
        #expect(plan.assignments[0].column == 1)
        #expect(try value(program, [.integer(1), .integer(2)]) == 7)
        let two = try SerializedQueries.point("SELECT n + 1, 'long' FROM t WHERE id = 1")
        #expect(planner.update(two, columns: ["n", "v"], returning: []) != nil)
        #expect(planner.update(two, columns: ["n", "n"], returning: []) == nil)
        #expect(planner.update(two, columns: ["n"], returning: []) == nil)
        let short = Tables.planner { $0.columns[2].modifier = .length(2) }
        #expect(short.update(two, columns: ["n", "v"], returning: []) != nil)
        let checked = Tables.planner { $0.checks = [CheckConstraint(id: TableID(20_030), name: "c", sql: "n > 0")] }
        #expect(checked.update(two, columns: ["n", "v"], returning: []) == nil)
        let key = ForeignKey(id: TableID(20_031), name: "f", columns: [2], referencedTable: TableID(20_010), referencedColumns: [1])
        let referencing = Tables.planner { $0.foreignKeys = [key] }
        #expect(referencing.update(two, columns: ["n", "v"], returning: []) == nil)
    }

    @Test func deletes() throws {
        guard case .delete(let plan)? = planner.delete(try SerializedQueries.point("SELECT 1 FROM t WHERE id = 1 AND n = 2"), returning: [])
        else { throw LeibrixError(.internal, "no delete") }
        #expect(plan.source.filter?.columns == [1])
        #expect(planner.delete(try SerializedQueries.point("SELECT 1 FROM t WHERE v = 'x'"), returning: []) == nil)
        let own = ForeignKey(id: TableID(20_031), name: "f", columns: [4], referencedTable: TableID(20_000), referencedColumns: [1])
        let referenced = Tables.planner { $0.foreignKeys = [own] }
        #expect(referenced.delete(try SerializedQueries.point("SELECT 1 FROM t WHERE id = 1 AND n = 2"), returning: []) == nil)
    }

    @Test func inserts() throws {
        guard case .values(let rows)? = try SerializedQueries.point("VALUES (1, 2, 'a'), ($1, DEFAULT, NULL)").select?.from.kind else {
            throw LeibrixError(.internal, "no values")
        }
        let name = TableName(name: "t")
        let zero = try SerializedQueries.point("SELECT nextval('ids'), current_timestamp, 0").select?.list ?? []
        let insertion = PointInsertion(columns: ["id", "n", "v"], rows: rows, defaults: [2: zero[2]])
        guard case .insert(let plan)? = planner.insert(insertion, into: name, alias: nil) else { throw LeibrixError(.internal, "no insert") }
        let values = try plan.rows.map { row in
            try row.map { value -> Value in
                guard case .program(let program) = value else { return "sequence" }
                return try self.value(program)
            }
        }
        #expect(values == [[1, 2, "a", .null], [5, 0, .null, .null]])
        let serial = PointInsertion(columns: ["id", "n", "v"], rows: rows, defaults: [2: zero[0]])
        guard case .insert(let numbered)? = planner.insert(serial, into: name, alias: nil), case .next(of: TableID(20_020)) = numbered.rows[1][1]
        else { throw LeibrixError(.internal, "no sequence") }
        #expect(planner.insert(PointInsertion(columns: ["id", "n", "v"], rows: rows), into: name, alias: nil) == nil)
        #expect(planner.insert(PointInsertion(columns: ["id"], rows: rows, defaults: [2: zero[2]]), into: name, alias: nil) == nil)
    }

    @Test func conflicts() throws {
        let list = try #require(try SerializedQueries.point("SELECT n + excluded.n, v || 'x', excluded.n > 3").select).list
        let row = try #require(try SerializedQueries.point("SELECT n + 1, 'long' FROM t WHERE id = 1").select).list
        func plan(_ conflict: PointInsertion.Conflict) -> PointInsert.Conflict? {
            let insertion = PointInsertion(
                columns: ["id", "v"], rows: [[Expression(.constant(1, .integer)), row[1]]],
                defaults: [2: Expression(.constant(0, .integer))], conflict: conflict)
            guard case .insert(let plan)? = planner.insert(insertion, into: TableName(name: "t"), alias: nil) else { return nil }
            return plan.conflict
        }
        #expect(plan(.init(arbiter: .any)) != nil)
        #expect(plan(.init(arbiter: .columns(["id"])))?.index == TableID(20_002))
        #expect(plan(.init(arbiter: .columns(["n"]))) == nil)
        let update = try #require(plan(.init(arbiter: .constraint("t_pkey"), assignments: [("n", list[0])], condition: list[2])))
        guard case .program(let sum)? = update.assignments?.first?.value else { throw LeibrixError(.internal, "no assignment") }
        let both: [Scalar] = [.integer(1), .integer(10), .null, .null, .integer(1), .integer(4), .null, .null]
        #expect(try value(sum, both) == 14)
        #expect(try value(try #require(update.filter), both) == true)
    }
}
