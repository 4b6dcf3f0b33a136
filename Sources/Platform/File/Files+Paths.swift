internal import CLinux
internal import Glibc

extension Files {
    /// This program's own file.
    public static var executablePath: String? { resolved("/proc/self/exe") }

    /// The absolute path without links; nil where there is nothing by that name.
    public static func resolved(_ path: String) -> String? {
        guard let real = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(real) }
        return unsafe String(cString: real)
    }

    /// `path` from the root, whether or not it is there.
    public static func absolute(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        return (resolved(".") ?? "") + "/" + path
    }
}
