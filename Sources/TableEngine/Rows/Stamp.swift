// Who made and who ended a row version.
//
//      63            62 .. 29            28 .. 0
//     +---+------------------------+----------------+
//     | 0 |               commit number             |   committed; 0: older than every snapshot (insert), not ended (delete)
//     | 1 |     transaction        |    command     |   of a running transaction, and the statement in it
//     | 1 |          all ones                       |   never there: rolled back
//     +---+------------------------+----------------+
//
// A stamp is one atomic word, so a reader sees the state before or after a commit, never between. At commit a transaction's
// stamps become its commit number before that number becomes anybody's snapshot.

typealias Stamp = UInt64

enum Stamps {
    static let running: Stamp = 1 << 63
    static let never: Stamp = .max
    static let commandBits: UInt64 = 29
    static let commandMask: UInt64 = 1 << commandBits - 1
    static let transactionMask: UInt64 = 1 << 34 - 1

    @inline(__always)
    static func isRunning(_ stamp: Stamp) -> Bool { stamp >= running && stamp != never }

    @inline(__always)
    static func transaction(of stamp: Stamp) -> TransactionID { TransactionID(rawValue: stamp &>> commandBits & transactionMask) }
}

/// What a statement sees: everything committed up to `snapshot`, and what its transaction's earlier statements did.
struct ReadView: Sendable {
    var snapshot: UInt64
    /// The transaction's stamps without the command; 0 while it has written nothing.
    var own: Stamp
    var command: UInt64

    @inline(__always)
    func isOwn(_ stamp: Stamp) -> Bool { own != 0 && stamp & ~Stamps.commandMask == own && stamp != Stamps.never }

    @inline(__always)
    func sees(inserted: Stamp) -> Bool {
        inserted < Stamps.running ? inserted <= snapshot : isOwn(inserted) && inserted & Stamps.commandMask < command
    }

    /// Whether the version has not ended for this view.
    @inline(__always)
    func isOpen(deleted: Stamp) -> Bool {
        if deleted == 0 { return true }
        return deleted < Stamps.running ? deleted > snapshot : !(isOwn(deleted) && deleted & Stamps.commandMask < command)
    }

    @inline(__always)
    func sees(inserted: Stamp, deleted: Stamp) -> Bool { sees(inserted: inserted) && isOpen(deleted: deleted) }
}
