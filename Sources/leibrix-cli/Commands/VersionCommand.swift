internal import Base
internal import DuckDBKit
internal import Leibrix

enum VersionCommand: Command {
    static let name = "version"
    static let summary = "Print the version of Leibrix and of the DuckDB inside."
    static let usage = ""

    static func run(_ arguments: Arguments) throws(LeibrixError) -> Int32 {
        Console.line("leibrix \(Version.current) (DuckDB \(Database.version))")
        return 0
    }
}
