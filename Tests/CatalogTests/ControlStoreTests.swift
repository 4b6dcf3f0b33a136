import Base
import Catalog
import Columnar
import ControlStore
import Platform
import Testing

/// A folder of its own, deleted with the object.
final class Folder {
    let path: String
    init() throws {
        path = "/tmp/leibrix-test-\(Random.integer(UInt64.self))"
        try Files.createDirectory(path)
    }
    deinit { try? Files.removeTree(path) }
}

@Suite struct ControlStoreTests {
    static let records: [ControlRecord] = {
        var tenant = TenantRecord(name: "acme")
        tenant.memoryBytes = 2 << 30
        tenant.queue = 0
        let verifier = PasswordVerifier(iterations: 4_096, salt: [1, 2], storedKey: [3, 255], serverKey: [0])
        let types: [DataType] = [
            .decimal(width: 18, scale: 4), .list(.structure([.init("a", .map(key: .varchar, value: .enumeration(["x", "y\""])))])),
            .array(.real, size: 3), .timestampTZ, .json, .union([.init("n", .integer)]), .other("GEOMETRY"),
        ]
        var dataset = DatasetSpec(tenant: "acme", name: "li/ne%item", source: ["lake", "tpch", "lineitem"], timeColumn: "t")
        dataset.granularity = Granularity(count: 3, unit: .week)
        dataset.retain = CalendarDuration(months: 24, milliseconds: 5)
        dataset.dimensions = [.init(column: "r", values: ["eu", "us"])]
        dataset.filter = .init(startMS: -5, endMS: nil)
        let columns = types.enumerated().map { ColumnDefinition("c\($0)", $1) }
        let epoch = EpochRecord(
            tenant: "acme", dataset: "li/ne%item", epochID: "1_abcdef", version: 7, state: .ready,
            range: TimeRange(startMS: 1, endMS: 2), dimensionValues: [.init(column: "r", value: "eu")], rows: 10, bytes: 20,
            snapshotID: "99", sourceMark: "m", columns: columns,
            segments: [SegmentRecord(path: "segments/a", rows: 10, bytes: 20, checksum: .max)],
            timeBounds: TimeBounds(minMS: 1, maxMS: 1), reason: nil, createdMicros: 3, readyMicros: 4)
        return [
            .tenant(tenant), .user(UserRecord(name: "ana", tenant: "acme", password: verifier, isAdministrator: true)),
            .catalog(CatalogSpec(tenant: "acme", name: "lake", type: .iceberg, options: ["uri": "/l"], secrets: ["key": "k"])),
            .dataset(DatasetRecord(spec: dataset, columns: columns, snapshotID: "99", createdMicros: 3)), .epoch(epoch),
            .setting(name: "a", value: "b"),
        ]
    }()

    @Test func recordsSurviveAnotherOpening() throws {
        let folder = try Folder()
        do {
            let store = try SQLiteControlStore(directory: folder.path)
            #expect(try store.commit(Self.records.map { .put($0) }) == 1)
            #expect(try store.nextVersion() == 1)
            #expect(store.fence == 1)
        }
        let store = try SQLiteControlStore(directory: folder.path)
        #expect(store.fence == 2)
        #expect(try store.nextVersion() == 2)
        let state = try store.load()
        #expect(state.revision == 1)
        let found: [ControlRecord] =
            state.tenants.values.map { .tenant($0) } + state.users.values.map { .user($0) } + state.catalogs.values.map { .catalog($0) }
            + state.datasets.values.map { .dataset($0) } + state.epochs.map { .epoch($0) }
            + state.settings.map { .setting(name: $0, value: $1) }
        #expect(Set(found) == Set(Self.records))
        try store.commit(Self.records.map { .delete($0.key) })
        #expect(try store.load().epochs.isEmpty)
    }

    @Test func oneProcessADirectory() throws {
        let folder = try Folder()
        let store = try SQLiteControlStore(directory: folder.path)
        let error = failure { () throws(LeibrixError) in try SQLiteControlStore(directory: folder.path) }
        #expect(error?.code == .directoryLocked)
        #expect(try store.load() == ControlState())
    }

    @Test func principalsAreKept() throws {
        let folder = try Folder()
        let store = try SQLiteControlStore(directory: folder.path)
        let directory = try PrincipalDirectory(store: store)
        #expect(directory.users.map(\.name) == ["admin"])
        #expect(!directory.allHavePasswords)
        try directory.createTenant(TenantRecord.make(name: "acme", options: [SpecOption("concurrency", 2), SpecOption("max_result_rows", 1)]))
        try directory.createUser(UserRecord(name: "ana", tenant: "acme"))
        #expect(failure { () throws(LeibrixError) in try directory.createUser(UserRecord(name: "ana", tenant: "acme")) }?.code == .duplicateObject)
        #expect(failure { () throws(LeibrixError) in try directory.createUser(UserRecord(name: "bob", tenant: "nobody")) }?.code == .undefinedObject)
        #expect(failure { () throws(LeibrixError) in try directory.dropUser("admin") }?.code == .objectInUse)
        #expect(failure { () throws(LeibrixError) in try directory.dropTenant("acme") }?.code == .objectInUse)
        try directory.alterTenant("acme", options: [SpecOption("concurrency", .null), SpecOption("queue", 3)])
        try directory.alterTenant("acme", options: [SpecOption("memory", "2GB"), SpecOption("max_scan_rows", 500)])
        #expect(directory.tenant("acme")?.memoryBytes == 2 << 30 && directory.tenant("acme")?.maxScanRows == 500)
        let again = try PrincipalDirectory(store: store)
        #expect(again.tenant("acme")?.concurrency == nil)
        #expect(again.tenant("acme")?.queue == 3)
        #expect(again.user("ana")?.tenant == "acme")
        #expect(again.systemTables().map(\.name) == ["users", "tenants"])
        #expect(try again.systemTables()[0].rows().count == 2)
    }
}
