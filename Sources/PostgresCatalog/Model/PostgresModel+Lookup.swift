internal import Base
internal import Columnar

extension PostgresModel {
    /// A relation by a name in SQL's spelling, or by its number as text.
    func requiredRelation(_ text: String) throws(LeibrixError) -> DescribedRelation {
        if let number = UInt32(text.trimmed), let relation = relation(oid: number) { return relation }
        guard let relation = relation(try SQLName(text)) else {
            throw LeibrixError(.undefinedRelation, "relation \"\(text)\" does not exist", hint: "SELECT relname FROM pg_class lists all.")
        }
        return relation
    }

    func roleName(_ oid: UInt32) -> String { roles.first { $0.oid == oid }?.name ?? "unknown (OID=\(oid))" }

    func function(oid: UInt32) -> DescribedFunction? { SupportFunctions.byOID[oid] ?? functions.first { $0.oid == oid } }

    /// By its name alone, perhaps with a schema and arguments.
    func function(named text: String) -> DescribedFunction? {
        let bare = text.split(separator: "(", maxSplits: 1).first.map(String.init) ?? text
        guard let name = try? SQLName(bare.trimmed), name.schema == nil || name.schema == "pg_catalog" else { return nil }
        if let oid = SupportFunctions.byName[name.name] { return SupportFunctions.byOID[oid] }
        return functions.first { $0.name == name.name }
    }

    /// All users' relations together.
    var bytes: Int64 { relations.reduce(0) { $0 + $1.bytes } }
}
