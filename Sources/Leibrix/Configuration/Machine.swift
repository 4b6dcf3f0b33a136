// What this machine has, for defaults that fit it.
internal import Glibc
internal import Platform

public enum Machine {
    /// Processors this process may use.
    public static let processors = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))

    /// Physical memory in bytes, or the control group's limit where that is lower.
    public static let memoryBytes: Int = {
        let physical = Int(sysconf(Int32(_SC_PHYS_PAGES))) * Int(sysconf(Int32(_SC_PAGESIZE)))
        let limits = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"].compactMap(number)
        return limits.filter { $0 > 0 }.reduce(physical) { min($0, $1) }
    }()

    private static func number(_ path: String) -> Int? {
        guard Files.exists(path), let file = try? File(path, .read), let bytes = try? file.read(64, at: 0) else { return nil }
        return Int(String(decoding: bytes.prefix { $0 >= 48 && $0 <= 57 }, as: UTF8.self))
    }
}
