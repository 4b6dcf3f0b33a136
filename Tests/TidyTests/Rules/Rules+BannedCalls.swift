// Calls that go round Platform, Reactor or the log: each with the rooms that may make them and what to use instead.
internal import Foundation

struct BannedCall {
    /// As it stands in code, without the open parenthesis. A leading dot is part of the match.
    let word: String
    /// Rooms where it is at home.
    let home: Set<String>
    let instead: String
}

extension Rules {
    private static let network: Set<String> = ["Platform", "Reactor", "CLinux", "PostgresClient"]
    private static let top: Set<String> = ["leibrix-cli"]

    static let banned: [BannedCall] =
        calls(["clock_gettime", "gettimeofday", "time", "ContinuousClock", "SuspendingClock", "Date"], ["Platform"], "Platform.Clock")
        + calls(["arc4random", "random", "rand", "getrandom", "getentropy", "SystemRandomNumberGenerator", ".random"], ["Platform", "Reactor"], "Platform's random source")
        + calls(["socket", "accept", "accept4", "connect", "listen", "bind", "epoll_create1", "epoll_wait", "epoll_ctl", "recv", "send"], network, "the Reactor's listeners and connections")
        + calls(["open", "openat", "fopen", "pread", "pwrite", "fsync", "fdatasync", "mmap", "munmap", "rename", "unlink", "opendir", "readdir", "FileManager"], ["Platform", "CLinux"], "Platform.File")
        + calls(["usleep", "nanosleep", "sleep", "Thread.sleep", "Task.sleep"], ["Platform", "Reactor", "leibrix-cli", "Leibrix"], "a timer of the Reactor, or BlockingPool")
        + calls(["DispatchQueue", "DispatchSemaphore", "DispatchGroup"], [], "Platform.BlockingPool, or a lock of Synchronization")
        + calls(["print", "debugPrint", "dump", "puts", "NSLog"], top, "Platform.Log")
        + calls(["exit", "abort"], top.union(["Leibrix"]), "a LeibrixError")
        + calls(["fatalError"], [], "a LeibrixError, or precondition for a broken invariant")
        + calls(["getenv", "setenv"], ["Platform", "Leibrix", "leibrix-cli"], "the configuration")
        + calls(["pthread_create"], ["Platform", "Reactor"], "Platform.BlockingPool")

    /// Names of libc that are also good names for functions of ours: banned where a file imports libc at all.
    private static let plainWords: Set<String> = [
        "time", "random", "rand", "socket", "accept", "connect", "listen", "bind", "send", "open", "rename", "unlink", "exit", "abort",
    ]

    private static func calls(_ words: [String], _ home: Set<String>, _ instead: String) -> [BannedCall] {
        words.map { BannedCall(word: $0, home: home, instead: instead) }
    }

    /// Programs that drive servers from outside, as a user's would: they start processes and read files as they like.
    private static let programs: Set<String> = ["Benchmarks"]

    private static func declaredFunctions(_ file: SourceFile) -> Set<String> {
        let words = CodeText(file).lines.flatMap { $0.split(separator: " ").map(String.init) }
        return Set(zip(words, words.dropFirst()).filter { $0.0 == "func" }.map { String($0.1.prefix { $0 != "(" && $0 != "<" }) })
    }

    static func bannedCalls(_ file: SourceFile) -> [Violation] {
        guard file.isSwift, let room = file.room, !programs.contains(room) else { return [] }
        let declared = declaredFunctions(file)
        let text = String(decoding: file.text, as: UTF8.self)
        let hasC = ["import Glibc", "import CLinux", "import Foundation"].contains { text.contains($0) }
        let inForce = banned.filter { !$0.home.contains(room) && (hasC || !plainWords.contains($0.word)) && !declared.contains($0.word) }
        return CodeText(file).lines.enumerated().flatMap { index, line in
            inForce.filter { isCalled($0.word, in: Array(line.utf8)) }.map {
                Violation(path: file.path, line: index + 1, message: "`\($0.word)` is not for \(room): use \($0.instead)")
            }
        }
    }

    /// `word(` or `word.` (for types), not part of a longer name, not a method of something else, not a declaration.
    static func isCalled(_ word: String, in line: [UInt8]) -> Bool {
        let needle = Array(word.utf8)
        guard line.count > needle.count else { return false }
        for start in 0..<(line.count - needle.count) where line[start..<start + needle.count].elementsEqual(needle) {
            let after = line[start + needle.count]
            let isType = needle[0] >= 65 && needle[0] <= 90
            guard after == UInt8(ascii: "(") || (isType && after == UInt8(ascii: ".")) else { continue }
            let before = start > 0 ? line[start - 1] : 32
            if isNamePart(before) && needle[0] != UInt8(ascii: ".") { continue }
            if before == UInt8(ascii: ".") && needle[0] != UInt8(ascii: ".") && !isQualified(line, start) { continue }
            let head = String(decoding: line[..<start], as: UTF8.self).split(separator: " ").last ?? ""
            if head == "func" || isEnumCase(line) { continue }
            return true
        }
        return false
    }

    private static func isEnumCase(_ line: [UInt8]) -> Bool {
        let text = String(decoding: line, as: UTF8.self)
        return text.split(separator: " ").first == "case" && !text.contains(".") && !text.hasSuffix(":")
    }

    private static func isNamePart(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || byte == UInt8(ascii: "`") || (48...57).contains(byte) || (65...90).contains(byte)
            || (97...122).contains(byte)
    }

    /// `Glibc.open(` is a call of Glibc's; `file.open(` is not.
    private static func isQualified(_ line: [UInt8], _ start: Int) -> Bool {
        ["Glibc.", "Foundation.", "Swift."].contains { prefix in
            let utf8 = Array(prefix.utf8)
            return start >= utf8.count && line[start - utf8.count..<start].elementsEqual(utf8)
        }
    }
}
