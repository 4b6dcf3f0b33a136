// Layers, values and mistakes of the configuration.
import Base
import Foundation
import Platform
import Testing

@testable import Leibrix

@Suite struct ConfigurationTests {
    private func withFile(_ text: String, _ body: (String) throws -> Void) throws {
        let folder = TemporaryFolder("configuration")
        let path = folder.path + "/leibrix.yaml"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        try body(path)
    }

    private func failure(_ text: String) throws -> LeibrixError? {
        var caught: LeibrixError?
        try withFile(text) { path in
            do throws(LeibrixError) {
                _ = try Configuration.load(flags: [], environment: [:], file: path)
            } catch {
                caught = error
            }
        }
        return caught
    }

    @Test func flagsOverEnvironmentOverFileOverDefaults() throws {
        try withFile("threads: 3\nmemory: 1GB\nhttp: 127.0.0.1:1\nlog:\n  level: debug\n") { path in
            let loaded = try Configuration.load(
                flags: [("threads", "5")], environment: ["LEIBRIX_THREADS": "4", "LEIBRIX_HTTP": "127.0.0.1:2", "HOME": "/"], file: path)
            #expect(loaded.configuration.threads == 5)
            #expect(loaded.configuration.http == ListenAddress(host: "127.0.0.1", port: 2))
            #expect(loaded.configuration.memory == 1_000_000_000)
            #expect(loaded.configuration.logLevel == .debug)
            #expect(loaded.configuration.postgres.port == 5_433)
            #expect(loaded.origins["threads"] == .flag("--threads"))
            #expect(loaded.origins["http"] == .environment("LEIBRIX_HTTP"))
            #expect(loaded.origins["memory"] == .file(path, line: 2))
            #expect(loaded.origins["pg"] == nil)
        }
    }

    @Test(arguments: [
        ("thread: 3\n", "there is no setting thread", "line 1"), ("\ntls:\n  certt: x\n", "there is no setting tls.certt", "line 3"),
        ("threads: many\n", "threads cannot be 'many'", "line 1"), ("pg: nowhere\n", "pg cannot be 'nowhere'", "line 1"),
        ("pg: [1]\n", "pg cannot be a list", "line 1"), ("- a\n", "a map of settings", "line 1"), ("a: *b\n", "an alias", "line 1"),
        ("threads: 1\nthreads: 2\n", "stands twice", "lines 1 and 2"), ("threads: {\n", "not YAML", "line"), ("pg: 127.0.0.1:70000\n", "pg cannot be", "line 1"),
    ])
    func mistakesAreNamedWithTheirLine(text: String, message: String, place: String) throws {
        let error = try #require(try failure(text))
        #expect(error.code == .configuration)
        #expect(error.message.contains(message), "\(error)")
        #expect(error.detail?.contains(place) == true, "\(error)")
    }

    @Test func hints() throws {
        #expect(try failure("treads: 3\n")?.hint?.contains("threads") == true)
        #expect(try failure("mysql: x\n")?.hint?.contains("not served yet") == true)
        #expect(throws: LeibrixError.self) { try Configuration.load(flags: [], environment: ["LEIBRIX_PGG": "1"], file: nil) }
        #expect(throws: LeibrixError.self) { try Configuration.load(flags: [("tls.cert", "x")], environment: [:], file: nil) }
    }

    @Test func quantities() {
        #expect(Quantity.bytes("1.5GiB") == 1_610_612_736)
        #expect(Quantity.bytes("512 MB") == 512_000_000)
        #expect(Quantity.bytes("7") == 7)
        #expect(Quantity.bytes("-1") == nil && Quantity.bytes("1XB") == nil && Quantity.bytes("") == nil && Quantity.bytes("99999999999TB") == nil)
        #expect(Quantity.milliseconds("5min") == 300_000 && Quantity.milliseconds("250ms") == 250 && Quantity.milliseconds("0") == 0)
        #expect(Quantity.text(bytes: 1_500_000) == "1.5MB" && Quantity.text(milliseconds: 90_000) == "90s")
    }

    @Test func strangersAreKeptOut() throws {
        var open = Configuration()
        open.postgres = ListenAddress(host: "0.0.0.0", port: 0)
        #expect(throws: LeibrixError.self) { try ListenPolicy.check(open, usersHavePasswords: false) }
        #expect(throws: LeibrixError.self) { try ListenPolicy.check(open, usersHavePasswords: true) }
        open.allowPlaintext = true
        #expect(throws: LeibrixError.self) { try ListenPolicy.check(open, usersHavePasswords: false) }
        try ListenPolicy.check(open, usersHavePasswords: true)
        try ListenPolicy.check(Configuration(), usersHavePasswords: false)
        #expect(!ListenAddress(host: "127.evil.example", port: 1).isLoopback)
    }

    @Test func theReferencePageIsCurrent() throws {
        let page = try String(contentsOfFile: BuiltExecutable.root + "/docs/operating/configuration.md", encoding: .utf8)
        #expect(page == Configuration.reference, "run make docs")
    }

    @Test func everySettingHasOneName() {
        #expect(Set(Setting.table.map(\.flag)).count == Setting.table.count)
        #expect(Setting.table.allSatisfy { $0.help.hasSuffix(".") || $0.help.hasSuffix("error.") })
    }
}
