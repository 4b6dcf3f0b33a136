// From DuckDB's serialized parse tree to ours. Total: what is missing or unknown becomes `.other`, never a crash; the
// recursion is bounded by the JSON parser's depth.

internal import Base

enum QueryDecoder {
    /// `{"node": …, "named_param_map": …}`.
    static func statement(_ json: JSON?) -> Query {
        guard let node = json?["node"] else { return Query(.other("statement without a node")) }
        return query(node)
    }

    static func query(_ node: JSON) -> Query {
        var query = Query(body(node))
        query.commonTables = commonTables(node["cte_map"])
        for modifier in node["modifiers"]?.array ?? [] {
            switch modifier["type"]?.string {
            case "ORDER_MODIFIER": query.order = orders(modifier["orders"])
            case "LIMIT_MODIFIER": query.limit = limit(modifier, isPercentage: false)
            case "LIMIT_PERCENT_MODIFIER": query.limit = limit(modifier, isPercentage: true)
            case "DISTINCT_MODIFIER":
                let targets = expressions(modifier["distinct_on_targets"])
                query.distinct = targets.isEmpty ? .all : .on(targets)
            case let kind: query.body = .other(kind ?? "modifier")
            }
        }
        return query
    }

    private static func body(_ node: JSON) -> Query.Body {
        switch node["type"]?.string {
        case "SELECT_NODE": .select(select(node))
        case "SET_OPERATION_NODE": setOperation(node)
        case "RECURSIVE_CTE_NODE": recursive(node)
        case let kind: .other(kind ?? "query")
        }
    }

    private static func select(_ node: JSON) -> Select {
        Select(
            list: expressions(node["select_list"]), from: table(node["from_table"]), filter: optional(node["where_clause"]),
            grouping: grouping(node), having: optional(node["having"]), qualify: optional(node["qualify"]),
            sample: sample(node["sample"]))
    }

    private static func grouping(_ node: JSON) -> Select.Grouping {
        if node["aggregate_handling"]?.string == "FORCE_AGGREGATES" { return .all }
        let keys = expressions(node["group_expressions"])
        let sets = (node["group_sets"]?.array ?? []).map { set in
            (set.array ?? []).compactMap { $0.integer.map(Int.init) }.filter { keys.indices.contains($0) }
        }
        if sets.isEmpty { return keys.isEmpty ? .none : .keys(keys) }
        if sets == [Array(keys.indices)] { return .keys(keys) }
        return .sets(keys: keys, sets: sets)
    }

    private static func setOperation(_ node: JSON) -> Query.Body {
        guard let left = node["left"], let right = node["right"] else { return .other("set operation without sides") }
        let kind: SetOperation.Kind =
            switch node["setop_type"]?.string {
            case "UNION": .union
            case "UNION_BY_NAME": .unionByName
            case "EXCEPT": .except
            case "INTERSECT": .intersect
            case let kind: .other(kind ?? "set operation")
            }
        return .setOperation(
            SetOperation(
                kind: kind, keepsDuplicates: node["setop_all"]?.bool ?? false, left: query(left), right: query(right)))
    }

    private static func recursive(_ node: JSON) -> Query.Body {
        guard let left = node["left"], let right = node["right"] else { return .other("recursive query without sides") }
        return .recursive(
            RecursiveQuery(
                name: node["cte_name"]?.string ?? "", columns: strings(node["aliases"]),
                keepsDuplicates: node["union_all"]?.bool ?? false, left: query(left), right: query(right),
                keys: expressions(node["key_targets"])))
    }

    private static func commonTables(_ map: JSON?) -> [CommonTable] {
        (map?["map"]?.array ?? []).map { entry in
            let value = entry["value"]
            return CommonTable(
                name: entry["key"]?.string ?? "", columns: strings(value?["aliases"]), query: statement(value?["query"]))
        }
    }

    private static func limit(_ modifier: JSON, isPercentage: Bool) -> Limit {
        Limit(count: optional(modifier["limit"]), offset: optional(modifier["offset"]), isPercentage: isPercentage)
    }

    static func orders(_ json: JSON?) -> [OrderKey] {
        (json?.array ?? []).map { order in
            let direction: OrderKey.Direction =
                switch order["type"]?.string {
                case "ASCENDING": .ascending
                case "DESCENDING": .descending
                default: .unspecified
                }
            let nulls: OrderKey.Nulls =
                switch order["null_order"]?.string {
                case "NULLS FIRST": .first
                case "NULLS LAST": .last
                default: .unspecified
                }
            return OrderKey(expression: expression(order["expression"]), direction: direction, nulls: nulls)
        }
    }

    static func sample(_ json: JSON?) -> Sample? {
        guard let json, !json.isNull else { return nil }
        return Sample(
            size: json["sample_size"]?["value"]?.double ?? 0, isPercentage: json["is_percentage"]?.bool ?? false,
            method: json["method"]?.string ?? "")
    }

    static func strings(_ json: JSON?) -> [String] { (json?.array ?? []).compactMap(\.string) }

    /// A text that is there and not empty.
    static func name(_ json: JSON?) -> String? { json?.string.flatMap { $0.isEmpty ? nil : $0 } }

    /// DuckDB writes 2^64 - 1 where there is no place.
    static func location(_ json: JSON) -> Int? { json["query_location"]?.integer.map(Int.init) }
}
