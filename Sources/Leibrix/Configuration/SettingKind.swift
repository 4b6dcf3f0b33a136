// How a setting's text is read and shown.
internal import Platform

struct SettingKind<Value: Sendable>: Sendable {
    let placeholder: String
    /// A sentence for the hint of a value that does not parse.
    let expected: String
    let parse: @Sendable (String) -> Value?
    let show: @Sendable (Value) -> String
}

extension SettingKind where Value == String? {
    static var path: SettingKind {
        SettingKind(placeholder: "PATH", expected: "Give a path.", parse: { $0.isEmpty ? nil : .some($0) }, show: { $0 ?? "" })
    }
}

extension SettingKind where Value == [String] {
    static var origins: SettingKind {
        SettingKind(
            placeholder: "ORIGINS", expected: "Give origins such as https://dashboards.example.com, with commas between them, or *.",
            parse: { text in
                let origins = text.split(separator: ",").map { $0.filter { $0 != " " } }
                return origins.allSatisfy { $0 == "*" || $0.hasPrefix("http://") || $0.hasPrefix("https://") } ? origins : nil
            }, show: { $0.joined(separator: ",") })
    }
}

extension SettingKind where Value == Bool {
    static var boolean: SettingKind {
        SettingKind(
            placeholder: "BOOL", expected: "Give true or false.",
            parse: { ["true": true, "on": true, "yes": true, "1": true, "false": false, "off": false, "no": false, "0": false][$0.lowercased()] },
            show: { $0 ? "true" : "false" })
    }
}

extension SettingKind where Value == ListenAddress {
    static var address: SettingKind {
        SettingKind(
            placeholder: "HOST:PORT", expected: "Give an address and a port, such as 127.0.0.1:5433 or [::1]:5433.",
            parse: ListenAddress.init(parsing:), show: \.description)
    }
}

extension SettingKind where Value == Int {
    static func count(_ range: ClosedRange<Int>) -> SettingKind {
        SettingKind(
            placeholder: "N", expected: "Give a whole number from \(range.lowerBound) to \(range.upperBound).",
            parse: { Int($0).flatMap { range.contains($0) ? $0 : nil } }, show: { String($0) })
    }

    static var bytes: SettingKind {
        SettingKind(
            placeholder: "BYTES", expected: "Give a size such as 512MB, 8GB or 1.5GiB.", parse: Quantity.bytes,
            show: Quantity.text(bytes:))
    }

    static var duration: SettingKind {
        SettingKind(
            placeholder: "DURATION", expected: "Give a time such as 500ms, 30s, 5min or 1h.", parse: Quantity.milliseconds,
            show: Quantity.text(milliseconds:))
    }
}

extension SettingKind where Value == LogLevel {
    static var logLevel: SettingKind {
        SettingKind(
            placeholder: "LEVEL", expected: "Give debug, info, warning or error.", parse: { LogLevel(name: $0) }, show: \.name)
    }
}

extension SettingKind where Value == LogFormat {
    static var logFormat: SettingKind {
        SettingKind(placeholder: "FORMAT", expected: "Give auto, text or json.", parse: { LogFormat(rawValue: $0) }, show: \.rawValue)
    }
}

extension ListenAddress {
    /// `HOST:PORT` with an address, not a name, so that what is listened on is what was written.
    init?(parsing text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else { return nil }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) } else if host.contains(":") { return nil }
        self.init(host: host, port: Int(port))
        guard host == "localhost" || isIPv4 || host.contains(":") else { return nil }
    }
}
