// Lengths, and words that say a file is not finished or was not meant for this tree.
internal import Foundation

enum Rules {
    static let fileLines = 800
    static let functionLines = 70
    static let medianFileLines = 160

    static func length(_ file: SourceFile) -> [Violation] {
        guard file.isSwift || file.isC, file.lineCount > fileLines else { return [] }
        return [Violation(path: file.path, line: file.lineCount, message: "\(file.lineCount) lines; a file has at most \(fileLines): split it by aspect")]
    }

    static func functions(_ file: SourceFile) -> [Violation] {
        guard file.isSwift || file.isC, file.path != "Package.swift" else { return [] }
        return FunctionScanner.functions(in: file).filter { $0.length > functionLines }.map {
            Violation(path: file.path, line: $0.firstLine, message: "\($0.name) has \($0.length) lines; a function has at most \(functionLines)")
        }
    }

    static func median(_ files: [SourceFile]) -> Int {
        let sizes = files.filter { $0.isSwift && $0.room != nil }.map(\.lineCount).sorted()
        return sizes.isEmpty ? 0 : sizes[sizes.count / 2]
    }

    /// Words are written in two pieces so that this file does not breach its own rule.
    static let unfinished = ["TO" + "DO", "FIX" + "ME", "HA" + "CK", "XX" + "X:"]

    static func unfinishedWords(_ file: SourceFile) -> [Violation] {
        guard file.isSwift || file.isC || file.path.hasSuffix(".py") || file.path.hasSuffix(".sh") else { return [] }
        return find(unfinished, in: file.lines, of: file.path) { "`\($0)` left open: do it, or write it down in the docs as a limit" }
    }

    static let foreign = [
        "/wo" + "rk/", "/tmp/br" + "ief", "/ro" + "ot/", "/opt/whe" + "els", "sub" + "agent", "anth" + "ropic", "cla" + "ude", "iss" + "ues show",
        "work" + "tree", "before-" + "stop",
    ]

    static func foreignWords(_ file: SourceFile) -> [Violation] {
        find(foreign, in: file.lines, of: file.path) { "`\($0)` belongs to a machine or a workplace, not to this tree" }
    }

    static func find(_ words: [String], in lines: [String], of path: String, message: (String) -> String) -> [Violation] {
        lines.enumerated().flatMap { index, line in
            words.filter { contains(line, $0) }.map { Violation(path: path, line: index + 1, message: message($0)) }
        }
    }

    /// Case counts for words in capitals only; a word is not found inside a longer one.
    private static func contains(_ line: String, _ word: String) -> Bool {
        let isCapital = word.uppercased() == word
        let text = isCapital ? line : line.lowercased()
        guard let range = text.range(of: word) else { return false }
        guard let first = word.first, first.isLetter else { return true }
        let before = range.lowerBound == text.startIndex ? nil : text[text.index(before: range.lowerBound)]
        let after = range.upperBound == text.endIndex ? nil : text[range.upperBound]
        return !(before?.isLetter ?? false) && !(after?.isLetter ?? false)
    }
}
