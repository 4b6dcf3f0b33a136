// swift-tools-version: 6.2
// The package as data: one row a target, with its floor. A target depends only on lower floors, or on targets to
// its left on its own floor; Tests/TidyTests holds that. Settings are applied once, in the loop below.
import PackageDescription

let deps = "\(Context.packageDirectory)/.deps"

enum Kind { case swift, c, system, executable }

struct Room {
    let floor: Int
    let name: String
    let kind: Kind
    let uses: [String]
    let links: [String]

    init(_ floor: Int, _ name: String, _ kind: Kind = .swift, uses: [String] = [], links: [String] = []) {
        self.floor = floor
        self.name = name
        self.kind = kind
        self.uses = uses
        self.links = links
    }
}

let rooms: [Room] = [
    // Floor 0: C libraries, each imported by one Swift target.
    Room(0, "CDuckDB", .c, links: ["duckdb", "pystub", "stdc++"]),
    Room(0, "CLinux", .c),
    Room(0, "COpenSSL", .c, links: ["ssl", "crypto"]),
    Room(0, "CEdit", .c, links: ["edit"]),
    Room(0, "CYAML", .c, links: ["yaml"]),
    Room(0, "CSQLite", .c, links: ["sqlite3"]),
    Room(0, "CXXHash", .c),
    Room(0, "CAllocations", .c),
    Room(0, "CBTree", .c, links: ["stdc++"]),
    Room(0, "CCompress", .c, links: ["z", "zstd"]),
    // Floor 1: no engine yet.
    Room(1, "Base"),
    Room(1, "Platform", uses: ["CLinux", "Base"]),
    Room(1, "Columnar", uses: ["Base"]),
    Room(1, "Reactor", uses: ["CLinux", "COpenSSL", "Base", "Platform"]),
    Room(1, "SQLSyntax", uses: ["Base"]),
    // Floor 2: what the engines are made of.
    Room(2, "DuckDBKit", uses: ["CDuckDB", "Base", "Platform", "Columnar"]),
    Room(2, "LearnedIndex", uses: ["CLinux", "Base", "Columnar"]),
    Room(2, "Catalog", uses: ["Base", "Columnar", "Platform"]),
    Room(2, "SQLPlanning", uses: ["Base", "Columnar", "SQLSyntax", "Catalog"]),
    Room(2, "WriteAheadLog", uses: ["CLinux", "Base", "Platform"]),
    Room(2, "ColumnStore", uses: ["CXXHash", "Base", "Platform", "Columnar", "DuckDBKit"]),
    // Floor 3: engines.
    Room(3, "ControlStore", uses: ["CSQLite", "Base", "Platform", "Columnar", "Catalog"]),
    Room(3, "DatasetEngine", uses: ["Base", "Platform", "Columnar", "DuckDBKit", "ColumnStore", "Catalog", "ControlStore"]),
    Room(3, "TableEngine", uses: [
        "Base", "Platform", "Columnar", "DuckDBKit", "LearnedIndex", "ColumnStore", "Catalog", "WriteAheadLog",
    ]),
    Room(3, "IcebergWriter", uses: ["Base", "Platform", "Columnar", "DuckDBKit"]),
    Room(3, "PostgresCatalog", uses: ["Base", "Columnar", "DuckDBKit", "Catalog"]),
    Room(3, "Nexmark", uses: ["Base", "Columnar", "DuckDBKit"]),
    Room(3, "StreamEngine", uses: ["CLinux", "Base", "Platform", "Columnar", "Catalog", "SQLPlanning"]),
    Room(3, "Connectors", uses: ["Base", "Platform", "Columnar", "Catalog", "StreamEngine"]),
    // Floor 4: a statement's way.
    Room(4, "StreamHost", uses: [
        "Base", "Platform", "Columnar", "DuckDBKit", "SQLPlanning", "Catalog", "WriteAheadLog", "ControlStore", "TableEngine", "StreamEngine", "Connectors",
    ]),
    Room(4, "Session", uses: [
        "Base", "Platform", "Columnar", "Reactor", "SQLSyntax", "DuckDBKit", "Catalog", "ControlStore", "DatasetEngine", "TableEngine",
        "PostgresCatalog", "SQLPlanning", "StreamEngine", "StreamHost",
    ]),
    // Floor 5: doors.
    Room(5, "PostgresDoor", uses: ["Base", "Platform", "Columnar", "Reactor", "Catalog", "Session"]),
    Room(5, "HTTPDoor", uses: [
        "CCompress", "Base", "Platform", "Columnar", "Reactor", "DuckDBKit", "Connectors", "Session", "PostgresDoor",
    ]),
    Room(5, "PostgresClient", uses: ["Base", "Platform", "Reactor"]),
    // Floor 6: what a user holds.
    Room(6, "Leibrix", uses: [
        "Base", "Platform", "Columnar", "Reactor", "SQLSyntax", "DuckDBKit", "ColumnStore", "Catalog", "ControlStore",
        "DatasetEngine", "WriteAheadLog", "TableEngine", "StreamEngine", "Connectors", "IcebergWriter", "PostgresCatalog", "StreamHost", "Session", "PostgresDoor", "HTTPDoor",
        "PostgresClient", "CYAML",
    ]),
    Room(6, "Benchmarks", uses: ["CBTree", "LearnedIndex", "Base", "Platform", "Columnar", "DuckDBKit", "ColumnStore", "Catalog", "ControlStore", "TableEngine", "Nexmark", "StreamEngine", "StreamHost", "PostgresClient", "Leibrix"]),
    Room(6, "leibrix-cli", .executable, uses: [
        "Leibrix", "Benchmarks", "Base", "Platform", "Columnar", "SQLSyntax", "DuckDBKit", "WriteAheadLog", "TableEngine", "PostgresClient", "CEdit",
    ]),
]

/// Tests: name, what it tests.
let tests: [(name: String, uses: [String])] = [
    ("TidyTests", ["Base"]),
    ("BaseTests", ["Base", "Platform", "Columnar"]),
    ("WriteAheadLogTests", ["WriteAheadLog", "Base", "Platform"]),
    ("ReactorTests", ["Reactor", "Base", "Platform"]),
    ("SQLSyntaxTests", ["SQLSyntax", "Base"]),
    ("LearnedIndexTests", ["LearnedIndex", "Columnar", "Base", "Platform"]),
    ("DuckDBKitTests", ["DuckDBKit", "Columnar", "Base", "Platform"]),
    ("SQLPlanningTests", ["SQLPlanning", "Catalog", "Columnar", "Base", "Platform"]),
    ("SQLPlanningOracleTests", ["SQLPlanning", "DuckDBKit", "Columnar", "Base", "Platform"]),
    ("ColumnStoreTests", ["ColumnStore", "DuckDBKit", "Columnar", "Base", "Platform"]),
    ("CatalogTests", ["Catalog", "ControlStore", "Base", "Columnar", "Platform"]),
    ("DatasetEngineTests", [
        "DatasetEngine", "ColumnStore", "DuckDBKit", "Catalog", "ControlStore", "Columnar", "Base", "Platform",
    ]),
    ("TableEngineTests", [
        "TableEngine", "LearnedIndex", "WriteAheadLog", "ColumnStore", "DuckDBKit", "Catalog", "Columnar", "Base", "Platform",
    ]),
    ("IcebergWriterTests", ["IcebergWriter", "DuckDBKit", "Columnar", "Base", "Platform"]),
    ("PostgresCatalogTests", ["PostgresCatalog", "SQLSyntax", "DuckDBKit", "Catalog", "Columnar", "Base", "Platform"]),
    ("StreamEngineTests", ["CAllocations", "StreamEngine", "SQLPlanning", "Catalog", "Columnar", "Base", "Platform"]),
    ("ConnectorsTests", ["Connectors", "StreamEngine", "SQLPlanning", "Catalog", "Columnar", "Base", "Platform"]),
    ("StreamOracleTests", ["Nexmark", "StreamEngine", "DuckDBKit", "SQLPlanning", "Columnar", "Base", "Platform"]),
    ("StreamHostTests", [
        "CAllocations", "StreamHost", "StreamEngine", "TableEngine", "WriteAheadLog", "DuckDBKit", "ControlStore", "Catalog", "Columnar", "Base", "Platform",
    ]),
    ("SessionTests", ["Session", "TableEngine", "SQLSyntax", "DuckDBKit", "Catalog", "ControlStore", "Columnar", "Base", "Platform"]),
    ("PostgresDoorTests", [
        "PostgresDoor", "Session", "SQLSyntax", "Reactor", "Catalog", "DuckDBKit", "Columnar", "Base", "Platform",
    ]),
    ("HTTPDoorTests", ["HTTPDoor", "Session", "Reactor", "Columnar", "Base", "Platform"]),
    ("EmbeddedTests", ["Leibrix", "DuckDBKit", "Connectors", "Catalog", "Columnar", "Base", "Platform"]),
    ("ServerTests", ["leibrix-cli", "Leibrix", "Benchmarks", "PostgresClient", "DuckDBKit", "Columnar", "Base", "Platform"]),
]

/// `LEIBRIX_ONLY=SQLSyntaxTests swift test` builds that test target and what it needs, nothing else.
let only = Context.environment["LEIBRIX_ONLY"].map { $0.split(separator: ",").map(String.init) }
let wantedTests = tests.filter { only?.contains($0.name) ?? true }

func wantedRooms() -> [Room] {
    guard let only else { return rooms }
    var names = Set(only + wantedTests.flatMap(\.uses))
    for room in rooms.reversed() where names.contains(room.name) { names.formUnion(room.uses) }
    return rooms.filter { names.contains($0.name) }
}

let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableExperimentalFeature("Lifetimes"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .unsafeFlags(["-Xcc", "-I\(deps)/duckdb/include"]),
    // Tests run with the checks of exclusive access. The door's generic code is made for its one service across modules.
    .unsafeFlags(["-enforce-exclusivity=unchecked", "-cross-module-optimization"], .when(configuration: .release)),
]
let cSettings: [CSetting] = [.unsafeFlags(["-I\(deps)/duckdb/include", "-fvisibility=hidden", "-O2"])]
// Undefined for every file: under DEBUG, DuckDB's headers declare other class layouts than the library was built with.
let cxxSettings: [CXXSetting] = [
    .unsafeFlags(["-I\(deps)/duckdb/include", "-w", "-O2", "-UDEBUG"]), .define("NDEBUG", .when(configuration: .release)),
]
let linkPaths: [LinkerSetting] = [
    .unsafeFlags(["-L\(deps)/duckdb/lib", "-Xlinker", "-rpath", "-Xlinker", "\(deps)/duckdb/lib"])
]

func target(_ room: Room) -> Target {
    let dependencies = room.uses.map { Target.Dependency.target(name: $0) }
    let links = room.links.map { LinkerSetting.linkedLibrary($0) }
    switch room.kind {
    case .c, .system:
        return .target(
            name: room.name, dependencies: dependencies, path: "Sources/\(room.name)",
            cSettings: cSettings, cxxSettings: cxxSettings, linkerSettings: linkPaths + links)
    case .swift:
        return .target(
            name: room.name, dependencies: dependencies, path: "Sources/\(room.name)", swiftSettings: swiftSettings,
            linkerSettings: links)
    case .executable:
        return .executableTarget(
            name: room.name, dependencies: dependencies, path: "Sources/\(room.name)", swiftSettings: swiftSettings,
            linkerSettings: links)
    }
}

let package = Package(
    name: "Leibrix",
    products: only != nil
        ? []
        : [
            .library(name: "Leibrix", targets: ["Leibrix"]),
            .executable(name: "leibrix", targets: ["leibrix-cli"]),
        ],
    targets: wantedRooms().map(target)
        + wantedTests.map { test in
            .testTarget(
                name: test.name, dependencies: test.uses.map { .target(name: $0) }, path: "Tests/\(test.name)",
                swiftSettings: swiftSettings)
        },
    cxxLanguageStandard: .cxx17
)
