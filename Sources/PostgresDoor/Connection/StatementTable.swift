internal import Base
internal import Session

/// The prepared statements of a connection by name, "" being the unnamed one. Bounded in number and in text.
struct StatementTable {
    private var byName: [String: PreparedStatement] = [:]
    private var textBytes = 0
    /// Numbers of the parameters' types as the client gave them, where it did.
    private var declared: [String: [UInt32]] = [:]

    subscript(name: String) -> PreparedStatement? {
        get { byName[name] }
        set {
            textBytes += newValue?.text.sql.utf8.count ?? 0
            textBytes -= byName[name]?.text.sql.utf8.count ?? 0
            byName[name] = newValue
            declared[name] = nil
        }
    }

    mutating func declare(_ types: [UInt32], of name: String) { declared[name] = types.isEmpty ? nil : types }
    func declared(of name: String) -> [UInt32] { declared[name] ?? [] }

    mutating func removeAll() {
        byName = [:]
        declared = [:]
        textBytes = 0
    }

    var count: Int { byName.count }

    /// Throws when another statement of so many bytes would pass a bound.
    func checkRoom(for bytes: Int) throws(LeibrixError) {
        guard byName.count < DoorLimits.statementsMax, textBytes + bytes <= DoorLimits.statementTextBytesMax else {
            throw LeibrixError(
                .limitExceeded, "too many prepared statements: \(byName.count) with \(textBytes) bytes of text",
                detail: "A connection has at most \(DoorLimits.statementsMax) with \(DoorLimits.statementTextBytesMax) bytes.",
                hint: "DEALLOCATE those that are no longer used.")
        }
    }
}
