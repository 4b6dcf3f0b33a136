internal import Base
internal import Columnar

extension QueryDecoder {
    static func expressions(_ json: JSON?) -> [Expression] { (json?.array ?? []).map { expression($0) } }

    /// nil for JSON's null.
    static func optional(_ json: JSON?) -> Expression? {
        guard let json, !json.isNull else { return nil }
        return expression(json)
    }

    static func expression(_ json: JSON?) -> Expression {
        guard let json, !json.isNull else { return Expression(.other("missing expression")) }
        return Expression(kind(json), alias: name(json["alias"]), location: location(json))
    }

    private static func kind(_ json: JSON) -> Expression.Kind {
        let type = json["type"]?.string ?? "expression"
        switch json["class"]?.string {
        case "COLUMN_REF": return .column(strings(json["column_names"]))
        case "CONSTANT": return constant(json["value"])
        case "PARAMETER": return .parameter(json["identifier"]?.string ?? "")
        case "POSITIONAL_REFERENCE": return .position(json["index"]?.integer.map(Int.init) ?? 0)
        case "DEFAULT": return .defaultValue
        case "STAR": return .star(star(json))
        case "FUNCTION": return .call(call(json))
        case "OPERATOR": return operation(type, expressions(json["children"]))
        case "COMPARISON":
            guard let comparison = comparison(type) else { return .other(type) }
            return .comparison(comparison, expression(json["left"]), expression(json["right"]))
        case "CONJUNCTION":
            let children = expressions(json["children"])
            return type == "CONJUNCTION_AND" ? .and(children) : type == "CONJUNCTION_OR" ? .or(children) : .other(type)
        case "BETWEEN":
            return .between(expression(json["input"]), lower: expression(json["lower"]), upper: expression(json["upper"]))
        case "CASE": return .conditional(branches(json["case_checks"]), otherwise: expression(json["else_expr"]))
        case "CAST": return .cast(expression(json["child"]), dataType(json["cast_type"]), isTry: json["try_cast"]?.bool ?? false)
        case "COLLATE": return .collate(expression(json["child"]), json["collation"]?.string ?? "")
        case "SUBQUERY": return .subquery(subquery(json))
        case "WINDOW": return window(json)
        case "LAMBDA": return .lambda(expression(json["lhs"]), expression(json["expr"]))
        case let other: return .other(other ?? type)
        }
    }

    private static func constant(_ json: JSON?) -> Expression.Kind {
        let type = dataType(json?["type"])
        if json?["is_null"]?.bool == true { return .constant(.null, type) }
        guard let value = value(json?["value"], type) else { return .other("\(type) constant") }
        return .constant(value, type)
    }

    private static func operation(_ type: String, _ children: [Expression]) -> Expression.Kind {
        switch (type, children.count) {
        case ("COMPARE_IN", 1...): .inList(children[0], Array(children.dropFirst()), isNegated: false)
        case ("COMPARE_NOT_IN", 1...): .inList(children[0], Array(children.dropFirst()), isNegated: true)
        case ("OPERATOR_NOT", 1): .not(children[0])
        case ("OPERATOR_IS_NULL", 1): .isNull(children[0])
        case ("OPERATOR_IS_NOT_NULL", 1): .isNotNull(children[0])
        case ("OPERATOR_COALESCE", _): .coalesce(children)
        case ("ARRAY_CONSTRUCTOR", _): .array(children)
        case ("ARRAY_EXTRACT", 2): .element(children[0], children[1])
        case ("ARRAY_SLICE", 2...): .slice(children)
        case ("STRUCT_EXTRACT", 2): field(children[0], children[1]) ?? .other(type)
        case ("GROUPING_FUNCTION", _): .grouping(children)
        case ("OPERATOR_TRY", 1): .attempt(children[0])
        default: .other(type)
        }
    }

    private static func field(_ operand: Expression, _ name: Expression) -> Expression.Kind? {
        guard case .constant(let value, _) = name.kind, case .string(let text) = value else { return nil }
        return .field(operand, text)
    }

    static func comparison(_ type: String?) -> Comparison? {
        switch type {
        case "COMPARE_EQUAL": .equal
        case "COMPARE_NOTEQUAL": .notEqual
        case "COMPARE_LESSTHAN": .less
        case "COMPARE_LESSTHANOREQUALTO": .lessOrEqual
        case "COMPARE_GREATERTHAN": .greater
        case "COMPARE_GREATERTHANOREQUALTO": .greaterOrEqual
        case "COMPARE_DISTINCT_FROM": .distinct
        case "COMPARE_NOT_DISTINCT_FROM": .notDistinct
        default: nil
        }
    }

    private static func branches(_ json: JSON?) -> [Expression.Branch] {
        (json?.array ?? []).map {
            Expression.Branch(condition: expression($0["when_expr"]), result: expression($0["then_expr"]))
        }
    }

    private static func star(_ json: JSON) -> Star {
        let qualified = (json["qualified_exclude_list"]?.array ?? []).map(qualifiedName)
        return Star(
            relation: name(json["relation_name"]), excluded: strings(json["exclude_list"]) + qualified,
            replaced: (json["replace_list"]?.array ?? []).map {
                Star.Replacement(name: $0["key"]?.string ?? "", expression: expression($0["value"]))
            },
            renamed: (json["rename_list"]?.array ?? []).map {
                Star.Renaming(from: $0["key"].map(qualifiedName) ?? "", to: $0["value"]?.string ?? "")
            },
            isColumns: json["columns"]?.bool ?? false, pattern: optional(json["expr"]))
    }

    private static func qualifiedName(_ json: JSON) -> String {
        [json["catalog"], json["schema"], json["table"], json["column"]].compactMap { name($0) }.joined(separator: ".")
    }

    private static func call(_ json: JSON) -> FunctionCall {
        FunctionCall(
            name: json["function_name"]?.string ?? "", schema: name(json["schema"]), arguments: expressions(json["children"]),
            isOperator: json["is_operator"]?.bool ?? false, isDistinct: json["distinct"]?.bool ?? false,
            filter: optional(json["filter"]), order: orders(json["order_bys"]?["orders"]))
    }

    private static func subquery(_ json: JSON) -> Subquery {
        let kind: Subquery.Kind
        switch json["subquery_type"]?.string {
        case "SCALAR": kind = .scalar
        case "EXISTS": kind = .exists
        case "ANY":
            if let comparison = comparison(json["comparison_type"]?.string) {
                kind = .any(expression(json["child"]), comparison)
            } else {
                kind = .other("ANY \(json["comparison_type"]?.string ?? "")")
            }
        case let other: kind = .other(other ?? "subquery")
        }
        return Subquery(kind: kind, query: statement(json["subquery"]))
    }
}
