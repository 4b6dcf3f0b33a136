/// Numbers of objects. PostgreSQL's own where clients have them compiled in; all others derive from the object's name,
/// so that they are the same after every restart and on every node.
enum SystemOID {
    static let pgCatalog: UInt32 = 11
    static let publicSchema: UInt32 = 2200
    static let informationSchema: UInt32 = 13207
    static let owner: UInt32 = 10
    static let heap: UInt32 = 2
    static let btree: UInt32 = 403
    static let defaultTablespace: UInt32 = 1663
    static let globalTablespace: UInt32 = 1664
    static let defaultCollation: UInt32 = 100
    static let cCollation: UInt32 = 950
    static let classes: (type: UInt32, attribute: UInt32, function: UInt32, relation: UInt32, namespace: UInt32, database: UInt32) =
        (1247, 1249, 1255, 1259, 2615, 1262)

    /// PostgreSQL gives numbers from here on to users' objects. Below 2^30, so that signed readers are safe.
    static let userFirst: UInt32 = 16_384
    private static let userCount: UInt64 = (1 << 30) - 16_384

    /// FNV-1a over the kind and the names.
    static func derived(_ kind: String, _ names: String...) -> UInt32 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for part in [kind] + names {
            for byte in part.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
            hash = (hash ^ 0xFF) &* 0x0000_0100_0000_01B3
        }
        hash ^= hash >> 29
        return userFirst + UInt32(hash % userCount)
    }

    static func schema(_ name: String) -> UInt32 {
        switch name {
        case "pg_catalog": pgCatalog
        case "public", "main": publicSchema
        case "information_schema": informationSchema
        default: derived("schema", name)
        }
    }
}

/// Gives each object a number of its own: the derived one, or the next free one above it. Ask in a fixed order.
struct OIDAllocator {
    private var used: Set<UInt32> = []

    mutating func take(_ wanted: UInt32) -> UInt32 {
        var oid = wanted
        while !used.insert(oid).inserted { oid += 1 }
        return oid
    }
}
