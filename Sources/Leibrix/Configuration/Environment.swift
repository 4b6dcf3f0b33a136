internal import Glibc

/// This process's environment, read once.
public enum Environment {
    public static let variables: [String: String] = {
        var all: [String: String] = [:]
        var next = unsafe environ
        while let entry = unsafe next.pointee {
            let text = unsafe String(cString: entry)
            if let equals = text.firstIndex(of: "=") { all[String(text[..<equals])] = String(text[text.index(after: equals)...]) }
            unsafe next = next.advanced(by: 1)
        }
        return all
    }()
}
