// Making a stream over tables, in steps:
//
// 1. It is made in the engine, with sources of its own, under a name that nobody can read yet.
// 2. A feed begins, of its tables and the others', with a snapshot. Writers go on meanwhile.
// 3. The snapshot's rows and the commits behind it are told to this stream alone, in bounded records of the log.
// 4. The others' feed is brought as far as the new one, and the new one takes its place. From here on a commit is one record for all.
// 5. The control store gets the object, and its name can be read.
//
// A crash before 5 leaves records of an object that nobody knows, which the replay passes over, and a reader that is dropped.
internal import Base
public import Catalog
internal import Columnar
internal import Platform
internal import StreamEngine
internal import Synchronization
internal import TableEngine
internal import WriteAheadLog

extension StreamHost {
    func createFollowing(_ wanted: StreamObject, orReplace: Bool) throws(LeibrixError) {
        let result = follower.making.withLock { _ -> Result<Void, LeibrixError> in
            do throws(LeibrixError) {
                let made = try defining { () throws(LeibrixError) in
                    let made = try begin(wanted, orReplace: orReplace)
                    state.withLock { _ = $0.loading.insert(made.object.name) }
                    return made
                }
                defer { state.withLock { _ = $0.loading.remove(made.object.name) } }
                do throws(LeibrixError) {
                    // What it writes it writes while rows come: nobody holds a whole table in memory.
                    startSink(made.object)
                    try load(made.object)
                } catch {
                    try? defining { () throws(LeibrixError) in for one in made.all.reversed() { try? forget(one) } }
                    throw error
                }
                try defining { () throws(LeibrixError) in try finish(made) }
                return .success(())
            } catch { return .failure(error) }
        }
        try result.get()
    }

    /// Steps 2 to 4.
    private func load(_ object: StreamObject) throws(LeibrixError) {
        guard let tables else { throw LeibrixError(.notSupported, "this host has no tables", hint: "Read sources and streams.") }
        let (others, isAlone) = living
        let all = Set(others.flatMap { $0.tables.map(\.id) } + object.tables.map(\.id)).sorted()
        let reader = readerPrefix + String(object.number)
        let feed = try tables.changes(of: all.map { TableID($0) }, reader: reader)
        do throws(LeibrixError) {
            let begun = feed.snapshot?.snapshot ?? 0
            if let snapshot = feed.snapshot {
                defer { snapshot.rollback() }
                try copy(snapshot, to: object)
            }
            configuration.fault("tables-snapshot")
            let commit = try catchUp(feed, object, begun)
            configuration.fault("tables-caught-up")
            follower.isJoining.store(true, ordering: .releasing)
            defer { follower.isJoining.store(false, ordering: .releasing) }
            let result = follower.feeding.withLock { _ -> Result<Void, LeibrixError> in
                do throws(LeibrixError) { return .success(try join(feed, object, all, commit, isAlone: isAlone)) } catch { return .failure(error) }
            }
            try result.get()
            wakeFollower()
        } catch {
            try? tables.dropReader(reader)
            throw error
        }
    }

    /// Those whose feed the new one takes along; none where it has stopped.
    private var living: (objects: [StreamObject], isAlone: Bool) {
        let isStopped = follower.state.withLock { $0.error != nil }
        let members = state.withLock { state in state.objects.values.filter { state.following.members.contains($0.number) } }
        return isStopped ? ([], true) : (members, members.isEmpty)
    }

    /// A table's rows, one record of the log a batch. An empty table says so.
    private func copy(_ snapshot: TableTransaction, to object: StreamObject) throws(LeibrixError) {
        for input in object.tables {
            let empty = ChangedRows(input.id, isAdded: true, Batch.rows([], input.columns), input.places)
            var last = try tell(ChangeRecord(object: object.number, commit: snapshot.snapshot, position: 0, rows: [empty]))
            var rows = 0
            try snapshot.scan(input.tableID) { (batch) throws(LeibrixError) in
                try waitForSinks()
                last = try tell(
                    ChangeRecord(object: object.number, commit: snapshot.snapshot, position: 0, rows: [ChangedRows(input.tableID, isAdded: true, batch)]))
                rows += batch.rowCount
                guard rows >= StreamHostLimits.followedRowsMax else { return }
                try settle(last.number, last.end)
                rows = 0
            }
            try settle(last.number, last.end)
        }
    }

    /// Commits that are there, to this object alone. The last one's number.
    private func catchUp(_ feed: ChangeFeed, _ object: StreamObject, _ begun: UInt64) throws(LeibrixError) -> UInt64 {
        var commit = begun
        var last: (number: Int64, end: LSN?)?
        var rows = 0
        guard let tables else { return commit }
        // What came while the snapshot was read, then what came meanwhile; the rest is little, and the others wait for it.
        var (end, rounds) = (tables.changeEnd, 0)
        while let set = try feed.next() {
            last = try tell(set, to: object.number)
            commit = set.commit
            if feed.position >= end {
                rounds += 1
                if rounds == 4 { break }
                end = tables.changeEnd
            }
            rows += 1 + set.rowCount
            guard rows >= StreamHostLimits.followedRowsMax, let told = last else { continue }
            try settle(told.number, told.end)
            rows = 0
        }
        if let last { try settle(last.number, last.end) }
        return commit
    }

    /// Step 4, while no round runs.
    private func join(_ feed: ChangeFeed, _ object: StreamObject, _ all: [UInt32], _ begun: UInt64, isAlone: Bool) throws(LeibrixError) {
        var commit = begun
        var told: (number: Int64, end: LSN?)?
        // The others come as far as the new feed is.
        let old = isAlone ? nil : follower.state.withLock { $0.feed }
        if let old {
            while old.position < feed.position, let set = try old.next() { told = try tell(set, to: 0) }
            commit = max(commit, state.withLock { $0.following.commit })
        }
        // What they have the new one gets, too; what came since is for all.
        let end = old?.position ?? feed.position
        var next: ChangeSet?
        var position = feed.position
        while feed.position < end, let set = try feed.next() {
            guard set.position <= end else {
                next = set
                break
            }
            told = try tell(set, to: object.number)
            commit = max(commit, set.commit)
            position = feed.position
        }
        if next == nil { position = feed.position }
        if let told { try settle(told.number, told.end) }
        let before = state.withLock { $0.following.reader }
        let record = FollowRecord(
            object: object.number, commit: commit, position: position.rawValue, reader: feed.reader, tables: all, isAlone: isAlone)
        var last = try self.told(log == nil ? [] : record.encoded, InputRecord.followKind, urgency: .now) { () in self.join(record) }
        try settle(last.number, last.end)
        follower.follow(feed, from: position)
        if let next {
            last = try tell(next, to: 0)
            try settle(last.number, last.end)
        }
        acknowledge(feed)
        follower.reached(feed.position)
        if !before.isEmpty, before != feed.reader { try tables?.dropReader(before) }
    }

    /// Streams and views that read a table, and sinks that read it or write into it.
    public func dependents(on table: TableDefinition) -> [StreamObject] {
        objects.filter { object in
            object.tables.contains { $0.id == table.id.rawValue } || object.lookups.contains { $0.table == table.id.rawValue } || object.table == [table.schema, table.name]
        }
    }

    /// Nobody follows any more: the tables' log is held for nobody.
    func retireFollower() {
        let isIdle = state.withLock { state in
            state.following.members.isEmpty && !state.objects.values.contains { !$0.tables.isEmpty && state.loading.contains($0.name) }
        }
        guard isIdle else { return }
        let reader = follower.feeding.withLock { _ -> String in
            follower.stop(nil)
            return state.withLock { state in
                defer { state.following.reader = "" }
                return state.following.reader
            }
        }
        if !reader.isEmpty { try? tables?.dropReader(reader) }
    }
}
