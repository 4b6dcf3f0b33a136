// What follows the tables: one feed of their changes for all streams of the host, so that whatever two views show is of one commit.
//
//   feed -> a record of the log a commit -> the sources of every stream that follows the table -> views -> `done` moves on
//
// A stream that is made begins with a feed of its own: its snapshot and the commits behind it go to this stream alone, until it
// is where the others are. Then its feed, which has the others' tables too, takes the place of theirs.
internal import Base
internal import Catalog
internal import Platform
internal import Synchronization
internal import TableEngine

/// Who follows, as the log has it: a function of the records told so far, and part of checkpoints.
struct TableFollowing: Sendable, Hashable {
    /// Numbers of the objects that get every commit.
    var members: Set<Int64> = []
    /// The feed's name, tables, and where it goes on.
    var reader = ""
    var tables: [UInt32] = []
    var position: UInt64 = 0
    /// Commits up to here are told.
    var commit: UInt64 = 0
}

/// The feed at work, and who waits for it.
final class TableFollower: Sendable {
    struct State {
        var feed: ChangeFeed?
        /// Commits before are told, durable, and in the views.
        var done = ChangePosition(rawValue: 0)
        /// Why it goes no further.
        var error: LeibrixError?
        var isScheduled = false
        var isClosed = false
        var waiting: [Waiting] = []
    }

    struct Waiting {
        var position: ChangePosition
        var bell: Doorbell
    }

    let state = Mutex(State())
    /// Held by who reads a feed: a round, or a stream that joins.
    let feeding = Mutex(())
    /// A stream waits to join: rounds give way.
    let isJoining = Atomic<Bool>(false)
    /// One stream is made at a time: the next one's feed must have this one's tables.
    let making = Mutex(())
    let pool = BlockingPool(name: "stream-tables", threads: 1)
    let clock = CommitClock()

    /// Moves `done`, and lets those go on who waited for it.
    func reached(_ position: ChangePosition) {
        let ready = state.withLock { state -> [Doorbell] in
            if position > state.done { state.done = position }
            let done = state.done
            defer { state.waiting.removeAll { $0.position <= done } }
            return state.waiting.filter { $0.position <= done }.map(\.bell)
        }
        for bell in ready { bell.ring() }
    }

    /// Nothing more comes: those who wait hear it.
    func stop(_ error: LeibrixError?) {
        let waiting = state.withLock { state -> [Doorbell] in
            state.error = state.error ?? error
            state.feed = nil
            defer { state.waiting = [] }
            return state.waiting.map(\.bell)
        }
        for bell in waiting { bell.ring() }
    }

    /// Goes on with a feed that takes the place of another.
    func follow(_ feed: ChangeFeed, from done: ChangePosition) {
        state.withLock { state in
            state.feed = feed
            state.error = nil
            if done > state.done { state.done = done }
        }
    }
}
