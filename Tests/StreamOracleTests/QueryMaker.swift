internal import Platform

/// Queries made at random over `events`, each as the stream's SQL and as the batch SQL with the same answer.
struct QueryMaker {
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    private mutating func pick<T>(_ items: [T]) -> T { items[Int(generator.next() % UInt64(items.count))] }
    private mutating func chance(_ percent: UInt64) -> Bool { generator.next() % 100 < percent }

    static let columns = "k BIGINT, v BIGINT, i INTEGER, d DOUBLE, m DECIMAL(10,2), s VARCHAR, b BOOLEAN, ts TIMESTAMP"

    // MARK: expressions

    mutating func integer(_ depth: Int) -> String {
        if depth == 0 { return pick(["k", "v", "i", "3", "-7", "100"]) }
        switch generator.next() % 18 {
        case 12: return "bit_count(\(pick(["v", "i", "k"])))"
        case 13: return "gcd(\(pick(["v", "i"])), 12)"
        case 14: return "\(pick(["ascii", "strlen", "unicode"]))(\(text(depth - 1)))"
        case 15: return "date_diff('\(pick(["day", "hour", "month", "week", "second"]))', \(time(1)), TIMESTAMP '2026-03-01 12:00:00')"
        case 16: return "\(pick(["week", "isoyear", "yearweek", "decade"]))(\(time(1)))"
        case 17: return "sign(\(double(depth - 1)))"
        case 0: return "(\(integer(depth - 1)) + \(integer(depth - 1)))"
        case 1: return "(\(integer(depth - 1)) - \(integer(depth - 1)))"
        case 2: return "(\(integer(depth - 1)) * \(pick(["2", "-3", "k"])))"
        case 3: return "(\(integer(depth - 1)) // \(pick(["2", "-3", "7", "k"])))"
        case 4: return "(\(integer(depth - 1)) % \(pick(["2", "5", "-3"])))"
        case 5: return "abs(\(integer(depth - 1)))"
        case 6: return "length(\(text(depth - 1)))"
        case 7: return "coalesce(\(integer(depth - 1)), \(integer(depth - 1)))"
        case 8: return "CASE WHEN \(boolean(depth - 1)) THEN \(integer(depth - 1)) ELSE \(integer(depth - 1)) END"
        case 9: return "CAST(\(double(depth - 1)) AS BIGINT)"
        case 10: return "extract(\(pick(["hour", "minute", "second", "day", "month", "year", "dow", "doy"])) FROM \(time(depth - 1)))"
        default: return "nullif(\(integer(depth - 1)), \(pick(["0", "1", "k"])))"
        }
    }

    mutating func double(_ depth: Int) -> String {
        if depth == 0 { return pick(["d", "d", "d * 2", "d + 0.5"]) }
        switch generator.next() % 12 {
        case 8: return "\(pick(["sin", "cos", "atan", "cbrt", "tanh", "radians"]))(\(double(depth - 1)))"
        case 9: return "round(\(double(depth - 1)), \(pick(["1", "2", "-1"])))"
        case 10: return "atan2(\(double(depth - 1)), \(pick(["2", "d", "k"])))"
        case 11: return "fmod(\(double(depth - 1)), \(pick(["2", "1.5"])))"
        case 0: return "(\(integer(depth - 1)) / \(pick(["2", "3.5", "k", "d"])))"
        case 1: return "sqrt(abs(\(double(depth - 1))))"
        case 2: return "floor(\(double(depth - 1)))"
        case 3: return "round(\(double(depth - 1)))"
        case 4: return "CAST(\(pick(["v", "i", "m", "k"])) AS DOUBLE)"
        case 5: return "(\(double(depth - 1)) - \(double(depth - 1)))"
        case 6: return "greatest(\(double(depth - 1)), \(double(depth - 1)))"
        default: return "CASE WHEN \(boolean(depth - 1)) THEN \(double(depth - 1)) ELSE \(double(depth - 1)) END"
        }
    }

    mutating func decimal() -> String { pick(["m", "m + 1.25", "m * 2", "m * 1.5", "m - v", "-m", "coalesce(m, 0)", "round(m, 1)", "floor(m)", "trunc(m)", "abs(m)", "round(m, -1)"]) }

    mutating func text(_ depth: Int) -> String {
        if depth == 0 { return pick(["s", "s", "'x'", "'a constant of some length'"]) }
        switch generator.next() % 20 {
        case 12: return "reverse(\(text(depth - 1)))"
        case 13: return "\(pick(["lpad", "rpad"]))(\(text(depth - 1)), \(pick(["3", "8", "i"])), \(pick(["'*'", "'äb'"])))"
        case 14: return "regexp_replace(\(text(depth - 1)), \(pick(["'[aeiou]'", "'(.)(.)'", "'b*'", "'^.'"])), \(pick(["'-'", "''", "'<\\0>'"]))\(pick(["", ", 'g'", ", 'i'"])))"
        case 15: return "regexp_extract(\(text(depth - 1)), \(pick(["'[a-m]+'", "'.x?$'", "'(a|A)b?'"])))"
        case 16: return "translate(\(text(depth - 1)), \(pick(["'abc'", "'xä'"])), \(pick(["'123'", "''", "'z'"])))"
        case 17: return "concat_ws(\(pick(["','", "s"])), \(text(depth - 1)), \(integer(0)), \(text(0)))"
        case 18: return "\(pick(["trim", "ltrim", "rtrim"]))(\(text(depth - 1)), 'xA ')"
        case 19: return "\(pick(["left", "right"]))(\(text(depth - 1)), \(pick(["-1", "i", "-3", "2"])))"
        case 7: return "split_part(\(text(depth - 1)), \(pick(["'a'", "'e'", "' '", "''"])), \(pick(["1", "2", "-1", "-2", "9"])))"
        case 8: return "strftime(\(time(1)), \(pick(["'%Y-%m-%d'", "'%H:%M:%S'", "'100%% %j'"])))"
        case 9: return "\(pick(["left", "right"]))(\(text(depth - 1)), \(pick(["1", "3", "20"])))"
        case 10: return "CAST(strpos(\(text(depth - 1)), \(pick(["'a'", "'of'", "'ä'"]))) AS VARCHAR)"
        case 0: return "upper(\(text(depth - 1)))"
        case 1: return "lower(\(text(depth - 1)))"
        case 2: return "(\(text(depth - 1)) || \(text(depth - 1)))"
        case 3: return "substr(\(text(depth - 1)), \(pick(["1", "2", "-3", "0", "5"])), \(pick(["2", "4", "30"])))"
        case 4: return "CAST(\(pick(["v", "i", "k", "b", "m", "ts"])) AS VARCHAR)"
        case 5: return "coalesce(\(text(depth - 1)), 'none')"
        case 6: return "replace(\(text(depth - 1)), 'a', 'bb')"
        default: return "CASE WHEN \(boolean(depth - 1)) THEN \(text(depth - 1)) END"
        }
    }

    mutating func boolean(_ depth: Int) -> String {
        if depth == 0 { return pick(["b", "v > 3", "d < 0", "s = 'x'", "v IS NULL", "i >= k"]) }
        switch generator.next() % 13 {
        case 9: return "regexp_matches(\(text(depth - 1)), \(pick(["'a.c'", "'^[A-Z]'", "'(b|x)+'"])))"
        case 10: return "(\(text(depth - 1)) ILIKE \(pick(["'A%'", "'%ä_'"])))"
        case 11: return "(\(double(depth - 1)) IS \(pick(["", "NOT "]))DISTINCT FROM \(double(0)))"
        case 12: return "\(pick(["isnan", "isfinite"]))(\(double(depth - 1)))"
        case 0: return "(\(boolean(depth - 1)) AND \(boolean(depth - 1)))"
        case 1: return "(\(boolean(depth - 1)) OR \(boolean(depth - 1)))"
        case 2: return "(NOT \(boolean(depth - 1)))"
        case 3: return "(\(integer(depth - 1)) \(pick(["=", "<>", "<", "<=", ">", ">="])) \(integer(depth - 1)))"
        case 4: return "(\(double(depth - 1)) \(pick(["=", "<", ">="])) \(double(depth - 1)))"
        case 5: return "(\(text(depth - 1)) \(pick(["=", "<", ">="])) \(text(depth - 1)))"
        case 6: return "(\(text(depth - 1)) LIKE \(pick(["'a%'", "'%b%'", "'_a%'", "'%'"])))"
        case 7: return "(\(integer(depth - 1)) IN (1, 2, \(integer(0))))"
        default: return "(\(integer(depth - 1)) BETWEEN \(integer(0)) AND \(integer(0)))"
        }
    }

    mutating func time(_ depth: Int) -> String {
        switch generator.next() % 4 {
        case 0: return "date_trunc('\(pick(["minute", "hour", "day", "month"]))', ts)"
        case 1: return "(ts + INTERVAL '\(pick(["5 seconds", "1 day", "2 months"]))')"
        case 2: return "(ts - INTERVAL '\(pick(["90 minutes", "1 month"]))')"
        default: return "ts"
        }
    }

    private mutating func any() -> String {
        switch generator.next() % 6 {
        case 0: double(2)
        case 1: text(2)
        case 2: boolean(2)
        case 3: time(1)
        case 4: decimal()
        default: integer(2)
        }
    }

    private mutating func aggregate() -> String {
        let filter = chance(15) ? " FILTER (WHERE \(boolean(1)))" : ""
        switch generator.next() % 20 {
        case 0: return "count(*)\(filter)"
        case 1: return "count(\(any()))\(filter)"
        case 2: return "sum(\(integer(1)))\(filter)"
        case 3: return "sum(\(decimal()))\(filter)"
        case 4: return "sum(\(double(1)))"
        case 5: return "avg(\(pick(["v", "d", "m", "i"])))\(filter)"
        case 6: return "min(\(any()))\(filter)"
        case 7: return "max(\(any()))\(filter)"
        case 8: return "count(DISTINCT \(pick(["v", "s", "i", "b", "m"])))"
        case 9: return "sum(DISTINCT \(pick(["v", "i"])))"
        case 10: return "\(pick(["stddev", "var_pop", "var_samp", "stddev_pop", "sem"]))(\(pick(["v", "d", "m"])))"
        case 11: return "\(pick(["corr", "covar_pop", "covar_samp", "regr_slope", "regr_intercept", "regr_count", "regr_avgx", "regr_sxy"]))(d, v)"
        case 12: return "bool_and(\(boolean(1)))"
        case 13: return "bool_or(\(boolean(1)))"
        case 14: return "\(pick(["bit_and", "bit_or", "bit_xor"]))(v)"
        case 15: return "count_if(\(boolean(1)))"
        case 16: return "\(pick(["skewness", "kurtosis"]))(v)"
        case 17: return "min(s) || max(s)"
        case 18: return "sum(v) / count(*)"
        default: return "max(v) - min(i)"
        }
    }

    // MARK: queries

    struct Pair {
        var stream: String
        var batch: String
        var isFinal: Bool
    }

    mutating func query() -> Pair {
        let filter = chance(50) ? " WHERE \(boolean(2))" : ""
        switch generator.next() % 9 {
        case 6: return joined()
        case 7:
            let other = chance(50) ? " WHERE \(boolean(2))" : ""
            let types = (0..<3).map { _ in generator.next() % 3 }
            let list = { (maker: inout QueryMaker) in
                types.enumerated().map { "\($0.element == 0 ? maker.integer(1) : $0.element == 1 ? maker.double(1) : maker.text(1)) AS c\($0.offset)" }.joined(separator: ", ")
            }
            let text = "SELECT \(list(&self)) FROM events\(filter) UNION ALL SELECT \(list(&self)) FROM events\(other)"
            return Pair(stream: text, batch: text, isFinal: false)
        case 8: return cascaded(filter)
        case 0, 1:
            let list = (0..<4).map { "\(any()) AS c\($0)" }.joined(separator: ", ")
            let text = "SELECT \(list) FROM events\(filter)"
            return Pair(stream: text, batch: text, isFinal: false)
        case 2:
            let (keys, list) = groups()
            let text = "SELECT \(list) FROM events\(filter) GROUP BY \(keys)\(having())"
            return Pair(stream: text, batch: text, isFinal: true)
        default: return windowed(filter)
        }
    }

    /// Joins of the events with themselves, of two or three.
    private mutating func joined() -> Pair {
        let bound = { (a: String, b: String) in "\(b).k = \(a).k AND \(b).ts BETWEEN \(a).ts - INTERVAL '1 second' AND \(a).ts + INTERVAL '500 milliseconds'" }
        let more = pick(["", "", " AND a.v < b.v", " AND a.s IS DISTINCT FROM b.s"])
        let filter = pick(["", " WHERE a.v > 0", " WHERE a.s = 'x'"])
        switch generator.next() % 4 {
        case 0:
            let text = "SELECT a.k, a.v, a.s, a.d FROM events a \(pick(["SEMI", "ANTI"])) JOIN events b ON \(bound("a", "b"))\(more)\(filter)"
            return Pair(stream: text, batch: text, isFinal: false)
        case 1:
            let text = "SELECT a.k, b.v, c.s, c.m FROM events a JOIN events b ON \(bound("a", "b"))\(more) JOIN events c ON \(bound("b", "c"))\(filter)"
            return Pair(stream: text, batch: text, isFinal: false)
        case 2:
            let text = "SELECT a.k AS g, count(*) AS n, sum(b.v) AS total, min(b.s) AS low, max(a.d) AS high FROM events a JOIN events b ON \(bound("a", "b"))\(more)\(filter) GROUP BY a.k"
            return Pair(stream: text, batch: text, isFinal: true)
        default:
            let text = "SELECT a.k, a.v, b.v AS w, b.s, a.d - b.d AS e FROM events a \(pick(["", "LEFT", "RIGHT", "FULL"])) JOIN events b ON \(bound("a", "b"))\(more)"
            return Pair(stream: text, batch: text, isFinal: false)
        }
    }

    /// An aggregation of windows' results.
    private mutating func cascaded(_ filter: String) -> Pair {
        let (inner, outer) = (aggregate(), pick(["count(a)", "max(a)", "min(a)", "count(DISTINCT a)"]))
        let outside = pick([("", "g"), (" WHERE n > 1", "g"), ("", "n")])
        let make = { (window: String) in
            "SELECT \(outside.1) AS h, count(*) AS groups, sum(n) AS total, \(outer) AS r FROM (SELECT k AS g, \(window) AS w, count(*) AS n, \(inner) AS a FROM events\(filter) GROUP BY k, w)\(outside.0) GROUP BY \(outside.1)"
        }
        return Pair(stream: make("tumble(ts, INTERVAL '10 seconds')"), batch: make("time_bucket(INTERVAL '10 seconds', ts, TIMESTAMP '1970-01-01')"), isFinal: true)
    }

    private mutating func having() -> String { chance(30) ? " HAVING count(*) > 2" : "" }

    private mutating func groups() -> (keys: String, list: String) {
        let keys = pick([["k"], ["s"], ["k", "b"], ["i % 3", "s"], ["m"], ["d"]])
        let list = keys.enumerated().map { "\($0.element) AS g\($0.offset)" } + (0..<3).map { "\(aggregate()) AS a\($0)" }
        return (keys.joined(separator: ", "), list.joined(separator: ", "))
    }

    private mutating func windowed(_ filter: String) -> Pair {
        let (keys, list) = groups()
        let tail = having()
        let epoch = "TIMESTAMP '1970-01-01'"
        switch generator.next() % 4 {
        case 0:
            let (slide, size) = pick([(5, 15), (10, 10), (4, 10)])
            let call = "hop(ts, INTERVAL '\(slide) seconds', INTERVAL '\(size) seconds')"
            let first = "time_bucket(INTERVAL '\(slide) seconds', ts, \(epoch))"
            let steps = (size + slide - 1) / slide - 1
            let from = "(SELECT * FROM (SELECT *, unnest(generate_series(\(first) - INTERVAL '\(steps * slide) seconds', \(first), INTERVAL '\(slide) seconds')) AS w FROM events\(filter)) WHERE w + INTERVAL '\(size) seconds' > ts)"
            return Pair(
                stream: "SELECT window_start AS w, \(list) FROM events\(filter) GROUP BY \(keys), \(call)\(tail)",
                batch: "SELECT w, \(list) FROM \(from) GROUP BY \(keys), w\(tail)", isFinal: true)
        case 1:
            let call = "cumulate(ts, INTERVAL '5 seconds', INTERVAL '20 seconds')"
            let start = "time_bucket(INTERVAL '20 seconds', ts, \(epoch))"
            let end = "(time_bucket(INTERVAL '5 seconds', ts, \(epoch)) + INTERVAL '5 seconds')"
            let from = "(SELECT *, unnest(generate_series(\(end), \(start) + INTERVAL '20 seconds', INTERVAL '5 seconds')) AS w FROM events\(filter))"
            return Pair(
                stream: "SELECT window_end AS w, \(list) FROM events\(filter) GROUP BY \(keys), \(call)\(tail)",
                batch: "SELECT w, \(list) FROM \(from) GROUP BY \(keys), w\(tail)", isFinal: true)
        default:
            let size = pick(["7 seconds", "10 seconds", "1 minute"])
            return Pair(
                stream: "SELECT tumble(ts, INTERVAL '\(size)') AS w, \(list) FROM events\(filter) GROUP BY \(keys), w\(tail)",
                batch: "SELECT time_bucket(INTERVAL '\(size)', ts, \(epoch)) AS w, \(list) FROM events\(filter) GROUP BY \(keys), w\(tail)", isFinal: true)
        }
    }
}
