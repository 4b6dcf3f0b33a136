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

    /// Standard input to its end.
    static func readInput() -> String {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let got = unsafe piece.withUnsafeMutableBytes { unsafe Glibc.read(0, $0.baseAddress, $0.count) }
            if got < 0 && errno == EINTR { continue }
            guard got > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += piece[..<got]
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
