// Breaches of constraints, worded as PostgreSQL words them: clients and their users search for these sentences.
internal import Base
internal import Catalog
internal import Columnar

extension LeibrixError {
    static func nullValue(_ column: TableColumn, _ table: TableDefinition, row: [Value]) -> LeibrixError {
        LeibrixError(
            .constraint, "null value in column \"\(column.name)\" of relation \"\(table.name)\" violates not-null constraint",
            detail: "Failing row contains \(rowText(row)).", hint: "Give the column a value, or a default.", sqlState: "23502"
        ).about(Subject(schema: table.schema, table: table.name, column: column.name))
    }

    static func checkViolated(_ check: CheckConstraint, _ table: TableDefinition, row: [Value]) -> LeibrixError {
        LeibrixError(
            .constraint, "new row for relation \"\(table.name)\" violates check constraint \"\(check.name)\"",
            detail: "Failing row contains \(rowText(row)).", hint: "The constraint is CHECK (\(check.sql)).", sqlState: "23514"
        ).about(Subject(schema: table.schema, table: table.name, constraint: check.name))
    }

    static func duplicateKey(_ index: IndexDefinition, _ table: TableDefinition, row: [Value]) -> LeibrixError {
        LeibrixError(
            .constraint, "duplicate key value violates unique constraint \"\(index.name)\"",
            detail: "Key \(keyText(index, table, row)) already exists.", hint: "Use another key, or ON CONFLICT.", sqlState: "23505"
        ).about(Subject(schema: table.schema, table: table.name, constraint: index.name))
    }

    /// A row that references what is not there.
    static func missingReference(_ key: ForeignKey, _ table: TableDefinition, to parent: TableDefinition, values: [Value]) -> LeibrixError {
        LeibrixError(
            .constraint, "insert or update on table \"\(table.name)\" violates foreign key constraint \"\(key.name)\"",
            detail: "Key (\(table.columnNames(key.columns).joined(separator: ", ")))=\(listText(values)) is not present in table \"\(parent.name)\".",
            hint: "Insert the referenced row first.", sqlState: "23503"
        ).about(Subject(schema: table.schema, table: table.name, constraint: key.name))
    }

    /// A row that others reference.
    static func stillReferenced(_ key: ForeignKey, _ table: TableDefinition, from child: TableDefinition, values: [Value]) -> LeibrixError {
        LeibrixError(
            .constraint,
            "update or delete on table \"\(table.name)\" violates foreign key constraint \"\(key.name)\" on table \"\(child.name)\"",
            detail: "Key (\(table.columnNames(key.referencedColumns).joined(separator: ", ")))=\(listText(values)) is still referenced from table \"\(child.name)\".",
            hint: "Delete the referencing rows first, or use ON DELETE CASCADE.", sqlState: "23503"
        ).about(Subject(schema: child.schema, table: child.name, constraint: key.name))
    }

    static func tooLong(_ column: TableColumn) -> LeibrixError {
        LeibrixError(
            .invalidValue, "value too long for type \(column.declaredType)", hint: "Shorten it, or widen column \"\(column.name)\".",
            sqlState: "22001")
    }

    static var cannotSerialize: LeibrixError {
        LeibrixError(
            .failedTransaction, "could not serialize access due to concurrent update", hint: "Run the transaction again.", sqlState: "40001")
    }

    private static func keyText(_ index: IndexDefinition, _ table: TableDefinition, _ row: [Value]) -> String {
        var names: [String] = []
        var values: [Value] = []
        for key in index.keys {
            switch key.part {
            case .column(let number):
                guard let position = table.position(ofAttribute: number) else { continue }
                names.append(table.columns[position].name)
                values.append(position < row.count ? row[position] : .null)
            case .expression(let sql): names.append(sql)
            }
        }
        return "(\(names.joined(separator: ", ")))=\(listText(values))"
    }

    private static func listText(_ values: [Value]) -> String { "(" + values.map(\.shownText).joined(separator: ", ") + ")" }

    private static func rowText(_ row: [Value]) -> String {
        let shown = row.map { value in
            let text = value.shownText
            return text.count > 64 ? text.prefix(64) + "..." : text
        }
        return "(" + shown.joined(separator: ", ") + ")"
    }
}

extension Value {
    /// As PostgreSQL shows it in the detail of an error.
    var shownText: String {
        switch self {
        case .null: return "null"
        case .boolean(let flag): return flag ? "t" : "f"
        case .integer(let number): return String(number)
        case .unsigned(let number): return String(number)
        case .hugeInt(let number): return String(number)
        case .unsignedHugeInt(let number): return String(number)
        case .real(let number): return number.description
        case .double(let number): return number.description
        case .string(let text): return text
        case .decimal(let digits, _, let scale): return Self.decimalText(digits, Int(scale))
        case .list(let items): return "{" + items.map(\.shownText).joined(separator: ",") + "}"
        case .date(let days): return Self.dateText(Int64(days))
        case .timestamp(let micros): return Self.timestampText(micros)
        case .timestampTZ(let micros): return Self.timestampText(micros) + "+00"
        default: return "…"
        }
    }

    private static func decimalText(_ digits: Int128, _ scale: Int) -> String {
        guard scale > 0 else { return String(digits) }
        let text = String(digits.magnitude)
        let padded = String(repeating: "0", count: max(0, scale + 1 - text.count)) + text
        return (digits < 0 ? "-" : "") + padded.dropLast(scale) + "." + padded.suffix(scale)
    }

    private static func dateText(_ days: Int64) -> String {
        CivilDate(daysSinceEpoch: Int(days)).iso
    }

    private static func timestampText(_ micros: Int64) -> String {
        let day = micros >= 0 ? micros / 86_400_000_000 : (micros - 86_399_999_999) / 86_400_000_000
        let rest = micros - day * 86_400_000_000
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let seconds = rest / 1_000_000
        let fraction = rest % 1_000_000
        let clock = "\(two(seconds / 3_600)):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
        return "\(dateText(day)) \(clock)" + (fraction == 0 ? "" : "." + String(String(fraction + 1_000_000).dropFirst()))
    }
}
