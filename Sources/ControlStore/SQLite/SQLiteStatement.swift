package import Base
internal import CSQLite

/// A statement that is prepared once and run often. Used by one thread at a time, and not longer than its database.
@safe
package final class SQLiteStatement {
    private let handle: OpaquePointer
    private let database: SQLiteDatabase

    init(_ handle: OpaquePointer, _ database: SQLiteDatabase) {
        unsafe self.handle = unsafe handle
        self.database = database
    }

    deinit { unsafe sqlite3_finalize(handle) }

    /// Runs it with integers as its parameters; the first column of the first row, nil without one. Throws what SQLite says.
    package func run(_ numbers: Int64...) throws(LeibrixError) -> Int64? {
        unsafe sqlite3_reset(handle)
        for (place, number) in numbers.enumerated() { unsafe sqlite3_bind_int64(handle, Int32(place + 1), number) }
        switch unsafe sqlite3_step(handle) {
        case SQLITE_ROW:
            let value = unsafe sqlite3_column_int64(handle, 0)
            unsafe sqlite3_reset(handle)
            return value
        case SQLITE_DONE: return nil
        default: throw database.failure()
        }
    }
}

extension SQLiteDatabase {
    package func prepare(_ sql: String) throws(LeibrixError) -> SQLiteStatement {
        guard let statement = try unsafe prepared(sql) else { throw LeibrixError(.internal, "an empty statement") }
        return unsafe SQLiteStatement(statement, self)
    }
}
