// Every .slt file under Tests/slt, over the wire. LEIBRIX_SLT=NAME runs those whose path holds NAME.
import Foundation
import Testing

@Suite struct SLTTests {
    static let folder = BuiltExecutable.root + "/Tests/slt"
    static let files: [String] = {
        let only = ProcessInfo.processInfo.environment["LEIBRIX_SLT"]
        let all = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
        return all.filter { $0.hasSuffix(".slt") && (only.map($0.contains) ?? true) }.sorted()
    }()

    @Test(arguments: SLTTests.files)
    func file(_ name: String) throws {
        let path = "\(SLTTests.folder)/\(name)"
        let file = try SLTFile(path: path, text: String(contentsOfFile: path, encoding: .utf8))
        if SLTUpdate.isOn {
            report(SLTUpdate.rewrite(file, oracle: try SLTTests.oracle()))
            return
        }
        let shared = try SharedServer.get()
        var runner = SLTRunner(file: file) { try shared.server.connect() }
        report(runner.run())
    }

    private func report(_ failures: [SLTFailure]) {
        let list = failures.prefix(20).map { "\($0)".replacingOccurrences(of: BuiltExecutable.root + "/", with: "") }.joined(separator: "\n")
        #expect(failures.isEmpty, "\(failures.count) records differ:\n\(list)")
    }

    @Test func thereAreEnough() throws {
        let records = try SLTTests.files.map { try SLTFile(path: $0, text: String(contentsOfFile: "\(SLTTests.folder)/\($0)", encoding: .utf8)).records.count }
        if ProcessInfo.processInfo.environment["LEIBRIX_SLT"] == nil { #expect(records.reduce(0, +) >= 300) }
    }

    private static let updateLake = Result {
        let folder = NSTemporaryDirectory() + "leibrix-slt-lake"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return try FixtureLake(folder: folder)
    }

    private static func oracle() throws -> Oracle { try Oracle(updateLake.get()) }
}
