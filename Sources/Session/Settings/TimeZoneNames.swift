internal import SQLSyntax

/// The zones the engine knows, by name in lower case.
struct TimeZoneNames: Sendable {
    private let names: [String: String]

    init(_ names: [String]) {
        self.names = Dictionary(names.map { ($0.lowercased(), $0) }) { first, _ in first }
    }

    /// The engine's name for a zone, or for an offset in whole hours ("+02", "-5", "UTC+3" is not one).
    func canonical(_ text: String) -> String? {
        let wanted = text.lowercased()
        if wanted == "localtime" || wanted == "default" { return "UTC" }
        if let name = names[wanted] { return name }
        guard let hours = Int(wanted), abs(hours) <= 14 else { return nil }
        // POSIX signs: Etc/GMT-2 is two hours east.
        return hours == 0 ? "UTC" : names["etc/gmt\(hours > 0 ? "-" : "+")\(abs(hours))"]
    }

    func suggestion(_ text: String) -> String? {
        nearestName(to: text, among: names.values).map { "Did you mean \"\($0)\"?" }
    }
}
