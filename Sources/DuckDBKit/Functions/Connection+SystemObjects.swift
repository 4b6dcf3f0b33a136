public import Base
internal import CDuckDB
public import Columnar

/// Objects of our own beside DuckDB's, in its system catalog. Made once an instance; each replaces one of its name.
extension Connection {
    /// A view in a schema that every instance has: main, pg_catalog, information_schema.
    public func makeSystemView(schema: String, name: String, query: String) throws(LeibrixError) {
        unsafe try check(lbx_system_view(handle, schema, name, query))
    }

    /// A type by a name; `type` is usually an alias.
    public func makeSystemType(_ name: String, _ type: DataType) throws(LeibrixError) {
        let made = LogicalType(type)
        unsafe try check(lbx_system_type(handle, name, made.handle))
    }

    /// One CREATE MACRO statement.
    public func makeSystemMacro(_ statement: String) throws(LeibrixError) {
        unsafe try check(lbx_system_macro(handle, statement))
    }

    /// Lets values of one type become another as their representations do. Without a cost, only when it is written.
    public func makeSystemCast(from source: DataType, to target: DataType, implicitCost: Int64? = nil) throws(LeibrixError) {
        let from = LogicalType(source)
        let into = LogicalType(target)
        unsafe try check(lbx_system_cast(handle, from.handle, into.handle, implicitCost ?? -1))
    }

    /// Lets a list type with a name of its own pass for any list.
    public func makeSystemListCast(from source: DataType) throws(LeibrixError) {
        let from = LogicalType(source)
        unsafe try check(lbx_system_list_cast(handle, from.handle))
    }

    private func check(_ message: UnsafeMutablePointer<CChar>?) throws(LeibrixError) {
        if unsafe message != nil { throw unsafe .taken(message) }
    }
}
