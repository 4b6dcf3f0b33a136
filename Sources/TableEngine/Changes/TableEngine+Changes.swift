// Beginning to follow tables, in steps:
//
// 1. Under the commit lock the reader is registered: commits that take their number from now on carry the rows that they end.
// 2. Commits that took theirs before are waited for. Then a snapshot is taken: every commit after it is one of those with rows.
// 3. The log is held from the first commit after the snapshot on, and a record of the log makes the reader durable.
public import Base
public import Catalog
internal import Columnar
internal import Platform
internal import Synchronization
internal import WriteAheadLog

extension TableEngine {
    /// Follows tables' changes under a name. Without a position the feed begins with a snapshot of now, whatever the name had before;
    /// with one, which a feed of this name gave, it goes on from there, also after a restart. Blocks on the disk, and with a snapshot
    /// for commits that are under way.
    ///
    /// Throws `undefinedRelation` for a table that is not there, `changesLost` for a position that cannot be gone on from.
    public func changes(
        of tables: [TableID], reader name: String, from position: ChangePosition? = nil
    ) throws(LeibrixError) -> ChangeFeed {
        if let position { return try resume(name, tables, position) }
        changeReadersBegin(name, tables)
        waitForNumbered()
        let floor = try durability.map { (durability) throws(LeibrixError) in try durability.log.log.hold(from: durability.log.log.durable) }
        let snapshot = try begin(.repeatableRead, readOnly: true)
        do throws(LeibrixError) {
            let types = try types(tables, snapshot.version)
            let start = durability?.log.start(after: snapshot.snapshot).rawValue ?? memoryChanges.start(after: snapshot.snapshot)
            floor?.move(to: LSN(rawValue: start))
            if let durability {
                let record = ReaderRecord(name: name, isThere: true, position: start, tables: tables)
                try durability.log.write(TableRecord.reader, record.encoded)
            }
            changeReaders.settle(name, start, floor)
            return try ChangeFeed(self, name, types, tables, ChangePosition(rawValue: start), snapshot: snapshot)
        } catch {
            snapshot.rollback()
            changeReaders.remove(name)
            throw error
        }
    }

    /// Nobody follows under this name any more. Blocks on the disk.
    public func dropReader(_ name: String) throws(LeibrixError) {
        guard changeReaders[name] != nil else { return }
        if let durability { try durability.log.write(TableRecord.reader, ReaderRecord(name: name, isThere: false).encoded) }
        changeReaders.remove(name)
    }

    /// Readers by name: how far they have acknowledged, and whether they must begin anew.
    public var changeReaderNames: [(name: String, position: ChangePosition, isLost: Bool)] {
        changeReaders.known.map { ($0.name, ChangePosition(rawValue: $0.reader.position), $0.reader.isLost) }
    }

    // MARK: what a follower compares with snapshots

    /// A feed whose position is this has given every commit up to `number`, which is a running transaction's snapshot or newer.
    public func changePosition(after number: UInt64) -> ChangePosition {
        ChangePosition(rawValue: durability?.log.start(after: number).rawValue ?? memoryChanges.start(after: number))
    }

    /// Where a feed is that has given everything.
    public var changeEnd: ChangePosition {
        ChangePosition(rawValue: durability?.log.log.status.end.rawValue ?? memoryChanges.start(after: UInt64.max))
    }

    /// Returns when everybody who begins sees the commit. A feed has commits as soon as they are durable. Blocks.
    public func waitUntilPublished(_ number: UInt64) {
        guard number > snapshot else { return }
        let bell = Doorbell()
        if commits.withLock({ $0.wait(for: number) { bell.ring() } }) { bell.wait() }
    }

    /// No transaction looks from an older snapshot, and none ever will.
    public var oldestSnapshot: UInt64 { snapshots.horizon(newest: snapshot) }

    /// The snapshot of the transaction that a connection's scan token names; nil when it has ended, and for 0.
    public func snapshot(ofToken token: UInt64) -> UInt64? { token == 0 ? nil : transaction(token)?.snapshot }

    private func resume(_ name: String, _ tables: [TableID], _ position: ChangePosition) throws(LeibrixError) -> ChangeFeed {
        guard let known = changeReaders[name], known.isKnown, !known.isLost, Set(known.tables) == Set(tables), known.position <= position.rawValue
        else { throw ChangeDecoding.lost("position \(position) of reader \"\(name)\" is not kept") }
        if let log = durability?.log.log, LSN(rawValue: position.rawValue) > log.status.end {
            throw ChangeDecoding.lost("position \(position) of reader \"\(name)\" is not in this log")
        }
        return try ChangeFeed(self, name, types(tables, newest().1), tables, position, snapshot: nil)
    }

    /// Step 1.
    private func changeReadersBegin(_ name: String, _ tables: [TableID]) {
        commits.withLock { _ in
            changeReaders.put(name, ChangeReaders.Reader(tables: tables, position: 0, isKnown: false))
        }
    }

    /// Step 2: every commit that has a number is published when this returns.
    private func waitForNumbered() {
        let bell = Doorbell()
        let waits = commits.withLock { commits in commits.wait(for: commits.last) { bell.ring() } }
        if waits { bell.wait() }
    }

    private func types(_ tables: [TableID], _ version: CatalogVersion) throws(LeibrixError) -> [TableID: [DataType]] {
        var types: [TableID: [DataType]] = [:]
        for table in tables {
            guard let store = version.stores[table] else {
                throw LeibrixError(.undefinedRelation, "there is no table with id \(table)")
            }
            types[table] = store.types
        }
        return types
    }
}

extension TableLog {
    /// Writes a record that needs no order among others, and waits for it. Blocks.
    func write(_ kind: LogKind, _ payload: [UInt8]) throws(LeibrixError) {
        guard let admission = try log.tryAdmit(payload.count) else { throw LeibrixError(.diskFull, "no room for the write-ahead log") }
        try unsafe syncBlocking(log.append(kind, transaction: 0, payload: payload.span.bytes, admission))
    }
}
