// Reading a value: nil where it is something else.

extension JSON {
    /// The member of that name, or nil for none and for values that are no object.
    public subscript(_ name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.name == name }?.value
    }

    public var string: String? {
        if case .string(let text) = self { return text }
        return nil
    }
    public var integer: Int64? {
        switch self {
        case .integer(let number): number
        case .number(let number): Int64(exactly: number)
        default: nil
        }
    }
    public var double: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .number(let number): number
        default: nil
        }
    }
    public var bool: Bool? {
        if case .bool(let flag) = self { return flag }
        return nil
    }
    public var array: [JSON]? {
        if case .array(let items) = self { return items }
        return nil
    }
    public var members: [Member]? {
        if case .object(let members) = self { return members }
        return nil
    }
    public var isNull: Bool { self == .null }
}

extension JSON {
    public static func optional(_ text: String?) -> JSON { text.map { .string($0) } ?? .null }
    public static func optional(_ number: Int64?) -> JSON { number.map { .integer($0) } ?? .null }
}
