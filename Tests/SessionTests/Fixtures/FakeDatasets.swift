internal import Base
internal import Catalog
internal import Session
internal import Synchronization

/// Stands where the dataset engine is: knows names and a version, and writes down what it was asked.
final class FakeDatasets: DatasetAdministration {
    private struct State {
        var version: UInt64 = 0
        var asked: [String] = []
    }
    private let state = Mutex(State())

    func publish(_ version: UInt64) { state.withLock { $0.version = version } }
    var asked: [String] { state.withLock { $0.asked } }
    private func note(_ text: String) { state.withLock { $0.asked.append(text) } }

    func createCatalog(_ name: String, options: [SpecOption]) async throws(LeibrixError) {
        note("create catalog \(name) \(options.map(\.name))")
    }
    func dropCatalog(_ name: String) async throws(LeibrixError) { note("drop catalog \(name)") }
    func createDataset(_ name: String, source: [String], options: [SpecOption], tenant: String) async throws(LeibrixError) {
        note("create dataset \(name) from \(source.joined(separator: ".")) for \(tenant)")
    }
    func alterDataset(_ name: String, options: [SpecOption]) async throws(LeibrixError) { note("alter dataset \(name)") }
    func dropDataset(_ name: String) async throws(LeibrixError) { note("drop dataset \(name)") }
    func refreshDataset(_ name: String) async throws(LeibrixError) { note("refresh dataset \(name)") }
    var datasetNames: [String] { ["numbers", "words", "loading"] }
    var catalogNames: [String] { ["lake"] }
    var relationVersion: UInt64 { state.withLock { $0.version } }
}
