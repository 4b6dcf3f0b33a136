internal import Base

extension QueryDecoder {
    static func window(_ json: JSON) -> Expression.Kind {
        let exclusion: WindowCall.Frame.Exclusion
        switch json["exclude_clause"]?.string {
        case "NO_OTHER", nil: exclusion = .nothing
        case "CURRENT_ROW": exclusion = .currentRow
        case "GROUP": exclusion = .group
        case "TIES": exclusion = .ties
        case let other?: return .other("EXCLUDE \(other)")
        }
        let call = FunctionCall(
            name: json["function_name"]?.string ?? "", schema: name(json["schema"]), arguments: expressions(json["children"]),
            isOperator: false, isDistinct: json["distinct"]?.bool ?? false, filter: optional(json["filter_expr"]),
            order: orders(json["arg_orders"]))
        let frame = WindowCall.Frame(
            start: bound(json["start"]?.string, optional(json["start_expr"])),
            end: bound(json["end"]?.string, optional(json["end_expr"])), exclusion: exclusion)
        return .window(
            WindowCall(
                call: call, partitions: expressions(json["partitions"]), order: orders(json["orders"]), frame: frame,
                ignoresNulls: json["ignore_nulls"]?.bool ?? false, offset: optional(json["offset_expr"]),
                defaultValue: optional(json["default_expr"])))
    }

    private static func bound(_ type: String?, _ expression: Expression?) -> WindowCall.Frame.Bound {
        switch (type, expression) {
        case ("UNBOUNDED_PRECEDING", _): .unboundedPreceding
        case ("UNBOUNDED_FOLLOWING", _): .unboundedFollowing
        case ("CURRENT_ROW_ROWS", _): .currentRow(.rows)
        case ("CURRENT_ROW_RANGE", _): .currentRow(.range)
        case ("CURRENT_ROW_GROUPS", _): .currentRow(.groups)
        case ("EXPR_PRECEDING_ROWS", let offset?): .preceding(offset, .rows)
        case ("EXPR_PRECEDING_RANGE", let offset?): .preceding(offset, .range)
        case ("EXPR_PRECEDING_GROUPS", let offset?): .preceding(offset, .groups)
        case ("EXPR_FOLLOWING_ROWS", let offset?): .following(offset, .rows)
        case ("EXPR_FOLLOWING_RANGE", let offset?): .following(offset, .range)
        case ("EXPR_FOLLOWING_GROUPS", let offset?): .following(offset, .groups)
        default: .other(type ?? "frame bound")
        }
    }
}
