// Package.swift's table of rooms, read as text: the floors that imports are held to.
internal import Foundation

struct House {
    enum Kind: String { case swift, c, system, executable }

    struct Room {
        let floor: Int
        let name: String
        let kind: Kind
        let uses: [String]
        /// Where the row stands in the table: rooms to the left on one floor may be used by those to the right.
        let position: Int
        let line: Int
        var isC: Bool { kind == .c || kind == .system }
    }

    let rooms: [Room]
    let byName: [String: Room]

    init(packageFile text: String) {
        var found: [Room] = []
        var rest = text[...]
        if let table = rest.range(of: "let rooms") { rest = rest[table.upperBound...] }
        if let end = rest.range(of: "\n]") { rest = rest[..<end.lowerBound] }
        while let start = rest.range(of: "Room(") {
            let line = text[..<start.lowerBound].count { $0 == "\n" } + 1
            let row = House.balanced(rest[start.upperBound...])
            if let room = House.room(row, position: found.count, line: line) { found.append(room) }
            rest = rest[start.upperBound...].dropFirst(row.count)
        }
        rooms = found
        byName = Dictionary(found.map { ($0.name, $0) }) { first, _ in first }
    }

    /// Up to the parenthesis that closes the row.
    private static func balanced(_ text: Substring) -> Substring {
        var depth = 1
        for index in text.indices {
            if text[index] == "(" { depth += 1 }
            if text[index] == ")" { depth -= 1 }
            if depth == 0 { return text[..<index] }
        }
        return text
    }

    private static func room(_ row: Substring, position: Int, line: Int) -> Room? {
        guard let floor = Int(row.prefix { $0 != "," }) else { return nil }
        let head = row.range(of: "uses:").map { row[..<$0.lowerBound] } ?? row
        guard let name = strings(head).first else { return nil }
        let kind = [Kind.c, .system, .executable].first { head.contains(", .\($0.rawValue)") } ?? .swift
        let tail = row.range(of: "uses:").map { row[$0.upperBound...] } ?? ""
        let uses = strings(tail.range(of: "links:").map { tail[..<$0.lowerBound] } ?? tail)
        return Room(floor: floor, name: name, kind: kind, uses: uses, position: position, line: line)
    }

    private static func strings(_ text: Substring) -> [String] {
        text.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }
}

extension House {
    /// Rooms may use lower floors and their left on their own; a C library has one Swift target around it.
    func violations() -> [Violation] {
        var found: [Violation] = []
        for room in rooms {
            for use in room.uses {
                guard let used = byName[use] else {
                    found.append(violation(room, "\(room.name) uses \(use), which is no room of the table"))
                    continue
                }
                let below = used.floor < room.floor || (used.floor == room.floor && used.position < room.position)
                if !below { found.append(violation(room, "\(room.name) (floor \(room.floor)) uses \(use) (floor \(used.floor)): use lower floors or your left")) }
            }
        }
        for library in rooms where library.isC && !House.shared.contains(library.name) {
            let users = rooms.filter { $0.uses.contains(library.name) }
            if users.count > 1 {
                found.append(violation(library, "\(library.name) is imported by \(users.map(\.name).joined(separator: ", ")): one Swift target wraps a C library"))
            }
        }
        return found
    }

    /// System calls, not a library: Platform wraps most of them, Reactor its loops' own.
    static let shared: Set<String> = ["CLinux"]

    private func violation(_ room: Room, _ message: String) -> Violation {
        Violation(path: "Package.swift", line: room.line, message: message)
    }
}
