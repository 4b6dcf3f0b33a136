internal import Base

extension QueryDecoder {
    static func table(_ json: JSON?) -> TableReference {
        guard let json, !json.isNull else { return TableReference(.none) }
        var reference = TableReference(tableKind(json))
        reference.alias = name(json["alias"])
        reference.columnAliases = strings(json["column_name_alias"])
        if reference.columnAliases.isEmpty, case .values = reference.kind { reference.columnAliases = strings(json["expected_names"]) }
        reference.sample = sample(json["sample"])
        reference.location = location(json)
        return reference
    }

    private static func tableKind(_ json: JSON) -> TableReference.Kind {
        switch json["type"]?.string {
        case "EMPTY": return .none
        case "BASE_TABLE": return .table(tableName(json))
        case "JOIN": return join(json)
        case "SUBQUERY": return .subquery(statement(json["subquery"]))
        case "TABLE_FUNCTION":
            guard case .call(let call) = expression(json["function"]).kind else { return .other("TABLE_FUNCTION") }
            return .function(call, withOrdinality: json["with_ordinality"]?.string == "WITH_ORDINALITY")
        case "EXPRESSION_LIST": return .values((json["values"]?.array ?? []).map { expressions($0) })
        case let kind: return .other(kind ?? "table")
        }
    }

    private static func tableName(_ json: JSON) -> TableName {
        var at: TableName.TimeTravel?
        if let clause = json["at_clause"], !clause.isNull {
            at = TableName.TimeTravel(unit: clause["unit"]?.string ?? "", value: expression(clause["expr"]))
        }
        return TableName(
            catalog: name(json["catalog_name"]), schema: name(json["schema_name"]), name: json["table_name"]?.string ?? "", at: at)
    }

    private static func join(_ json: JSON) -> TableReference.Kind {
        let using = strings(json["using_columns"])
        let condition: Join.Condition
        switch json["ref_type"]?.string {
        case "NATURAL": condition = .natural
        case "POSITIONAL": condition = .positional
        case "CROSS": condition = .none
        case "REGULAR", "ASOF":
            if !using.isEmpty {
                condition = .using(using)
            } else {
                condition = optional(json["condition"]).map { .on($0) } ?? .none
            }
        case let kind: return .other("\(kind ?? "unknown") join")
        }
        return .join(
            Join(
                kind: joinKind(json["join_type"]?.string), isASOF: json["ref_type"]?.string == "ASOF", condition: condition,
                left: table(json["left"]), right: table(json["right"])))
    }

    private static func joinKind(_ text: String?) -> Join.Kind {
        switch text {
        case "INNER": .inner
        case "LEFT": .left
        case "RIGHT": .right
        case "FULL", "OUTER": .full
        case "SEMI": .semi
        case "ANTI": .anti
        case let kind: .other(kind ?? "join")
        }
    }
}
