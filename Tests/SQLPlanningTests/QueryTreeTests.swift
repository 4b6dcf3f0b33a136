import Base
import Columnar
import SQLPlanning
import Testing

private typealias E = SQLPlanning.Expression

@Suite struct QueryTreeTests {
    private func list(_ prefix: String) throws -> [E] { try #require(try SerializedQueries.query(prefix).select).list }

    private func one(_ value: Int64, at location: Int? = nil) -> E { E(.constant(.integer(value), .integer), location: location) }

    @Test func theFixtureIsThere() { #expect(SerializedQueries.trees.count == 31) }

    /// Only the statements made for it hold a node without a shape.
    @Test func everyQueryIsKnown() {
        for (sql, tree) in SerializedQueries.trees where !sql.hasPrefix("DESCRIBE") {
            guard let queries = try? Query.decode(serialized: tree) else { continue }
            #expect(!"\(queries)".contains("Kind.other("), "\(sql): \(queries)")
            #expect(!"\(queries)".contains("Body.other("), "\(sql)")
            #expect(!"\(queries)".contains("Bound.other("), "\(sql)")
        }
    }

    @Test func refusalsAreTold() throws {
        func code(_ prefix: String) throws -> ErrorCode? {
            let tree = try #require(SerializedQueries.trees.first { $0.sql.hasPrefix(prefix) }).tree
            do { _ = try Query.decode(serialized: tree) } catch { return error.code }
            return nil
        }
        #expect(try code("PIVOT") == .notSupported)
        #expect(try code("SELECT FROM WHERE") == .syntax)
        #expect(try SerializedQueries.query("DESCRIBE").select?.from.kind == .other("SHOW_REF"))
        #expect(throws: LeibrixError.self) { try Query.decode(serialized: "{\"error\":false}") }
        #expect(throws: LeibrixError.self) { try Query.decode(serialized: "[") }
        #expect(try Query.decode(serialized: "{\"error\":false,\"statements\":[{}]}").first?.body == .other("statement without a node"))
    }

    @Test func statementsAreCounted() throws {
        let tree = try #require(SerializedQueries.trees.first { $0.sql == "SELECT 1; SELECT 2" }).tree
        #expect(try Query.decode(serialized: tree).count == 2)
    }

    @Test func selectListsAndFilters() throws {
        let select = try #require(try SerializedQueries.query("SELECT a, b+1").select)
        #expect(select.list.count == 5)
        #expect(select.list[0] == E(.column(["a"]), location: 7))
        #expect(select.list[1].alias == "x")
        guard case .star(let qualified) = select.list[2].kind, case .star(let star) = select.list[3].kind,
            case .star(let columns) = select.list[4].kind
        else { throw LeibrixError(.internal, "no stars") }
        #expect(qualified.isPlain && qualified.relation == "t2")
        #expect(star.excluded == ["c", "t2.e"] && star.renamed.map(\.from) == ["f"] && star.replaced.map(\.name) == ["d"])
        #expect(columns.isColumns && columns.pattern != nil)
        #expect(select.from.name == "t2" && select.from.columnAliases == ["p", "q"])
        guard case .table(let table) = select.from.kind else { throw LeibrixError(.internal, "no table") }
        #expect(table.catalog == nil && table.schema == "main" && table.name == "t" && table.at == nil)
        guard case .or(let sides)? = select.filter?.kind, case .and(let left) = sides[0].kind, case .and(let right) = sides[1].kind
        else { throw LeibrixError(.internal, "no filter") }
        guard case .comparison(.equal, let column, let seven) = left[0].kind else { throw LeibrixError(.internal, "no =") }
        #expect(column.kind == .column(["t2", "a"]) && seven.kind == .constant(7, .integer))
        guard case .inList(_, let items, isNegated: true) = right[0].kind else { throw LeibrixError(.internal, "no NOT IN") }
        #expect(items.map(\.kind) == [.constant(3, .integer)])
        guard case .not(let between) = right[2].kind, case .between(_, _, let upper) = between.kind else {
            throw LeibrixError(.internal, "no NOT BETWEEN")
        }
        #expect(upper.kind == .parameter("2"))
    }

    @Test func aggregatesOrdersAndLimits() throws {
        let query = try SerializedQueries.query("SELECT count(*)")
        let select = try #require(query.select)
        #expect(select.grouping == .all)
        #expect(query.order.map(\.direction) == [.descending, .unspecified])
        #expect(query.order.map(\.nulls) == [.first, .unspecified])
        #expect(query.limit?.count?.kind == .constant(10, .integer) && query.limit?.offset?.kind == .parameter("1"))
        guard case .call(let sum) = select.list[1].kind, case .call(let join) = select.list[2].kind else {
            throw LeibrixError(.internal, "no calls")
        }
        #expect(sum.isDistinct && sum.filter != nil && !sum.isPlain)
        #expect(join.order.map(\.nulls) == [.last] && join.arguments.count == 2)
        let sets = try SerializedQueries.query("SELECT DISTINCT ON")
        guard case .sets(let keys, let places)? = sets.select?.grouping, case .on(let targets)? = sets.distinct else {
            throw LeibrixError(.internal, "no sets")
        }
        #expect(keys.count == 3 && places == [[0, 2], [0, 1, 2], [2]] && targets.count == 1 && sets.limit?.isPercentage == true)
    }

    @Test(arguments: [
        ("SELECT 1 FROM a NATURAL", Join.Kind.left, Join.Condition.natural), ("SELECT 1 FROM a FULL", .full, .using(["x", "y"])),
        ("SELECT 1 FROM a SEMI", .semi, .using(["k"])), ("SELECT 1 FROM a POSITIONAL", .inner, .positional),
    ])
    func joins(prefix: String, kind: Join.Kind, condition: Join.Condition) throws {
        guard case .join(let join)? = try SerializedQueries.query(prefix).select?.from.kind else {
            throw LeibrixError(.internal, "no join")
        }
        #expect(join.kind == kind && join.condition == condition && !join.isASOF)
        #expect(join.left.name == "a" && join.right.name == "b")
    }

    @Test func joinsWithConditions() throws {
        guard case .join(let comma)? = try SerializedQueries.query("SELECT 1 FROM a JOIN b").select?.from.kind,
            case .join(let inner) = comma.left.kind, case .on = inner.condition,
            case .join(let asof)? = try SerializedQueries.query("SELECT 1 FROM a ASOF").select?.from.kind,
            case .join(let anti)? = try SerializedQueries.query("SELECT 1 FROM a ANTI").select?.from.kind
        else { throw LeibrixError(.internal, "no joins") }
        #expect(comma.condition == .none && comma.right.name == "c")
        #expect(asof.isASOF && asof.kind == .left && anti.kind == .anti)
    }

    @Test func tablesOfOtherKinds() throws {
        guard case .join(let join)? = try SerializedQueries.query("SELECT 1 FROM (SELECT 2)").select?.from.kind,
            case .subquery = join.left.kind, case .function(let range, withOrdinality: false) = join.right.kind,
            case .values(let rows)? = try SerializedQueries.query("VALUES").select?.from.kind,
            case .table(let table)? = try SerializedQueries.query("SELECT * FROM c.s.t").select?.from.kind
        else { throw LeibrixError(.internal, "no tables") }
        #expect(join.left.columnAliases == ["x"] && join.right.name == "r" && range.name == "range")
        #expect(rows.map(\.count) == [2, 2, 2] && rows[2].map(\.kind) == [.parameter("1"), .defaultValue])
        #expect(rows[1][1].kind == .constant(.null, .null))
        #expect(table.catalog == "c" && table.schema == "s" && table.at?.unit == "VERSION")
    }

    @Test func setOperationsAndCommonTables() throws {
        let except = try SerializedQueries.query("WITH x AS MATERIALIZED")
        guard case .setOperation(let outer) = except.body, case .setOperation(let inner) = outer.right.body,
            case .setOperation(let byName) = try SerializedQueries.query("SELECT 1 UNION ALL BY").body
        else { throw LeibrixError(.internal, "no set operations") }
        #expect(outer.kind == .except && outer.keepsDuplicates && inner.kind == .intersect && !inner.keepsDuplicates)
        #expect(byName.kind == .unionByName && byName.keepsDuplicates)
        #expect(except.commonTables.map(\.name) == ["x"])
        let recursive = try SerializedQueries.query("WITH RECURSIVE")
        guard case .recursive(let query)? = recursive.commonTables.first?.query.body else { throw LeibrixError(.internal, "no recursion") }
        #expect(query.keepsDuplicates && query.name == "r" && query.columns == ["n"])
    }

    @Test func constantsAndTypes() throws {
        let constants = try list("SELECT 1.5").map(\.kind)
        #expect(constants[0] == .constant(.decimal(15, width: 2, scale: 1), .decimal(width: 2, scale: 1)))
        #expect(constants[1] == .constant(.double(1000), .double) && constants[2] == .constant(123_456_789_012, .bigInt))
        #expect(constants[3] == .constant(.hugeInt(12_345_678_901_234_567_890_123), .hugeInt))
        #expect(constants[7] == .constant(-5, .integer))
        let casts = (try list("SELECT a::varchar") + list("SELECT a::json")).map { expression -> DataType? in
            if case .cast(_, let type, _) = expression.kind { return type }
            return nil
        }
        #expect(
            casts.prefix(8) == [
                .varchar, .decimal(width: 10, scale: 2), .decimal(width: 18, scale: 3), .list(.integer), .array(.integer, size: 3),
                .structure([.init("x", .integer), .init("y", .varchar)]), .map(key: .integer, value: .varchar),
                .union([.init("n", .integer)]),
            ])
        #expect(
            casts[8..<16] == [
                .json, .other("mood"), .other("s.mood"), .enumeration(["x", "y"]), .timestampTZ, .uuid, .time, .interval,
            ])
    }

    @Test func operatorsAndSubqueries() throws {
        let tests = try list("SELECT a IS NULL").map(\.kind)
        guard case .isNull = tests[0], case .isNotNull = tests[1], case .comparison(.distinct, _, _) = tests[2],
            case .comparison(.distinct, _, _) = tests[3], case .not = tests[4]
        else { throw LeibrixError(.internal, "no tests") }
        let subqueries = try list("SELECT (SELECT 1)").map(\.kind)
        guard case .subquery(let scalar) = subqueries[0], case .subquery(let exists) = subqueries[1],
            case .subquery(let isIn) = subqueries[2], case .not(let all) = subqueries[3],
            case .subquery(let parameter) = subqueries[4], case .subquery(let array) = subqueries[5]
        else { throw LeibrixError(.internal, "no subqueries") }
        #expect(scalar.kind == .scalar && exists.kind == .exists && isIn.anyElement == nil)
        guard case .subquery(let contrary) = all.kind, case .any(_, .lessOrEqual) = contrary.kind else {
            throw LeibrixError(.internal, "no ALL")
        }
        #expect(parameter.anyElement?.kind == .parameter("1"))
        guard case .array(let items)? = array.anyElement?.kind else { throw LeibrixError(.internal, "no array") }
        #expect(items.count == 2)
    }

    @Test func windows() throws {
        let windows = try list("SELECT lag(a").compactMap { expression -> WindowCall? in
            if case .window(let window) = expression.kind { return window }
            return nil
        }
        #expect(windows.count == 3)
        #expect(windows[0].call.name == "lag" && windows[0].offset?.kind == .constant(1, .integer) && windows[0].partitions.count == 1)
        #expect(windows[1].call.filter != nil && windows[1].frame.end == .unboundedFollowing)
        guard case .preceding(_, .range) = windows[1].frame.start, case .following(_, .groups) = windows[2].frame.end else {
            throw LeibrixError(.internal, "no bounds")
        }
        #expect(windows[2].ignoresNulls && windows[2].frame.start == .currentRow(.groups) && windows[2].frame.exclusion == .group)
    }

    @Test func childrenAreFound() throws {
        let list = try list("SELECT CASE a WHEN")
        #expect(list[0].contains { $0.kind == .column(["a"]) })
        #expect(list[0].children.count == 3 && list[1].children.count == 2)
        #expect(!list[0].contains { $0.kind == .column(["zz"]) })
    }
}
