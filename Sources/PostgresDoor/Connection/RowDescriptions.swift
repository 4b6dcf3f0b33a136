internal import Base
internal import Reactor
internal import Session

/// RowDescription messages as they were written last: clients describe a portal at every execution.
struct RowDescriptions {
    private var known: [(statement: PreparedStatement, formats: [WireFormat], bytes: [UInt8])] = []
    private var next = 0

    private static let countMax = 8
    private static let bytesMax = 1_024

    mutating func append(_ statement: PreparedStatement, _ formats: [WireFormat], to out: ByteBuffer) {
        for entry in known where entry.statement === statement && entry.formats == formats { return out.append(bytes: entry.bytes) }
        let before = out.count
        out.rowDescription(statement.columns, formats)
        guard out.count - before <= Self.bytesMax else { return }
        let made = (statement, formats, out.bytes(at: before, count: out.count - before))
        if known.count < Self.countMax {
            known.append(made)
        } else {
            known[next] = made
            next = (next + 1) % Self.countMax
        }
    }

    /// Statements have come or gone.
    mutating func forget() {
        if !known.isEmpty { known.removeAll() }
    }
}
