// What serves statements, below the doors.
internal import Base
internal import ControlStore
internal import Platform

final class ServerParts: Sendable {
    let store: SQLiteControlStore
    let principals: PrincipalDirectory

    /// Blocks.
    init(_ configuration: Configuration) throws(LeibrixError) {
        let directory = Files.absolute(configuration.dataDirectory ?? "")
        try Files.createDirectory(directory)
        store = try SQLiteControlStore(directory: directory)
        principals = try PrincipalDirectory(store: store)
    }
}
