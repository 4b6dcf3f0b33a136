internal import Columnar

/// A change of type that keeps every value.
enum TypeWidening: Equatable {
    /// The same bytes under another name.
    case same
    case integer(from: IntegerKind, to: IntegerKind)
    case realToDouble
    /// Children change, matched by position or (structures) by name.
    case nested

    /// nil when some value of `old` has no equal in `new`.
    init?(from old: DataType, to new: DataType) {
        switch (old.base, new.base) {
        case (let a, let b) where a == b: self = .same
        case (.decimal(let oldWidth, let oldScale), .decimal(let newWidth, let newScale)):
            guard oldScale == newScale, oldWidth <= newWidth, let widening = Self.integers(old, new) else { return nil }
            self = widening
        case (let a, let b) where a.isInteger && b.isInteger:
            guard let widening = Self.integers(old, new) else { return nil }
            self = widening
        case (.real, .double): self = .realToDouble
        case (.list, .list), (.structure, .structure), (.map, .map): self = .nested
        case (.array(_, let a), .array(_, let b)) where a == b: self = .nested
        default: return nil
        }
    }

    private static func integers(_ old: DataType, _ new: DataType) -> TypeWidening? {
        guard case .integer(let from)? = old.physicalForm, case .integer(let to)? = new.physicalForm else { return nil }
        if from == to { return .same }
        let keeps = to.width > from.width && (to.isSigned || !from.isSigned)
        return keeps ? .integer(from: from, to: to) : nil
    }
}

extension IntegerKind {
    var isSigned: Bool { rawValue <= IntegerKind.int128.rawValue }
}

extension DataType {
    fileprivate var isInteger: Bool {
        switch self {
        case .tinyInt, .smallInt, .integer, .bigInt, .hugeInt: true
        case .unsignedTinyInt, .unsignedSmallInt, .unsignedInteger, .unsignedBigInt, .unsignedHugeInt: true
        default: false
        }
    }
}
