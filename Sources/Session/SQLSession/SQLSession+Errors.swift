internal import Base
internal import Catalog
internal import SQLSyntax
internal import StreamHost

extension SQLSession {
    /// An engine's error as this product says it: PostgreSQL's wording where clients look for it, and hints from what
    /// there is.
    func explained(_ error: LeibrixError) -> LeibrixError {
        var error = error.inAssignment()
        switch error.code {
        case .undefinedRelation: explainRelation(&error)
        case .undefinedColumn: explainColumn(&error)
        case .undefinedFunction where error.message.contains("does not exist"):
            if error.hint == nil { error.hint = "Check the function's name and the types of its arguments; casts may be needed." }
        case .limitExceeded where error.message.contains("max_scan_rows"):
            error.hint = error.hint ?? "Filter on the time column, or ask an administrator to raise the bound."
        case .permissionDenied:
            error.hint = error.hint ?? "Sources are reached through CREATE CATALOG and CREATE DATASET, not by files and addresses in a query."
        case .memoryBudget:
            error.hint = error.hint ?? "Read fewer rows or groups, or raise the memory limit."
        case .invalidValue, .typeMismatch, .outOfRange, .divisionByZero:
            if error.hint == nil { error.hint = "Check the value, or cast it: CAST(x AS type), TRY_CAST(x AS type)." }
        case .syntax:
            if error.hint == nil { error.hint = "The dialect is DuckDB's SQL with PostgreSQL's statements around it." }
        case .notSupported: error.hint = error.hint ?? "The dialect is DuckDB's SQL with PostgreSQL's statements around it."
        case .grouping:
            error.hint = error.hint ?? (error.message.contains("GROUP BY clause") ? "Add the column to GROUP BY, or aggregate it." : "Compute it in a sub-select, or filter by HAVING or QUALIFY.")
        case .ambiguousName: error.hint = error.hint ?? "Qualify the name with its relation."
        case .undefinedObject, .undefinedSchema: error.hint = error.hint ?? "SHOW SCHEMAS and SHOW TABLES list what there is."
        default: break
        }
        return error
    }

    private func explainRelation(_ error: inout LeibrixError) {
        guard let name = Self.quotedName(in: error.message) else { return }
        let names = (server.datasets?.datasetNames ?? []) + tableCatalog.tables.map(\.name)
        error.message = "relation \"\(name)\" does not exist"
        let last = name.split(separator: ".").last.map(String.init) ?? name
        if name == last, let object = server.streams?.object(last), object.kind != .view {
            let what = object.kind.rawValue.lowercased()
            error = LeibrixError(
                .streamNotSupported, "\(what) \"\(last)\" has no rows that a SELECT could read",
                hint: object.kind == .source
                    ? "CREATE MATERIALIZED VIEW … AS SELECT … FROM \(last) keeps rows; CREATE STREAM and SUBSCRIBE show them as they come."
                    : "SUBSCRIBE \(last) shows rows as they come; CREATE MATERIALIZED VIEW … AS SELECT * FROM \(last) keeps them.",
                position: error.position)
            return
        }
        if name == last, server.datasets?.datasetNames.contains(last) == true {
            // It is known and not published: no epoch of it is READY.
            let position = error.position
            error = server.datasets?.notReady(last) ?? LeibrixError(
                .notReady, "dataset \"\(last)\" is not ready: none of its epochs is READY yet",
                hint: "SHOW LOADS tells how far it is; SHOW EPOCHS FROM \(last) why a load failed.")
            error.position = position
            return
        }
        error.hint = suggestion(for: last, among: names, what: "relations") ?? error.hint ?? "CREATE TABLE or CREATE DATASET makes one."
    }

    private func explainColumn(_ error: inout LeibrixError) {
        error.hint = error.hint ?? "Name a column of a relation in FROM."
        guard let name = Self.quotedName(in: error.message), error.message.hasPrefix("Referenced column") else { return }
        error.message = "column \"\(name)\" does not exist"
    }

    /// The name in «Table with name x does not exist» or between the first double quotes.
    private static func quotedName(in message: String) -> String? {
        if let open = message.firstIndex(of: "\""), let close = message[message.index(after: open)...].firstIndex(of: "\"") {
            return String(message[message.index(after: open)..<close])
        }
        let words = message.split(separator: " ")
        guard let index = words.firstIndex(of: "name"), index + 1 < words.count else { return nil }
        return String(words[index + 1])
    }
}
