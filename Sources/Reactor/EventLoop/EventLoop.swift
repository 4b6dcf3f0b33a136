// One thread, one epoll set, one run queue. Swift tasks that prefer the loop run on its thread, so what a connection
// owns needs no lock.
//
// A turn: run what was pushed, and what that pushes, at most `jobsPerTurnMax` jobs; ask the kernel for readiness (waiting
// only when nothing is left to run), tell the handlers, fire due timers. The jobs that readiness wakes run before the
// kernel is asked again, so a message costs one epoll_wait, one recv and one send.
//
// Wake-ups: `asleep` is set under the inbox's lock before the loop waits with nothing to do, and whoever pushes then
// clears it and writes the eventfd. So a push to a busy loop costs no system call, and none is lost: the loop looks at the
// inbox under the same lock before it sleeps. What the loop's own thread pushes goes straight into the run queue.
//
// Between a lone client's messages the loop asks the kernel a few times before it sleeps (`Patience`): a processor that was put
// to sleep takes longer to wake than such a client takes to answer.
//
// epoll is edge-triggered for connections: each is registered once, for both directions, and remembers its readiness.
// Listeners are level-triggered, because they may leave connections in the backlog.
public import Base
internal import CLinux
internal import Glibc
internal import Platform
internal import Synchronization

/// Told of readiness on the loop's thread.
protocol EventHandler: AnyObject {
    func ready(_ events: ReadyEvents)
}

struct ReadyEvents: OptionSet {
    let rawValue: UInt32
    static let readable = ReadyEvents(rawValue: 1)
    static let writable = ReadyEvents(rawValue: 4)
    static let failed = ReadyEvents(rawValue: 8)
    static let hungUp = ReadyEvents(rawValue: 0x10)
    static let peerClosed = ReadyEvents(rawValue: 0x2000)
    static let edge = ReadyEvents(rawValue: 1 << 31)
}

@safe
public final class EventLoop: TaskExecutor, @unchecked Sendable {
    enum Work {
        case job(UnownedJob)
        case call(@Sendable () -> Void)
    }

    struct Inbox {
        var work: [Work] = []
        var asleep = false
        var stopped = false
    }

    private struct Registration {
        var generation: UInt32
        var handler: any EventHandler
    }

    public let index: Int
    private let epoll: Int32
    private let wakeUp: Int32
    private let inbox = Mutex(Inbox())
    private let threadID = Atomic<UInt>(0)
    private let connectionCount = Atomic<Int>(0)

    // The rest belongs to the loop's thread.
    private var running: [Work] = []
    private var next = 0
    private var registrations: [Registration?] = []
    private var generation: UInt32 = 0
    private var timers = TimerHeap()
    private var patience = Patience()
    /// What a socket reads into before its connection has memory of its own.
    let scratch = ByteBuffer()

    public init(index: Int) throws(LeibrixError) {
        self.index = index
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        wakeUp = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard epoll >= 0, wakeUp >= 0 else {
            throw LeibrixError(.io, "no event loop: \(unsafe String(cString: strerror(errno)))", hint: "Raise the limit of open files.")
        }
        var event = unsafe epoll_event(events: ReadyEvents.readable.rawValue, data: epoll_data_t(u64: .max))
        _ = unsafe epoll_ctl(epoll, EPOLL_CTL_ADD, wakeUp, &event)
    }

    deinit {
        Glibc.close(epoll)
        Glibc.close(wakeUp)
    }

    // MARK: - Work

    public func enqueue(_ job: consuming ExecutorJob) { push(.job(UnownedJob(job))) }

    /// Runs `body` on the loop, in the order of calls.
    public func execute(_ body: @escaping @Sendable () -> Void) { push(.call(body)) }

    public var isCurrent: Bool { threadID.load(ordering: .relaxed) == UInt(pthread_self()) }

    private func push(_ work: Work) {
        if isCurrent { return running.append(work) }
        let wake = inbox.withLock { inbox in
            inbox.work.append(work)
            defer { inbox.asleep = false }
            return inbox.asleep
        }
        if wake { signal() }
    }

    private func signal() {
        var one: UInt64 = 1
        _ = unsafe write(wakeUp, &one, 8)
    }

    // MARK: - Timers, on the loop

    /// Runs `body` on the loop once `nanos` have passed. Call on the loop.
    func schedule(afterNanos nanos: UInt64, _ body: @escaping () -> Void) { schedule(at: nowNanos &+ nanos, body) }

    func schedule(at deadline: UInt64, _ body: @escaping () -> Void) {
        timers.push(TimerHeap.Entry(deadline: deadline, action: body))
    }

    /// Monotonic time.
    public var nowNanos: UInt64 { Clock.system.monotonicNanos() }

    /// Suspends a task that runs on this loop.
    public func sleep(nanos: UInt64) async {
        await unsafe withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            execute { self.schedule(afterNanos: nanos) { unsafe continuation.resume() } }
        }
    }

    // MARK: - Readiness, on the loop

    /// The registration ends with `unregister`, before the descriptor is closed.
    func register(_ descriptor: Int32, _ interest: ReadyEvents, _ handler: any EventHandler) throws(LeibrixError) {
        generation &+= 1
        while registrations.count <= Int(descriptor) { registrations.append(nil) }
        registrations[Int(descriptor)] = Registration(generation: generation, handler: handler)
        let tag = UInt64(generation) << 32 | UInt64(UInt32(descriptor))
        var event = unsafe epoll_event(events: interest.rawValue, data: epoll_data_t(u64: tag))
        guard unsafe epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0 else {
            registrations[Int(descriptor)] = nil
            throw LeibrixError(.io, "epoll_ctl: \(unsafe String(cString: strerror(errno)))")
        }
    }

    func unregister(_ descriptor: Int32) {
        guard registrations.indices.contains(Int(descriptor)) else { return }
        registrations[Int(descriptor)] = nil
        var event = unsafe epoll_event()
        _ = unsafe epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, &event)
    }

    // MARK: - Load

    /// Sockets of this loop.
    public var connections: Int { connectionCount.load(ordering: .relaxed) }
    func connectionOpened() { connectionCount.add(1, ordering: .relaxed) }
    func connectionClosed() { connectionCount.subtract(1, ordering: .relaxed) }

    // MARK: - The thread

    func start() -> pthread_t {
        var thread = pthread_t()
        let context = unsafe Unmanaged.passRetained(self).toOpaque()
        let failed = unsafe pthread_create(
            &thread, nil,
            { context in
                unsafe Unmanaged<EventLoop>.fromOpaque(context!).takeRetainedValue().run()
                return nil
            }, context)
        precondition(failed == 0, "no thread for loop \(index)")
        return thread
    }

    func stop() {
        inbox.withLock { $0.stopped = true }
        signal()
    }

    private func run() {
        unsafe lbx_name_thread("loop-\(index)")
        threadID.store(UInt(pthread_self()), ordering: .relaxed)
        unsafe withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: ReactorLimits.eventsMax) { events in
            while unsafe turn(events) {}
        }
        // Another thread may get this one's number.
        threadID.store(0, ordering: .relaxed)
    }

    /// False when the loop was stopped and has nothing left to run.
    private func turn(_ events: UnsafeMutableBufferPointer<epoll_event>) -> Bool {
        if runJobs() { return false }
        let count = unsafe waited(events)
        if count > 0 { unsafe patience.saw(count == 1 ? events[0].data.u64 : nil) }
        for position in 0..<max(0, Int(count)) { unsafe dispatch(events[position]) }
        if !timers.isEmpty { fireTimers() }
        return true
    }

    /// What the kernel has to tell: at once while there is work, otherwise when it comes, a push or a timer's time included.
    private func waited(_ events: UnsafeMutableBufferPointer<epoll_event>) -> Int32 {
        if next < running.count { return unsafe poll(events, 0) }
        if patience.spins(), let count = unsafe spun(events) { return count }
        guard fallAsleep() else { return 0 }
        let count = unsafe poll(events, timers.isEmpty ? -1 : timers.timeoutMS(now: nowNanos))
        // Cleared first, so that what the handlers push costs no signal.
        inbox.withLock { $0.asleep = false }
        return count
    }

    private func poll(_ events: UnsafeMutableBufferPointer<epoll_event>, _ timeoutMS: Int32) -> Int32 {
        unsafe epoll_wait(epoll, events.baseAddress, Int32(events.count), timeoutMS)
    }

    /// Asks the kernel again and again for a short while. nil when nothing came of it.
    private func spun(_ events: UnsafeMutableBufferPointer<epoll_event>) -> Int32? {
        let end = nowNanos &+ ReactorLimits.spinNanos
        while true {
            let count = unsafe poll(events, 0)
            if count > 0 || inbox.withLock({ !$0.work.isEmpty || $0.stopped }) {
                patience.ended(found: true)
                return count
            }
            if nowNanos > end {
                patience.ended(found: false)
                return nil
            }
        }
    }

    /// Marks the loop asleep; false when there is work, or the loop was stopped.
    private func fallAsleep() -> Bool {
        inbox.withLock { inbox in
            inbox.asleep = inbox.work.isEmpty && !inbox.stopped
            return inbox.asleep
        }
    }

    /// Runs pushed work until none is left or the turn's share is used up. True when the loop was stopped and none is left.
    private func runJobs() -> Bool {
        var share = ReactorLimits.jobsPerTurnMax
        while true {
            let stopped = takeInbox()
            if next == running.count { return stopped }
            if share == 0 { return false }
            let end = min(running.count, next + share)
            share -= end - next
            while next < end {
                let work = running[next]
                next += 1
                switch work {
                case .job(let job): unsafe job.runSynchronously(on: asUnownedTaskExecutor())
                case .call(let body): body()
                }
            }
        }
    }

    /// Moves pushed work to the run queue. Whether the loop was stopped.
    private func takeInbox() -> Bool {
        if next == running.count {
            running.removeAll(keepingCapacity: true)
            next = 0
        } else if next >= ReactorLimits.jobsPerTurnMax {
            running.removeFirst(next)
            next = 0
        }
        return inbox.withLock { inbox in
            if running.isEmpty {
                swap(&running, &inbox.work)
            } else if !inbox.work.isEmpty {
                running.append(contentsOf: inbox.work)
                inbox.work.removeAll(keepingCapacity: true)
            }
            return inbox.stopped
        }
    }

    private func dispatch(_ event: epoll_event) {
        let tag = unsafe event.data.u64
        guard tag != .max else {
            var drained: UInt64 = 0
            _ = unsafe read(wakeUp, &drained, 8)
            return
        }
        let descriptor = Int(tag & 0xFFFF_FFFF)
        guard descriptor < registrations.count, let registration = registrations[descriptor],
            registration.generation == UInt32(tag >> 32)
        else { return }
        unsafe registration.handler.ready(ReadyEvents(rawValue: event.events))
    }

    private func fireTimers() {
        let now = nowNanos
        while let entry = timers.popDue(now: now) { entry.action() }
    }
}
