// The five transactions (clauses 2.4 to 2.8), inside a BEGIN of the caller's.
internal import Base
internal import Foundation
internal import PostgresClient

extension TPCCTerminal {
    private static let stamp = "2026-02-02 12:00:00"

    private struct Line: Comparable {
        let supply: Int
        let item: Int
        let quantity: Int
        static func < (left: Line, right: Line) -> Bool { (left.supply, left.item, left.quantity) < (right.supply, right.item, right.quantity) }
    }

    /// Lines in the order of what they lock, so that new orders never wait for each other in a ring.
    private func lines() -> [Line] {
        let lines = (0..<random.number(5...15)).map { _ in
            let isRemote = scale.warehouses > 1 && random.number(1...100) == 1
            let supply = isRemote ? (warehouse + random.number(0...scale.warehouses - 2)) % scale.warehouses + 1 : warehouse
            return Line(supply: supply, item: random.item(scale), quantity: random.number(1...10))
        }
        return lines.sorted()
    }

    func newOrder() throws -> Bool {
        let (district, customer, lines) = (random.number(1...TPCCScale.districts), random.customer(scale), lines())
        let isWrong = random.number(1...100) == 1
        _ = try one("w_tax", [warehouse])
        _ = try one("c_terms", [warehouse, district, customer])
        let next = try one("d_next", [warehouse, district])
        guard let after = Int(next) else { throw LeibrixError(.internal, "an order's number is \(next)") }
        let (order, isLocal) = (after - 1, lines.allSatisfy { $0.supply == warehouse } ? 1 : 0)
        _ = try execute("o_insert", [warehouse, district, order, customer, Self.stamp, lines.count, isLocal])
        _ = try execute("no_insert", [warehouse, district, order])
        for (number, line) in lines.enumerated() {
            if isWrong, number == lines.count - 1 {
                let found = try execute("i_price", [scale.items + 1])
                guard found.rows.isEmpty else { throw LeibrixError(.internal, "an item that is not there was found") }
                return false
            }
            let price = Double(try one("i_price", [line.item])) ?? 0
            let info = try one("s_take", [line.supply, line.item, line.quantity, line.supply == warehouse ? 0 : 1], column: 1)
            let amount = Self.cents(Int((price * 100).rounded()) * line.quantity)
            _ = try execute("ol_insert", [warehouse, district, order, number + 1, line.item, line.supply, line.quantity, amount, info])
        }
        return true
    }

    func payment() throws {
        let district = random.number(1...TPCCScale.districts)
        var (ofWarehouse, ofDistrict) = (warehouse, district)
        if scale.warehouses > 1, random.number(1...100) > 85 {
            ofWarehouse = (warehouse + random.number(0...scale.warehouses - 2)) % scale.warehouses + 1
            ofDistrict = random.number(1...TPCCScale.districts)
        }
        let amount = Self.cents(random.number(100...500_000))
        _ = try one("w_pay", [warehouse, amount])
        _ = try one("d_pay", [warehouse, district, amount])
        let customer = try chosenCustomer(ofWarehouse, ofDistrict)
        let paid = try execute("c_pay", [ofWarehouse, ofDistrict, customer, amount])
        guard paid.rows.count == 1 else { throw LeibrixError(.internal, "customer \(customer) is there \(paid.rows.count) times") }
        if paid.text(0, 1) == "BC" {
            let note = "\(customer) \(ofDistrict) \(ofWarehouse) \(district) \(warehouse) \(amount) \(paid.text(0, 2) ?? "")"
            _ = try execute("c_note", [ofWarehouse, ofDistrict, customer, String(note.prefix(500))])
        }
        _ = try execute("h_insert", [customer, ofDistrict, ofWarehouse, district, warehouse, Self.stamp, amount])
    }

    func orderStatus() throws {
        let district = random.number(1...TPCCScale.districts)
        let customer = try chosenCustomer(warehouse, district)
        _ = try one("c_balance", [warehouse, district, customer])
        let order = try execute("o_last", [warehouse, district, customer])
        guard !order.rows.isEmpty, let number = order.text(0, 0) else { return }
        let lines = try execute("ol_all", [warehouse, district, number])
        guard (5...15).contains(lines.rows.count) else { throw LeibrixError(.internal, "order \(number) has \(lines.rows.count) lines") }
    }

    func delivery() throws {
        let carrier = random.number(1...10)
        for district in 1...TPCCScale.districts {
            let first = try execute("no_first", [warehouse, district])
            guard !first.rows.isEmpty, let order = first.text(0, 0) else { continue }
            // Another delivery may have been quicker.
            guard try execute("no_delete", [warehouse, district, order]).tag == "DELETE 1" else { continue }
            let customer = try one("o_carry", [warehouse, district, order, carrier])
            let lines = try execute("ol_deliver", [warehouse, district, order, Self.stamp])
            let sum = lines.rows.indices.reduce(0) { $0 + Int(((Double(lines.text($1, 0) ?? "") ?? 0) * 100).rounded()) }
            _ = try execute("c_deliver", [warehouse, district, customer, Self.cents(sum)])
        }
    }

    func stockLevel() throws {
        let district = random.number(1...TPCCScale.districts)
        let next = Int(try one("d_order", [warehouse, district])) ?? 0
        _ = try one("low_stock", [warehouse, district, next - 20, next, random.number(10...20)])
    }

    /// Six of ten by last name: the one in the middle of those who have it.
    private func chosenCustomer(_ warehouse: Int, _ district: Int) throws -> Int {
        guard random.number(1...100) <= 60 else { return random.customer(scale) }
        let named = try execute("c_named", [warehouse, district, random.lastName(scale)])
        guard !named.rows.isEmpty, let id = named.text(named.rows.count / 2, 0).flatMap({ Int($0) }) else { return random.customer(scale) }
        return id
    }

    static func cents(_ amount: Int) -> String {
        let part = amount % 100
        return "\(amount / 100).\(part < 10 ? "0" : "")\(part)"
    }
}
