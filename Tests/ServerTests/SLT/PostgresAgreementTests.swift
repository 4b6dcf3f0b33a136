// What the files about tables expect is what a real PostgreSQL 15 answers: the same rows, the same SQLSTATE, the same words.
import Foundation
import Testing

@Suite struct PostgresAgreementTests {
    /// Files in which nothing is this product's own.
    static let files = ["tables/tables_errors.slt", "tables/tables_views.slt", "tables/tables_ddl.slt"]

    @Test(.enabled(if: PostgresServer.isInstalled, "PostgreSQL 15 is not installed")) func postgresAnswersTheSame() throws {
        let postgres = try PostgresServer()
        for name in Self.files {
            let path = "\(SLTTests.folder)/\(name)"
            var file = try SLTFile(path: path, text: String(contentsOfFile: path, encoding: .utf8))
            for index in file.records.indices {
                // Hints are this product's.
                if case .error(let state, _, let words) = file.records[index].kind {
                    file.records[index].kind = .error(sqlState: state, wantsHint: false, words: words)
                }
            }
            #expect(file.records.count > 50)
            var runner = SLTRunner(file: file) { try postgres.connect() }
            let failures = runner.run()
            #expect(failures.isEmpty, "\(name): \(failures.count) differ from PostgreSQL:\n\(failures.prefix(10).map { "\($0)" }.joined(separator: "\n"))")
        }
    }
}
