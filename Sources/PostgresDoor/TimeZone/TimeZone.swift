// Offsets from UTC by the system's time zone files (RFC 8536): what a timestamp with time zone is shown in.
internal import Base
internal import Platform
internal import Synchronization

struct TimeZone: Sendable {
    private enum Source: Sendable {
        case fixed(Int32)
        case rules(ZoneRules)
    }

    private let source: Source
    static let utc = TimeZone(source: .fixed(0))

    private init(source: Source) { self.source = source }

    init(offset: Int32) { source = .fixed(offset) }

    /// A name of the system's database, UTC, or an ISO offset such as `+05:30`. nil when there is none of that name.
    init?(named name: String) {
        switch name.uppercased() {
        case "UTC", "GMT", "Z", "ETC/UTC", "ETC/GMT", "UCT", "ZULU": self = .utc
        default:
            if let offset = Self.offset(name) {
                self.init(offset: offset)
            } else if let rules = Self.rules(name) {
                self.init(source: .rules(rules))
            } else {
                return nil
            }
        }
    }

    /// Seconds east of UTC at an instant.
    @inline(__always)
    func offset(atMicros micros: Int64) -> Int32 {
        switch source {
        case .fixed(let offset): offset
        case .rules(let rules): rules.offset(at: Self.seconds(micros))
        }
    }

    /// The instant of a local time: of two the earlier offset's, as PostgreSQL has it; of none as if before the change.
    func instant(localMicros micros: Int64) -> Int64 {
        if micros == .max || micros <= -Int64.max { return micros }
        let early = offset(atMicros: micros &- 86_400_000_000)
        let candidate = micros &- Int64(early) &* 1_000_000
        if offset(atMicros: candidate) == early { return candidate }
        let late = offset(atMicros: micros &+ 86_400_000_000)
        let other = micros &- Int64(late) &* 1_000_000
        return offset(atMicros: other) == late ? other : candidate
    }

    private static func seconds(_ micros: Int64) -> Int64 {
        let seconds = micros / 1_000_000
        return micros % 1_000_000 < 0 ? seconds - 1 : seconds
    }

    /// `+05`, `-03:30`: seconds east.
    static func offset(_ text: String) -> Int32? {
        var digits = Array(text.utf8)
        guard let sign = digits.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return nil }
        digits.removeFirst()
        let parts = digits.split(separator: UInt8(ascii: ":")).map { Int32(String(decoding: $0, as: UTF8.self)) }
        guard (1...3).contains(parts.count), parts.allSatisfy({ $0 != nil && $0! >= 0 && $0! < 60 }) else { return nil }
        let seconds = parts.enumerated().reduce(Int32(0)) { $0 + $1.element! * [3_600, 60, 1][$1.offset] }
        guard seconds <= 57_600 else { return nil }
        return sign == UInt8(ascii: "-") ? -seconds : seconds
    }

    // MARK: - The system's files

    private static let cache = Mutex<[String: ZoneRules]>([:])

    private static func rules(_ name: String) -> ZoneRules? {
        guard name.count <= 64, !name.contains(".."), !name.hasPrefix("/"), name.utf8.allSatisfy(isNameByte) else { return nil }
        if let known = cache.withLock({ $0[name] }) { return known }
        guard let bytes = try? Files.read("/usr/share/zoneinfo/" + name), let rules = ZoneRules(bytes) else { return nil }
        cache.withLock { $0[name] = rules }
        return rules
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "/"): true
        default: false
        }
    }
}
