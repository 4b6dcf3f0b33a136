internal import Base
internal import Catalog
internal import Columnar
internal import Platform
internal import StreamEngine
internal import Synchronization
internal import TableEngine
internal import WriteAheadLog

/// The feed's rounds: each reads the commits that are there, and ends; `whenReady` begins the next. Nobody polls.
extension StreamHost {
    /// Readers of the tables' log that belong to this host.
    var readerPrefix: String { "streams/\(configuration.tenant)/" }

    /// After a restart: the feed goes on behind the last record of the log. What cannot be gone on from stays as it is, with the error.
    func resumeFollowing() {
        guard let tables else { return }
        let following = state.withLock { $0.following }
        for reader in tables.changeReaderNames.map(\.name) where reader.hasPrefix(readerPrefix) {
            if reader != following.reader || following.members.isEmpty { try? tables.dropReader(reader) }
        }
        guard !following.members.isEmpty else { return }
        do throws(LeibrixError) {
            let position = ChangePosition(rawValue: following.position)
            let feed = try tables.changes(of: following.tables.map { TableID($0) }, reader: following.reader, from: position)
            follower.follow(feed, from: position)
            wakeFollower()
        } catch {
            failFollowing(error)
        }
    }

    /// Looks for commits, soon. Any thread.
    func wakeFollower() {
        let isWanted = follower.state.withLock { state -> Bool in
            if state.isScheduled || state.isClosed || state.feed == nil { return false }
            state.isScheduled = true
            return true
        }
        if isWanted { follower.pool.start { [weak self] in self?.followOnce() } }
    }

    private func followOnce() {
        while follower.isJoining.load(ordering: .acquiring) { Pause.milliseconds(1) }
        follower.feeding.withLock { _ in
            let feed = follower.state.withLock { state -> ChangeFeed? in
                state.isScheduled = false
                return state.isClosed ? nil : state.feed
            }
            guard let feed else { return }
            do throws(LeibrixError) {
                if try round(feed) { return wakeFollower() }
                feed.whenReady { [weak self] in self?.wakeFollower() }
            } catch {
                failFollowing(error)
            }
        }
    }

    /// Tells what is there, up to a bound; true when there may be more.
    private func round(_ feed: ChangeFeed) throws(LeibrixError) -> Bool {
        try waitForSinks()
        var last: (number: Int64, end: LSN?)?
        var rows = 0
        var isMore = false
        while let set = try feed.next() {
            last = try tell(set, to: 0)
            rows += 1 + set.rowCount
            isMore = rows >= StreamHostLimits.followedRowsMax
            if isMore { break }
        }
        // Commits to other tables move the feed, too: now and then the log is told how far.
        let recorded = state.withLock { $0.following }
        if log != nil, feed.position.rawValue &- recorded.position > StreamHostLimits.passedBytesMax {
            last = try tell(ChangeRecord(object: 0, commit: recorded.commit, position: feed.position.rawValue, rows: []))
        }
        if let last { try settle(last.number, last.end) }
        acknowledge(feed)
        follower.reached(feed.position)
        return isMore
    }

    /// What the host's log has the tables' log need not keep.
    func acknowledge(_ feed: ChangeFeed) {
        feed.acknowledge(log == nil ? feed.position : ChangePosition(rawValue: state.withLock { $0.following.position }))
    }

    /// A commit to all that follow, or to one object.
    @discardableResult
    func tell(_ set: ChangeSet, to object: Int64) throws(LeibrixError) -> (number: Int64, end: LSN?) {
        var rows: [ChangedRows] = []
        for change in set.changes {
            switch change {
            case .deleted(let table, let batch): rows.append(ChangedRows(table, isAdded: false, batch))
            case .inserted(let table, let batch): rows.append(ChangedRows(table, isAdded: true, batch))
            case .emptied(let table):
                throw LeibrixError(
                    .changesLost, "table \(table) was emptied while it began to be followed", hint: "Take a new snapshot and begin from there.")
            }
        }
        // Durable is before visible: nobody may see in a view what a table does not show yet.
        tables?.waitUntilPublished(set.commit)
        return try tell(ChangeRecord(object: object, commit: set.commit, position: set.position.rawValue, rows: rows))
    }

    func tell(_ record: ChangeRecord) throws(LeibrixError) -> (number: Int64, end: LSN?) {
        let payload = log == nil ? [] : record.encoded(state.withLock { $0.followedPlaces(record.object) })
        return try told(payload, InputRecord.changesKind, urgency: .now) { () in self.take(record) }
    }

    /// Gives the engine a record's rows. In the log's order.
    func take(_ record: ChangeRecord) {
        let targets = state.withLock { state -> [(SourceHandle, TableInput)] in
            if record.object == 0 { (state.following.commit, state.following.position) = (record.commit, record.position) }
            return state.followers(record.object)
        }
        if record.object == 0 { follower.clock.mark(moment.position, record.commit) }
        for (handle, input) in targets {
            for run in ChangedRows.effective(record.rows.filter { $0.table == input.id }, input) {
                try? handle.push(run.batch, weights: run.isAdded ? nil : Array(repeating: -1, count: run.batch.rowCount))
            }
        }
    }

    /// A stream follows with the others from now on. In the log's order.
    func join(_ record: FollowRecord) {
        let view = state.withLock { state -> StreamView? in
            let object = state.objects.values.first { $0.number == record.object }
            if record.isAlone { state.following.members = [] }
            if object != nil { state.following.members.insert(record.object) }
            state.following.reader = record.reader
            state.following.tables = record.tables
            state.following.position = record.position
            state.following.commit = max(state.following.commit, record.commit)
            return object.flatMap { state.views[$0.name] }
        }
        follower.clock.mark(moment.position, record.commit)
        view?.begin(at: record.commit)
    }

    private func failFollowing(_ error: LeibrixError) {
        if follower.state.withLock({ $0.isClosed }) || state.withLock({ $0.isClosed }) { return }
        Log.warning("streams.tables", .text("error", error.message))
        follower.stop(error)
    }

    /// Waits until every commit up to `commit` is in the views. Blocks. Throws `streamBehind` when that takes too long, and why the
    /// tables are not followed any more.
    func waitForTables(_ commit: UInt64, _ roots: Set<Int64>) throws(LeibrixError) {
        guard let tables else { return }
        if let error = stopReason(roots) { throw Self.stopped(error) }
        let position = tables.changePosition(after: commit)
        let bell = Doorbell()
        enum Answer { case now, wait, failed(LeibrixError) }
        let answer = follower.state.withLock { state -> Answer in
            if state.feed == nil || state.done >= position { return .now }
            state.waiting.append(TableFollower.Waiting(position: position, bell: bell))
            return .wait
        }
        switch answer {
        case .now: return
        case .failed(let error): throw Self.stopped(error)
        case .wait: break
        }
        if bell.wait(milliseconds: configuration.viewWaitMS) {
            if let error = follower.state.withLock({ $0.error }) { throw Self.stopped(error) }
            return
        }
        follower.state.withLock { $0.waiting.removeAll { $0.bell === bell } }
        throw LeibrixError(
            .streamBehind, "the materialized view has not come to the statement's snapshot within \(configuration.viewWaitMS / 1_000) seconds",
            hint: "leibrix.streams shows how far behind the tables it is; try again later.")
    }

    /// Why a stream over these objects gets no commits; nil where it does.
    func stopReason(_ roots: Set<Int64>) -> LeibrixError? {
        let isFollowing = state.withLock { roots.isSubset(of: $0.following.members) }
        let error = follower.state.withLock { $0.error }
        if isFollowing { return error }
        return error ?? ChangesLost.before
    }

    static func stopped(_ error: LeibrixError) -> LeibrixError {
        LeibrixError(
            .streamStopped, "the materialized view no longer follows its tables: \(error.message)", detail: error.detail,
            hint: "DROP it and CREATE it again: it begins with a new snapshot.")
    }

    /// No commit is told after this. Blocks.
    func closeFollower() {
        follower.state.withLock { $0.isClosed = true }
        follower.feeding.withLock { _ in }
        follower.stop(nil)
    }
}

extension StreamHost.State {
    /// Sources that a record's rows go to, streams in the order they were made.
    func followers(_ object: Int64) -> [(SourceHandle, TableInput)] {
        following(object).flatMap { object in
            object.tables.compactMap { input in handles[input.source(of: object.name)].map { ($0, input) } }
        }
    }

    private func following(_ number: Int64) -> [StreamObject] {
        objects.values.filter { number == 0 ? following.members.contains($0.number) : $0.number == number }.sorted { $0.number < $1.number }
    }

    /// The columns that somebody wants, by table.
    func followedPlaces(_ object: Int64) -> [UInt32: [Int]] {
        var places: [UInt32: Set<Int>] = [:]
        for object in following(object) {
            for input in object.tables { places[input.id, default: []].formUnion(input.places) }
        }
        return places.mapValues { $0.sorted() }
    }

    /// Their types.
    func followedTypes(_ object: Int64) -> [UInt32: [Int: DataType]] {
        var types: [UInt32: [Int: DataType]] = [:]
        for object in following(object) {
            for input in object.tables {
                for (place, column) in zip(input.places, input.columns) { types[input.id, default: [:]][place] = column.type }
            }
        }
        return types
    }
}

private enum ChangesLost {
    static let before = LeibrixError(.changesLost, "changes of its tables were lost before the others began anew")
}

extension ChangeSet {
    var rowCount: Int {
        changes.reduce(0) { sum, change in
            switch change {
            case .deleted(_, let batch), .inserted(_, let batch): sum + batch.rowCount
            case .emptied: sum
            }
        }
    }
}
