// Which files a path names: one file, a folder's files, or those a pattern matches (`*`, `?`, `[a-z]` inside a part of the path).
internal import Base
internal import Platform

struct FileSet: Sendable {
    enum Kind: Sendable, Hashable { case one, folder, pattern }

    let path: String
    let kind: Kind

    init(_ path: String) {
        self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        if path.contains(where: { "*?[".contains($0) }) {
            kind = .pattern
        } else if path.hasSuffix("/") || Files.status(path)?.isDirectory == true {
            kind = .folder
        } else {
            kind = .one
        }
    }

    /// The files there are now, with their sizes, in the order of their names. Hidden files, and those whose name begins with
    /// an underscore, are being written by somebody and are left out.
    func list() throws(LeibrixError) -> [(path: String, size: Int)] {
        var found: [(path: String, size: Int)] = []
        switch kind {
        case .one:
            if let status = Files.status(path), !status.isDirectory { found.append((path, status.size)) }
        case .folder:
            guard Files.exists(path) else { return [] }
            for entry in try Files.list(path) where !entry.isDirectory && Self.isVisible(entry.name) { add(path + "/" + entry.name, &found) }
        case .pattern:
            let parts = path.split(separator: "/", omittingEmptySubsequences: false).map { Array($0.unicodeScalars) }
            let isAbsolute = path.hasPrefix("/")
            try match(isAbsolute ? "/" : "", Array(parts.dropFirst(isAbsolute ? 1 : 0)), &found)
            found.sort { $0.path < $1.path }
        }
        guard found.count <= ConnectorLimits.filesMax else {
            throw LeibrixError(
                .streamConnector, "\(path) names \(found.count) files, and a source follows at most \(ConnectorLimits.filesMax)",
                hint: "Move files away that were read, or use several sources.")
        }
        return found
    }

    private static func isVisible(_ name: String) -> Bool { !name.hasPrefix(".") && !name.hasPrefix("_") }

    private func add(_ path: String, _ found: inout [(path: String, size: Int)]) {
        if let status = Files.status(path), !status.isDirectory { found.append((path, status.size)) }
    }

    private func match(_ base: String, _ parts: [[Unicode.Scalar]], _ found: inout [(path: String, size: Int)]) throws(LeibrixError) {
        guard let part = parts.first else { return }
        let rest = Array(parts.dropFirst())
        guard part.contains(where: { $0 == "*" || $0 == "?" || $0 == "[" }) else {
            var text = ""
            text.unicodeScalars.append(contentsOf: part)
            let path = base + text
            return rest.isEmpty ? add(path, &found) : try match(path + "/", rest, &found)
        }
        let folder = base.isEmpty ? "." : base
        guard Files.status(folder)?.isDirectory == true else { return }
        for entry in try Files.list(folder) where Self.isVisible(entry.name) && Self.matches(part[...], Array(entry.name.unicodeScalars)[...]) {
            if rest.isEmpty { if !entry.isDirectory { add(base + entry.name, &found) } } else if entry.isDirectory {
                try match(base + entry.name + "/", rest, &found)
            }
        }
    }

    /// Whether a name is of a pattern. After a star that does not lead on, the last star takes one more: linear in the
    /// product of both at worst.
    static func matches(_ pattern: ArraySlice<Unicode.Scalar>, _ name: ArraySlice<Unicode.Scalar>) -> Bool {
        var at = pattern.startIndex
        var place = name.startIndex
        var star: (pattern: Int, name: Int)?
        while place < name.endIndex {
            if at < pattern.endIndex, pattern[at] == "*" {
                star = (at + 1, place)
                at += 1
            } else if at < pattern.endIndex, let next = one(pattern, at, name[place]) {
                at = next
                place += 1
            } else if let known = star {
                star = (known.pattern, known.name + 1)
                at = known.pattern
                place = known.name + 1
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == "*" }
    }

    /// The place behind what takes one character; nil when it does not take this one.
    private static func one(_ pattern: ArraySlice<Unicode.Scalar>, _ at: Int, _ character: Unicode.Scalar) -> Int? {
        if pattern[at] == "?" { return at + 1 }
        guard pattern[at] == "[", let close = pattern[(at + 1)...].firstIndex(of: "]"), close > at + 1 else {
            return pattern[at] == character ? at + 1 : nil
        }
        let isNegated = pattern[at + 1] == "!" || pattern[at + 1] == "^"
        var index = at + (isNegated ? 2 : 1)
        var isIn = false
        while index < close {
            if index + 2 < close, pattern[index + 1] == "-" {
                if (pattern[index].value...max(pattern[index].value, pattern[index + 2].value)).contains(character.value) { isIn = true }
                index += 3
            } else {
                if pattern[index] == character { isIn = true }
                index += 1
            }
        }
        return isIn != isNegated ? close + 1 : nil
    }
}
