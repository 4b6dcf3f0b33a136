package import Base
internal import CSQLite

/// One SQLite connection. Used by one thread at a time; the owner holds the lock.
@safe
package final class SQLiteDatabase: @unchecked Sendable {
    package enum Mode: Sendable { case readOnly, create }
    package enum Cell: Sendable, Hashable {
        case null
        case integer(Int64)
        case text(String)

        package var text: String? {
            if case .text(let text) = self { return text }
            return nil
        }
        package var integer: Int64? {
            if case .integer(let number) = self { return number }
            return nil
        }
    }

    private let handle: OpaquePointer
    private let path: String

    package init(_ path: String, _ mode: Mode) throws(LeibrixError) {
        var opened: OpaquePointer?
        let flags = mode == .readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        let code = unsafe sqlite3_open_v2(path, &opened, flags | SQLITE_OPEN_FULLMUTEX, nil)
        guard code == SQLITE_OK, let handle = unsafe opened else {
            let reason = unsafe String(cString: sqlite3_errmsg(opened))
            unsafe sqlite3_close(opened)
            throw LeibrixError(.io, "could not open \(path): \(reason)")
        }
        unsafe self.handle = unsafe handle
        self.path = path
        unsafe sqlite3_busy_timeout(handle, 5_000)
    }

    deinit { unsafe sqlite3_close_v2(handle) }

    /// Runs one statement and returns its rows.
    @discardableResult
    package func run(_ sql: String, _ cells: [Cell] = []) throws(LeibrixError) -> [[Cell]] {
        guard let statement = try unsafe prepared(sql) else { throw failure() }
        defer { unsafe sqlite3_finalize(statement) }
        for (index, cell) in cells.enumerated() { unsafe bind(statement, Int32(index + 1), cell) }
        var rows: [[Cell]] = []
        while true {
            switch unsafe sqlite3_step(statement) {
            case SQLITE_ROW: rows.append(unsafe row(statement))
            case SQLITE_DONE: return rows
            default: throw failure()
            }
        }
    }

    func prepared(_ sql: String) throws(LeibrixError) -> OpaquePointer? {
        var prepared: OpaquePointer?
        guard unsafe sqlite3_prepare_v2(handle, sql, -1, &prepared, nil) == SQLITE_OK else { throw failure() }
        return unsafe prepared
    }

    private func bind(_ statement: OpaquePointer, _ index: Int32, _ cell: Cell) {
        switch cell {
        case .null: unsafe sqlite3_bind_null(statement, index)
        case .integer(let number): unsafe sqlite3_bind_int64(statement, index, number)
        case .text(let text):
            // SQLITE_TRANSIENT: SQLite copies the bytes before the call returns.
            unsafe sqlite3_bind_text(statement, index, text, -1, unsafeBitCast(-1, to: sqlite3_destructor_type.self))
        }
    }

    private func row(_ statement: OpaquePointer) -> [Cell] {
        unsafe (0..<sqlite3_column_count(statement)).map { column in
            switch unsafe sqlite3_column_type(statement, column) {
            case SQLITE_NULL: return .null
            case SQLITE_INTEGER: return .integer(unsafe sqlite3_column_int64(statement, column))
            default: return unsafe .text(sqlite3_column_text(statement, column).map { unsafe String(cString: $0) } ?? "")
            }
        }
    }

    func failure() -> LeibrixError {
        let reason = unsafe String(cString: sqlite3_errmsg(handle))
        let code = unsafe sqlite3_errcode(handle) & 0xFF
        if code == SQLITE_FULL {
            return LeibrixError(
                .diskFull, "could not write \(path): \(reason)", hint: "Free space on that file system, or move --data to a larger one.")
        }
        return LeibrixError(.io, "\(path): \(reason)")
    }
}
