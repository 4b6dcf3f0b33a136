// Each import states an access level and names a room that the table allows, or a module of the toolchain.
internal import Foundation

struct ImportLine {
    let module: String
    let hasAccess: Bool
    let line: Int

    private static let levels: Set<String> = ["public", "package", "internal", "fileprivate", "private"]

    static func all(in file: SourceFile) -> [ImportLine] {
        var found: [ImportLine] = []
        for (index, text) in CodeText(file).lines.enumerated() {
            let words = text.split(separator: " ").map(String.init)
            guard let at = words.firstIndex(of: "import"), words[..<at].allSatisfy({ $0.hasPrefix("@") || levels.contains($0) })
            else { continue }
            let kinds: Set<String> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
            let target = words[(at + 1)...].first { !kinds.contains($0) } ?? ""
            let module = String(target.prefix { $0 != "." && $0 != ";" })
            found.append(ImportLine(module: module, hasAccess: words[..<at].contains { levels.contains($0) }, line: index + 1))
        }
        return found
    }
}

struct ImportRule {
    let house: House

    /// What comes with the toolchain and is no blocking or clock-reading surprise.
    static let toolchain: Set<String> = ["Glibc", "Synchronization", "Testing", "_Concurrency", "RegexBuilder", "Swift"]
    static let floorOfFoundation = 6

    func violations(_ file: SourceFile) -> [Violation] {
        guard file.isSwift, file.path != "Package.swift" else { return [] }
        return ImportLine.all(in: file).flatMap { line in
            var messages: [String] = []
            if !line.hasAccess && !file.isTest {
                messages.append("`import \(line.module)` states no access level: write `internal import` or `public import`")
            }
            if let name = file.room, let room = house.byName[name], let reason = refusal(line.module, room) { messages.append(reason) }
            return messages.map { Violation(path: file.path, line: line.line, message: $0) }
        }
    }

    private func refusal(_ module: String, _ room: House.Room) -> String? {
        if let used = house.byName[module] {
            return room.uses.contains(used.name) || used.name == room.name
                ? nil : "\(room.name) imports \(module), which Package.swift does not give it"
        }
        if ImportRule.toolchain.contains(module) { return nil }
        let isFoundation = ["Foundation", "FoundationEssentials", "FoundationNetworking", "Dispatch"].contains(module)
        if isFoundation && room.floor >= ImportRule.floorOfFoundation { return nil }
        if isFoundation { return "\(module) is not for floor \(room.floor): use Platform (files, clock, log), Glibc or Synchronization" }
        return "\(module) is neither a room of Package.swift nor a module of the toolchain"
    }
}
