/// A stable error code: LBX-NNNN, or LDB-NNNN for streams. Open: any target may add one here, never elsewhere.
///
/// Ranges: 0 internal, 1 syntax and names, 2 data and types, 3 resources and limits, 4 catalogs and sources,
/// 5 datasets and epochs, 6 storage, 7 sessions and security, 8 transactions, 9 protocol.
public struct ErrorCode: RawRepresentable, Hashable, Sendable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    // 0: internal
    public static let `internal` = ErrorCode(rawValue: "LBX-0001")
    public static let notSupported = ErrorCode(rawValue: "LBX-0002")
    public static let io = ErrorCode(rawValue: "LBX-0003")
    public static let shuttingDown = ErrorCode(rawValue: "LBX-0004")
    // 1: syntax and names
    public static let syntax = ErrorCode(rawValue: "LBX-1001")
    public static let undefinedRelation = ErrorCode(rawValue: "LBX-1002")
    public static let undefinedColumn = ErrorCode(rawValue: "LBX-1003")
    public static let undefinedFunction = ErrorCode(rawValue: "LBX-1004")
    public static let undefinedObject = ErrorCode(rawValue: "LBX-1005")
    public static let duplicateObject = ErrorCode(rawValue: "LBX-1006")
    public static let undefinedSchema = ErrorCode(rawValue: "LBX-1007")
    public static let ambiguousName = ErrorCode(rawValue: "LBX-1008")
    public static let invalidOption = ErrorCode(rawValue: "LBX-1009")
    public static let undefinedParameter = ErrorCode(rawValue: "LBX-1010")
    public static let invalidName = ErrorCode(rawValue: "LBX-1011")
    public static let undefinedStatement = ErrorCode(rawValue: "LBX-1012")
    public static let duplicateStatement = ErrorCode(rawValue: "LBX-1013")
    public static let undefinedCursor = ErrorCode(rawValue: "LBX-1014")
    public static let duplicateCursor = ErrorCode(rawValue: "LBX-1015")
    public static let objectInUse = ErrorCode(rawValue: "LBX-1016")
    public static let duplicateRelation = ErrorCode(rawValue: "LBX-1017")
    public static let readOnlyRelation = ErrorCode(rawValue: "LBX-1018")
    public static let grouping = ErrorCode(rawValue: "LBX-1019")
    // 2: data and types
    public static let invalidValue = ErrorCode(rawValue: "LBX-2001")
    public static let typeMismatch = ErrorCode(rawValue: "LBX-2002")
    public static let outOfRange = ErrorCode(rawValue: "LBX-2003")
    public static let divisionByZero = ErrorCode(rawValue: "LBX-2004")
    public static let constraint = ErrorCode(rawValue: "LBX-2005")
    // 3: resources and limits
    public static let memoryBudget = ErrorCode(rawValue: "LBX-3001")
    public static let statementTimeout = ErrorCode(rawValue: "LBX-3002")
    public static let cancelled = ErrorCode(rawValue: "LBX-3003")
    public static let tooManyConnections = ErrorCode(rawValue: "LBX-3004")
    public static let queueFull = ErrorCode(rawValue: "LBX-3005")
    public static let limitExceeded = ErrorCode(rawValue: "LBX-3006")
    public static let idleTimeout = ErrorCode(rawValue: "LBX-3007")
    public static let diskFull = ErrorCode(rawValue: "LBX-3008")
    // 4: catalogs and sources
    public static let undefinedCatalog = ErrorCode(rawValue: "LBX-4001")
    public static let sourceUnavailable = ErrorCode(rawValue: "LBX-4002")
    public static let sourceCorrupt = ErrorCode(rawValue: "LBX-4003")
    public static let undefinedSourceTable = ErrorCode(rawValue: "LBX-4004")
    // 5: datasets and epochs
    public static let undefinedDataset = ErrorCode(rawValue: "LBX-5001")
    public static let validationFailed = ErrorCode(rawValue: "LBX-5002")
    public static let incompatibleSchema = ErrorCode(rawValue: "LBX-5003")
    public static let notReady = ErrorCode(rawValue: "LBX-5004")
    // 6: storage
    public static let corruptSegment = ErrorCode(rawValue: "LBX-6001")
    public static let directoryLocked = ErrorCode(rawValue: "LBX-6002")
    public static let logFailed = ErrorCode(rawValue: "LBX-6003")
    public static let corruptLog = ErrorCode(rawValue: "LBX-6004")
    public static let changesLost = ErrorCode(rawValue: "LBX-6005")
    // 7: sessions and security
    public static let authenticationFailed = ErrorCode(rawValue: "LBX-7001")
    public static let permissionDenied = ErrorCode(rawValue: "LBX-7002")
    public static let undefinedUser = ErrorCode(rawValue: "LBX-7003")
    public static let undefinedDatabase = ErrorCode(rawValue: "LBX-7004")
    // 8: transactions
    public static let failedTransaction = ErrorCode(rawValue: "LBX-8001")
    public static let noActiveTransaction = ErrorCode(rawValue: "LBX-8002")
    public static let readOnlyTransaction = ErrorCode(rawValue: "LBX-8003")
    public static let undefinedSavepoint = ErrorCode(rawValue: "LBX-8004")
    public static let serializationFailure = ErrorCode(rawValue: "LBX-8005")
    public static let deadlock = ErrorCode(rawValue: "LBX-8006")
    public static let lockNotAvailable = ErrorCode(rawValue: "LBX-8007")
    // 9: protocol
    public static let protocolViolation = ErrorCode(rawValue: "LBX-9001")
    public static let configuration = ErrorCode(rawValue: "LBX-9002")
    // Streams, LDB: 0 configuration, 1 SQL, 2 windows, 3 joins, 4 state, 5 connectors, 6 checkpoints, 7 planning, 8 internal,
    // 9 rows (those codes are made on the hot path: StreamEngine's HotPathError)
    public static let streamConfiguration = ErrorCode(rawValue: "LDB-0001")
    public static let streamUndefined = ErrorCode(rawValue: "LDB-1001")
    public static let streamDuplicate = ErrorCode(rawValue: "LDB-1002")
    public static let streamNotSupported = ErrorCode(rawValue: "LDB-1003")
    public static let streamInUse = ErrorCode(rawValue: "LDB-1004")
    public static let streamEmitMode = ErrorCode(rawValue: "LDB-2001")
    public static let streamWindow = ErrorCode(rawValue: "LDB-2002")
    public static let streamNoEventTime = ErrorCode(rawValue: "LDB-2003")
    public static let streamUnboundedJoin = ErrorCode(rawValue: "LDB-3001")
    public static let streamJoin = ErrorCode(rawValue: "LDB-3002")
    public static let streamStateFull = ErrorCode(rawValue: "LDB-4001")
    public static let streamStateCorrupt = ErrorCode(rawValue: "LDB-4002")
    public static let streamBehind = ErrorCode(rawValue: "LDB-4003")
    public static let streamStopped = ErrorCode(rawValue: "LDB-4004")
    public static let streamSnapshotTooOld = ErrorCode(rawValue: "LDB-4005")
    public static let streamRejected = ErrorCode(rawValue: "LDB-5001")
    public static let streamSchema = ErrorCode(rawValue: "LDB-5002")
    public static let streamConnector = ErrorCode(rawValue: "LDB-5003")
    public static let streamSourceFailed = ErrorCode(rawValue: "LDB-5004")
    public static let streamNoCheckpoint = ErrorCode(rawValue: "LDB-6001")
    public static let streamCheckpointCorrupt = ErrorCode(rawValue: "LDB-6002")
    public static let streamUnbounded = ErrorCode(rawValue: "LDB-7001")
    public static let streamOverChanges = ErrorCode(rawValue: "LDB-7002")
}

extension ErrorCode {
    /// The code's SQLSTATE, HTTP status and gRPC status code.
    public var statuses: (sqlState: String, http: Int, grpc: Int) { Self.table[self] ?? ("XX000", 500, 13) }
    public var sqlState: String { statuses.sqlState }
    public var httpStatus: Int { statuses.http }
    public var grpcStatus: Int { statuses.grpc }

    /// Every code with its statuses: the one table that docs/operating/errors.md is checked against.
    public static let table: [ErrorCode: (sqlState: String, http: Int, grpc: Int)] = [
        .internal: ("XX000", 500, 13), .notSupported: ("0A000", 501, 12), .io: ("58030", 500, 13),
        .shuttingDown: ("57P01", 503, 14),
        .syntax: ("42601", 400, 3), .undefinedRelation: ("42P01", 404, 5), .undefinedColumn: ("42703", 400, 3),
        .undefinedFunction: ("42883", 400, 3), .undefinedObject: ("42704", 404, 5), .duplicateObject: ("42710", 409, 6),
        .undefinedSchema: ("3F000", 404, 5), .ambiguousName: ("42702", 400, 3), .invalidOption: ("22023", 400, 3),
        .undefinedParameter: ("42P02", 400, 3), .invalidName: ("42602", 400, 3), .undefinedStatement: ("26000", 404, 5),
        .duplicateStatement: ("42P05", 409, 6), .undefinedCursor: ("34000", 404, 5), .duplicateCursor: ("42P03", 409, 6),
        .objectInUse: ("55006", 409, 9), .duplicateRelation: ("42P07", 409, 6), .readOnlyRelation: ("42809", 400, 9),
        .grouping: ("42803", 400, 3),
        .invalidValue: ("22P02", 400, 3), .typeMismatch: ("42804", 400, 3), .outOfRange: ("22003", 400, 11),
        .divisionByZero: ("22012", 400, 3), .constraint: ("23000", 409, 9),
        .memoryBudget: ("53200", 507, 8), .statementTimeout: ("57014", 504, 4), .cancelled: ("57014", 499, 1),
        .tooManyConnections: ("53300", 503, 8), .queueFull: ("53000", 503, 8), .limitExceeded: ("54000", 400, 8),
        .idleTimeout: ("57P05", 408, 4), .diskFull: ("53100", 507, 8),
        .undefinedCatalog: ("3D000", 404, 5), .sourceUnavailable: ("08001", 502, 14), .sourceCorrupt: ("XX001", 502, 15),
        .undefinedSourceTable: ("42P01", 404, 5),
        .undefinedDataset: ("42P01", 404, 5), .validationFailed: ("55000", 502, 9), .incompatibleSchema: ("55000", 409, 9),
        .notReady: ("55000", 503, 14),
        .corruptSegment: ("XX001", 500, 15), .directoryLocked: ("55006", 409, 9),
        .logFailed: ("58030", 500, 13), .corruptLog: ("XX001", 500, 15), .changesLost: ("55000", 409, 9),
        .authenticationFailed: ("28P01", 401, 16), .permissionDenied: ("42501", 403, 7), .undefinedUser: ("28000", 401, 16),
        .undefinedDatabase: ("3D000", 404, 5),
        .failedTransaction: ("25P02", 400, 9), .noActiveTransaction: ("25P01", 400, 9),
        .readOnlyTransaction: ("25006", 400, 9), .undefinedSavepoint: ("3B001", 404, 5),
        .serializationFailure: ("40001", 409, 10), .deadlock: ("40P01", 409, 10), .lockNotAvailable: ("55P03", 409, 10),
        .protocolViolation: ("08P01", 400, 3), .configuration: ("F0000", 400, 3),
        .streamConfiguration: ("22023", 400, 3), .streamUndefined: ("42P01", 404, 5), .streamDuplicate: ("42P07", 409, 6),
        .streamNotSupported: ("0A000", 501, 12), .streamInUse: ("2BP01", 409, 9), .streamEmitMode: ("0A000", 400, 3),
        .streamWindow: ("22023", 400, 3), .streamNoEventTime: ("42P17", 400, 3), .streamUnboundedJoin: ("0A000", 400, 3),
        .streamJoin: ("0A000", 400, 3), .streamStateFull: ("53200", 507, 8), .streamStateCorrupt: ("XX001", 500, 15),
        .streamBehind: ("55000", 503, 14), .streamStopped: ("55000", 503, 9), .streamSnapshotTooOld: ("72000", 409, 10),
        .streamRejected: ("53000", 503, 8), .streamSchema: ("42804", 400, 3), .streamConnector: ("22023", 400, 3),
        .streamSourceFailed: ("58030", 500, 9), .streamNoCheckpoint: ("42704", 404, 5),
        .streamCheckpointCorrupt: ("XX001", 500, 15), .streamUnbounded: ("0A000", 400, 3), .streamOverChanges: ("0A000", 400, 3),
    ]
}
