// Intervals in PostgreSQL's four styles (EncodeInterval of its datetime.c). None writes more than `slot` bytes.

enum IntervalStyle: Sendable {
    case postgres, postgresVerbose, iso8601, sqlStandard

    init?(setting: String) {
        switch setting.lowercased() {
        case "postgres": self = .postgres
        case "postgres_verbose": self = .postgresVerbose
        case "iso_8601": self = .iso8601
        case "sql_standard": self = .sqlStandard
        default: return nil
        }
    }
}

@safe
struct IntervalText {
    static let slot = 128

    private var out: Bytes
    private var used = 0
    private var years: Int64
    private var months: Int64
    private var days: Int64
    private var hours: Int64
    private var minutes: Int64
    private var seconds: Int64
    private var micros: Int64

    private init(months: Int32, days: Int32, micros: Int64, out: Bytes) {
        unsafe self.out = unsafe out
        years = Int64(months) / 12
        self.months = Int64(months) % 12
        self.days = Int64(days)
        hours = micros / 3_600_000_000
        minutes = micros / 60_000_000 % 60
        seconds = micros / 1_000_000 % 60
        self.micros = micros % 1_000_000
    }

    static func write(months: Int32, days: Int32, micros: Int64, style: IntervalStyle, to out: Bytes) -> Int {
        var text = unsafe IntervalText(months: months, days: days, micros: micros, out: out)
        switch style {
        case .postgres: text.postgres()
        case .postgresVerbose: text.verbose()
        case .iso8601: text.iso()
        case .sqlStandard: text.standard()
        }
        return text.used
    }

    private var hasTime: Bool { hours != 0 || minutes != 0 || seconds != 0 || micros != 0 }
    private var isTimeNegative: Bool { hours < 0 || minutes < 0 || seconds < 0 || micros < 0 }

    // MARK: - Pieces

    private mutating func put(_ byte: UInt8) {
        unsafe out[used] = byte
        used += 1
    }

    private mutating func put(_ text: StaticString) { unsafe used += TemporalText.constant(text, to: out + used) }
    private mutating func put(_ value: Int64) { unsafe used += Digits.signed(value, to: out + used) }

    private mutating func two(_ value: Int64) {
        let value = value.magnitude
        if value < 100 {
            unsafe Digits.pair(Int(value), to: out + used)
            used += 2
        } else {
            unsafe used += Digits.unsigned(value, to: out + used)
        }
    }

    private mutating func fraction() { unsafe used += TemporalText.fraction(Int64(micros.magnitude), to: out + used) }

    // MARK: - Styles

    private mutating func postgres() {
        var isBefore = false
        for (value, unit) in [(years, "year" as StaticString), (months, "mon"), (days, "day")] where value != 0 {
            if used > 0 { put(" " as StaticString) }
            if isBefore && value > 0 { put(UInt8(ascii: "+")) }
            put(value)
            put(UInt8(ascii: " "))
            put(unit)
            if value != 1 { put(UInt8(ascii: "s")) }
            isBefore = value < 0
        }
        guard used == 0 || hasTime else { return }
        if used > 0 { put(UInt8(ascii: " ")) }
        if isTimeNegative { put(UInt8(ascii: "-")) } else if isBefore { put(UInt8(ascii: "+")) }
        two(hours)
        put(UInt8(ascii: ":"))
        two(minutes)
        put(UInt8(ascii: ":"))
        two(seconds)
        fraction()
    }

    private mutating func verbose() {
        put(UInt8(ascii: "@"))
        var isZero = true
        var isBefore = false
        let parts = [
            (years, "year" as StaticString), (months, "mon"), (days, "day"), (hours, "hour"), (minutes, "min"),
        ]
        for (value, unit) in parts where value != 0 {
            if isZero { isBefore = value < 0 }
            let shown = isBefore ? -value : value
            put(UInt8(ascii: " "))
            put(shown)
            put(UInt8(ascii: " "))
            put(unit)
            if shown != 1 { put(UInt8(ascii: "s")) }
            isZero = false
        }
        if seconds != 0 || micros != 0 { verboseSeconds(&isZero, &isBefore) }
        if isZero { put(" 0" as StaticString) }
        if isBefore { put(" ago" as StaticString) }
    }

    private mutating func verboseSeconds(_ isZero: inout Bool, _ isBefore: inout Bool) {
        put(UInt8(ascii: " "))
        if seconds < 0 || micros < 0 {
            if isZero { isBefore = true } else if !isBefore { put(UInt8(ascii: "-")) }
        } else if isBefore {
            put(UInt8(ascii: "-"))
        }
        put(Int64(seconds.magnitude))
        fraction()
        put(" sec" as StaticString)
        if seconds.magnitude != 1 || micros != 0 { put(UInt8(ascii: "s")) }
        isZero = false
    }

    private mutating func iso() {
        if years == 0 && months == 0 && days == 0 && !hasTime { return put("PT0S" as StaticString) }
        put(UInt8(ascii: "P"))
        for (value, unit) in [(years, UInt8(ascii: "Y")), (months, UInt8(ascii: "M")), (days, UInt8(ascii: "D"))] where value != 0 {
            put(value)
            put(unit)
        }
        guard hasTime else { return }
        put(UInt8(ascii: "T"))
        for (value, unit) in [(hours, UInt8(ascii: "H")), (minutes, UInt8(ascii: "M"))] where value != 0 {
            put(value)
            put(unit)
        }
        guard seconds != 0 || micros != 0 else { return }
        if seconds < 0 || micros < 0 { put(UInt8(ascii: "-")) }
        put(Int64(seconds.magnitude))
        fraction()
        put(UInt8(ascii: "S"))
    }

    private mutating func standard() {
        let isNegative = years < 0 || months < 0 || days < 0 || isTimeNegative
        let isPositive = years > 0 || months > 0 || days > 0 || hours > 0 || minutes > 0 || seconds > 0 || micros > 0
        let hasMonths = years != 0 || months != 0
        guard isNegative || isPositive else { return put(UInt8(ascii: "0")) }
        if (isNegative && isPositive) || (hasMonths && (days != 0 || hasTime)) { return mixed() }
        if isNegative { put(UInt8(ascii: "-")) }
        if hasMonths {
            put(Int64(years.magnitude))
            put(UInt8(ascii: "-"))
            return put(Int64(months.magnitude))
        }
        if days != 0 {
            put(Int64(days.magnitude))
            put(UInt8(ascii: " "))
        }
        clock()
    }

    private mutating func mixed() {
        put(years < 0 || months < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
        put(Int64(years.magnitude))
        put(UInt8(ascii: "-"))
        put(Int64(months.magnitude))
        put(UInt8(ascii: " "))
        put(days < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
        put(Int64(days.magnitude))
        put(UInt8(ascii: " "))
        put(isTimeNegative ? UInt8(ascii: "-") : UInt8(ascii: "+"))
        clock()
    }

    private mutating func clock() {
        put(Int64(hours.magnitude))
        put(UInt8(ascii: ":"))
        two(minutes)
        put(UInt8(ascii: ":"))
        two(seconds)
        fraction()
    }
}
