// What people read: results on standard output, complaints on standard error.
internal import Base
internal import Glibc

enum Console {
    static func write(_ text: String, to descriptor: Int32 = 1) {
        let bytes = Array(text.utf8)
        var done = 0
        while done < bytes.count {
            let written = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress! + done, bytes.count - done) }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { return }
            done += written
        }
    }

    static func line(_ text: String) { write(text + "\n") }

    static func error(_ error: LeibrixError) {
        var text = "leibrix: \(error.message) (\(error.code.rawValue))\n"
        if let detail = error.detail { text += "  at: \(detail)\n" }
        if let hint = error.hint { text += "  hint: \(hint)\n" }
        write(text, to: 2)
    }

    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }
}
