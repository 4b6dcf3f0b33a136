/// A path into JSON as its steps' bytes: `$.a."b c"[0]`, or a key alone.
enum JSONPath {
    /// nil where the path is of a kind that is not read: wildcards, negative indexes.
    static func steps(_ path: String) -> String? {
        var bytes: [UInt8] = []
        guard path.hasPrefix("$") else { return path.hasPrefix("/") ? nil : text(key(Array(path.utf8))) }
        let characters = Array(path.utf8.dropFirst())
        var at = 0
        while at < characters.count {
            if characters[at] == UInt8(ascii: ".") {
                at += 1
                let isQuoted = at < characters.count && characters[at] == UInt8(ascii: "\"")
                if isQuoted { at += 1 }
                let start = at
                while at < characters.count, isQuoted ? characters[at] != UInt8(ascii: "\"") : characters[at] != UInt8(ascii: ".") && characters[at] != UInt8(ascii: "[") { at += 1 }
                let name = Array(characters[start..<at])
                if name.isEmpty || name == [UInt8(ascii: "*")] { return nil }
                bytes += key(name)
                if isQuoted { at += 1 }
            } else if characters[at] == UInt8(ascii: "["), let end = characters[at...].firstIndex(of: UInt8(ascii: "]")),
                let index = Int(String(decoding: characters[(at + 1)..<end], as: UTF8.self)), index >= 0
            {
                bytes.append(UInt8(ascii: "i"))
                for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: index >> (8 * shift))) }
                at = end + 1
            } else {
                return nil
            }
        }
        return text(bytes)
    }

    private static func key(_ name: [UInt8]) -> [UInt8] {
        [UInt8(ascii: "k"), UInt8(truncatingIfNeeded: name.count), UInt8(truncatingIfNeeded: name.count >> 8)] + name
    }

    /// Steps are told apart by lengths below 128, so that they are a text; longer names and indexes are not read.
    private static func text(_ bytes: [UInt8]) -> String? {
        let string = String(decoding: bytes, as: UTF8.self)
        return Array(string.utf8) == bytes ? string : nil
    }
}
