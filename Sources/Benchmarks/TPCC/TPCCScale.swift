/// How much there is of everything; the standard's counts but for the warehouses, or far fewer for tests.
struct TPCCScale: Sendable {
    var warehouses: Int
    var items = 100_000
    /// Of a district; as many orders.
    var customers = 3_000
    static let districts = 10

    static func of(_ scale: Double) -> TPCCScale {
        scale < 0.1 ? TPCCScale(warehouses: 1, items: 200, customers: 30) : TPCCScale(warehouses: max(1, Int((4 * scale).rounded())))
    }

    /// Orders of a district that are delivered at first: seven of ten.
    var delivered: Int { customers * 7 / 10 }

    static let syllables = ["BAR", "OUGHT", "ABLE", "PRI", "PRES", "ESE", "ANTI", "CALLY", "ATION", "EING"]

    /// A last name by its number below 1,000.
    static func lastName(_ number: Int) -> String { syllables[number / 100] + syllables[number / 10 % 10] + syllables[number % 10] }
}
