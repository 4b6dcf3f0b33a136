internal import Base

/// A name as SQL writes it, perhaps with a schema: `public."Order"`. Unquoted parts are lower case.
struct SQLName: Hashable {
    var schema: String?
    var name: String

    init(schema: String, name: String) {
        self.schema = schema
        self.name = name
    }

    /// Throws `invalidName` for anything but one or two names; a third part in front, the database, is left out.
    init(_ text: String) throws(LeibrixError) {
        var parts: [String] = []
        var current = ""
        var quoted = false
        var wasQuoted = false
        for character in text {
            switch character {
            case "\"":
                if !quoted, wasQuoted { current.append(character) }
                quoted.toggle()
                wasQuoted = true
            case "." where !quoted:
                parts.append(current)
                current = ""
                wasQuoted = false
            default: current.append(contentsOf: quoted ? String(character) : character.lowercased())
            }
        }
        parts.append(current)
        guard !quoted, parts.count <= 3, parts.allSatisfy({ !$0.isEmpty }) else {
            throw LeibrixError(.invalidName, "invalid name syntax: \"\(text)\"", hint: "Write name or schema.name.")
        }
        name = parts[parts.count - 1]
        schema = parts.count > 1 ? parts[parts.count - 2] : nil
        if schema == "main" { schema = "public" }
    }

    /// The name with quotes where it needs them.
    static func quoted(_ name: String) -> String {
        let plain = !name.isEmpty && name.utf8.allSatisfy { isPlain($0) } && !(0x30...0x39).contains(name.utf8.first!)
        if plain && !reserved.contains(name) { return name }
        return "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x5F
    }

    private static let reserved = Set(SystemFacts.keywords.filter { !$0[1].hasPrefix("U") }.map { String($0[0]) })
}
