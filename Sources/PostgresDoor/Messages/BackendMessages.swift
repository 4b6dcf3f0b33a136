// What the server sends, straight into the output buffer.
internal import Base
internal import Catalog
internal import Columnar
internal import Reactor
internal import Session

/// The severities of ErrorResponse and NoticeResponse.
enum Severity: String, Sendable { case error = "ERROR", fatal = "FATAL", notice = "NOTICE", warning = "WARNING" }

extension ByteBuffer {
    /// One message: its type, its length, and what `body` appends.
    func message(_ type: Character, _ body: (ByteBuffer) -> Void = { _ in }) {
        append(type.asciiValue ?? 0)
        let start = count
        append(integer: Int32(0))
        body(self)
        put(integer: Int32(count - start), at: start)
    }

    func append(cString text: String) {
        append(text)
        append(UInt8(0))
    }

    func authenticationOK() { message("R") { $0.append(integer: Int32(0)) } }

    func authenticationSASL(_ mechanisms: [String]) {
        message("R") { out in
            out.append(integer: Int32(10))
            for mechanism in mechanisms { out.append(cString: mechanism) }
            out.append(UInt8(0))
        }
    }

    func authenticationSASLContinue(_ data: String) {
        message("R") { out in
            out.append(integer: Int32(11))
            out.append(data)
        }
    }

    func authenticationSASLFinal(_ data: String) {
        message("R") { out in
            out.append(integer: Int32(12))
            out.append(data)
        }
    }

    func negotiateProtocolVersion(unknown: [String]) {
        message("v") { out in
            out.append(integer: Int32(3 << 16))
            out.append(integer: Int32(unknown.count))
            for name in unknown { out.append(cString: name) }
        }
    }

    func parameterStatus(_ name: String, _ value: String) {
        message("S") { out in
            out.append(cString: name)
            out.append(cString: value)
        }
    }

    func backendKeyData(_ key: CancelKey) {
        message("K") { out in
            out.append(integer: key.processID)
            out.append(integer: key.secret)
        }
    }

    func readyForQuery(_ status: TransactionStatus) {
        message("Z") { out in
            switch status {
            case .idle: out.append(UInt8(ascii: "I"))
            case .active: out.append(UInt8(ascii: "T"))
            case .failed: out.append(UInt8(ascii: "E"))
            }
        }
    }

    func parseComplete() { message("1") }
    func bindComplete() { message("2") }
    func closeComplete() { message("3") }
    func noData() { message("n") }
    func emptyQueryResponse() { message("I") }
    func portalSuspended() { message("s") }
    func copyDone() { message("c") }

    func commandComplete(_ tag: String) { message("C") { $0.append(cString: tag) } }

    /// A type that the client has declared is told as declared (varchar and text are one here), as PostgreSQL does.
    func parameterDescription(_ types: [DataType], declared: [UInt32] = []) {
        message("t") { out in
            out.append(integer: Int16(truncatingIfNeeded: types.count))
            for (place, type) in types.enumerated() {
                let said = place < declared.count ? declared[place] : 0
                out.append(integer: PostgresType[said]?.dataType == nil ? type.postgres.oid : said)
            }
        }
    }

    /// `formats` has one entry a column.
    func rowDescription(_ columns: [ResultColumn], _ formats: [WireFormat]) {
        message("T") { out in
            out.append(integer: Int16(truncatingIfNeeded: columns.count))
            for (index, column) in columns.enumerated() {
                let (oid, modifier) = column.type.postgres
                out.append(cString: column.name)
                out.append(integer: column.tableOID)
                out.append(integer: column.attributeNumber)
                out.append(integer: oid)
                out.append(integer: column.type.postgresLength)
                out.append(integer: modifier)
                out.append(integer: formats[index].rawValue)
            }
        }
    }

    /// CopyOutResponse ("H") or CopyInResponse ("G").
    func copyResponse(_ type: Character, binary: Bool, columns: Int) {
        message(type) { out in
            out.append(UInt8(binary ? 1 : 0))
            out.append(integer: Int16(truncatingIfNeeded: columns))
            for _ in 0..<columns { out.append(integer: Int16(binary ? 1 : 0)) }
        }
    }

    /// ErrorResponse or NoticeResponse. `offset` characters came before the statement the error is about.
    func report(_ error: LeibrixError, _ severity: Severity, offset: Int = 0) {
        let isNotice = severity == .notice || severity == .warning
        message(isNotice ? "N" : "E") { out in
            func field(_ code: Character, _ value: String?) {
                guard let value else { return }
                out.append(code.asciiValue ?? 0)
                out.append(cString: value.contains("\0") ? String(value.prefix { $0 != "\0" }) : value)
            }
            field("S", severity.rawValue)
            field("V", severity.rawValue)
            field("C", isNotice && error.sqlState == "XX000" ? "00000" : error.sqlState)
            field("M", error.message)
            field("D", error.detail)
            field("H", error.hint)
            field("P", error.position.map { String($0 + offset) })
            field("W", error.context)
            if let subject = error.subject, !subject.table.isEmpty {
                field("s", subject.schema)
                field("t", subject.table)
                field("c", subject.column)
                field("n", subject.constraint)
            }
            field("R", error.code.rawValue)
            out.append(UInt8(0))
        }
    }
}
