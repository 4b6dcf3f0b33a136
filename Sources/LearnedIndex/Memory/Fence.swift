internal import CLinux

/// Orderings between accesses to different words, and the pause of a reader that waits for a writer's few stores.
enum Fence {
    @inline(__always) static func acquire() { lbx_fence_acquire() }
    @inline(__always) static func release() { lbx_fence_release() }

    /// The writer is inside for well under a microsecond, unless the scheduler took its processor away.
    @inline(never) static func pause(_ tries: inout Int) {
        tries += 1
        if tries % 64 == 0 { sched_yield() } else { lbx_spin_pause() }
    }
}
