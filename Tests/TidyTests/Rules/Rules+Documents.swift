// What the docs folder must hold: a page a target, numbered decisions, every error code with its statuses.
internal import Base
internal import Foundation

extension Rules {
    static func internalsPages(_ house: House, paths: Set<String>) -> [Violation] {
        house.rooms.filter { !$0.isC }.compactMap { room in
            let page = "docs/internals/\(room.name).md"
            return paths.contains(page) ? nil : Violation(path: page, line: 1, message: "target \(room.name) has no page of its own")
        }
    }

    /// `0001-title.md` up from one, without gaps or doubles, each opening with a heading.
    static func decisions(_ files: [SourceFile]) -> [Violation] {
        let pages = files.filter { $0.path.hasPrefix("docs/adr/") && $0.path.hasSuffix(".md") && !$0.path.hasSuffix("README.md") }
        var found: [Violation] = []
        for (index, page) in pages.sorted(by: { $0.path < $1.path }).enumerated() {
            let name = page.path.dropFirst("docs/adr/".count)
            if Int(name.prefix(4)) != index + 1 || name.dropFirst(4).first != "-" {
                found.append(Violation(path: page.path, line: 1, message: "decisions are numbered without gaps: expected \(fourDigits(index + 1))-…"))
            }
            if page.lines.first?.hasPrefix("# ") != true {
                found.append(Violation(path: page.path, line: 1, message: "a decision opens with its heading"))
            }
        }
        return found
    }

    private static func fourDigits(_ number: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, 4 - text.count)) + text
    }

    /// Every code declared has one row of statuses, and one line in the operators' list that names its SQLSTATE.
    static func errorCodes(declarations: SourceFile, page: SourceFile?) -> [Violation] {
        var found: [Violation] = []
        var seen: Set<String> = []
        for (index, line) in declarations.lines.enumerated() where line.contains("static let") && line.contains("(rawValue: \"L") {
            let code = String(line.split(separator: "\"", omittingEmptySubsequences: false)[1])
            if !seen.insert(code).inserted { found.append(Violation(path: declarations.path, line: index + 1, message: "\(code) stands twice")) }
            guard let statuses = ErrorCode.table[ErrorCode(rawValue: code)] else {
                found.append(Violation(path: declarations.path, line: index + 1, message: "\(code) has no row of statuses"))
                continue
            }
            let documented = page?.lines.contains { $0.contains(code) && $0.contains(statuses.sqlState) } ?? false
            if !documented {
                found.append(Violation(path: "docs/operating/errors.md", line: 1, message: "\(code) with SQLSTATE \(statuses.sqlState) has no line"))
            }
        }
        return found
    }
}
