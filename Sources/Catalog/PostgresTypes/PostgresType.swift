// PostgreSQL's built-in types: the one table of numbers that pg_type shows and the PostgreSQL door sends.

/// A row of pg_type.
public struct PostgresType: Sendable, Hashable {
    public enum Kind: Character, Sendable { case base = "b", pseudo = "p", range = "r", multirange = "m" }

    public let oid: UInt32
    /// pg_type.typname: `int4`, `_int4`.
    public let name: String
    /// Bytes of a value; -1 is variable, -2 a C string.
    public let length: Int16
    public let isByValue: Bool
    public let kind: Kind
    public let category: Character
    public let isPreferred: Bool
    public let delimiter: Character
    /// pg_type.typelem; 0 for none.
    public let elementOID: UInt32
    /// pg_type.typarray; 0 for none.
    public let arrayOID: UInt32
    public let alignment: Character
    public let storage: Character
    /// Names of the functions; "-" for none.
    public let inputFunction: String
    public let outputFunction: String
    public let receiveFunction: String
    public let sendFunction: String

    /// A true array: its values are subscripted, and its element's `arrayOID` is this one.
    ///
    /// int2vector and oidvector are none, though their category is the same: they are stored in place and count from 0.
    public var isArray: Bool { category == "A" && elementOID != 0 && storage != "p" }
}

extension PostgresType {
    /// Every built-in type, by OID.
    public static let all: [PostgresType] = rows.split(separator: "\n").compactMap(PostgresType.init(row:))

    public static subscript(oid: UInt32) -> PostgresType? { byOID[oid] }
    /// By pg_type.typname, not by an SQL spelling: `int4`, never `integer`.
    public static subscript(name: String) -> PostgresType? { byName[name] }

    private static let byOID = Dictionary(uniqueKeysWithValues: all.map { ($0.oid, $0) })
    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    init?(row: Substring) {
        let cells = row.split(separator: " ").map(String.init)
        guard cells.count == 16, let oid = UInt32(cells[0]), let length = Int16(cells[2]), let kind = Kind(rawValue: Character(cells[4]))
        else { return nil }
        self.oid = oid
        self.name = cells[1]
        self.length = length
        self.isByValue = cells[3] == "t"
        self.kind = kind
        self.category = Character(cells[5])
        self.isPreferred = cells[6] == "t"
        self.delimiter = Character(cells[7])
        self.elementOID = UInt32(cells[8]) ?? 0
        self.arrayOID = UInt32(cells[9]) ?? 0
        self.alignment = Character(cells[10])
        self.storage = Character(cells[11])
        self.inputFunction = cells[12]
        self.outputFunction = cells[13]
        self.receiveFunction = cells[14]
        self.sendFunction = cells[15]
    }
}
