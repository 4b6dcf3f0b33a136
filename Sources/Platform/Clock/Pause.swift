internal import CLinux
internal import Glibc

/// Waiting, for tools on a thread of their own. Servers wait on a reactor's timers instead.
public enum Pause {
    public static func milliseconds(_ count: Int) {
        var left = timespec(tv_sec: count / 1_000, tv_nsec: count % 1_000 * 1_000_000)
        var rest = timespec()
        while unsafe nanosleep(&left, &rest) != 0 && errno == EINTR { left = rest }
    }
}
