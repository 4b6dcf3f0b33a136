// leibrix backup, verify, restore: a data directory, by its files, whether a server has it or not.
internal import Base
internal import Leibrix
internal import TableEngine
internal import WriteAheadLog

enum BackupCommand: Command {
    static let name = "backup"
    static let summary = "Back up a data directory (control store and tables), while its server runs or not."
    static let usage = "TARGET --data DIR [--incremental BASE]"
    static let flags = [
        Arguments.Flag("data", placeholder: "DIR", "The server's data directory."),
        Arguments.Flag("incremental", placeholder: "BASE", "An earlier backup: what it has is not copied, and it is needed to restore."),
    ]
    static let more = "Datasets are not in it: they are loaded again from their sources."

    static func run(_ arguments: Arguments) throws(LeibrixError) -> Int32 {
        let target = try BackupText.operand(arguments, "the backup's directory")
        let data = try BackupText.required(arguments, "data")
        let parts = try ServerBackup.make(data: data, to: target, base: arguments.value("incremental"))
        for part in parts {
            Console.write(
                "\(BackupText.tenant(part.folder)): \(part.tables.files) files, \(part.tables.bytesCopied) bytes copied, \(part.tables.inherited) files in bases\n"
                    + BackupText.range(part.tables))
        }
        return 0
    }
}

enum VerifyCommand: Command {
    static let name = "verify"
    static let summary = "Read a backup whole, its bases included, and check every checksum."
    static let usage = "BACKUP"

    static func run(_ arguments: Arguments) throws(LeibrixError) -> Int32 {
        for part in try ServerBackup.verify(try BackupText.operand(arguments, "a backup's directory")) {
            Console.write("\(BackupText.tenant(part.folder)): \(part.tables.files) files are whole\n" + BackupText.range(part.tables))
        }
        return 0
    }
}

enum RestoreCommand: Command {
    static let name = "restore"
    static let summary = "Make a data directory of a backup."
    static let usage = "BACKUP --data NEW [--to LSN|TIME] [--tenant NAME]"
    static let flags = [
        Arguments.Flag("data", placeholder: "NEW", "The directory to make; it must not hold a server's data."),
        Arguments.Flag("to", placeholder: "LSN|TIME", "Stop behind the last commit before: 0/2A001000, or 2026-11-21T14:00:00Z (UTC). [everything]"),
        Arguments.Flag("tenant", placeholder: "NAME", "Whose tables --to is for; the others' are restored whole. [every tenant's, for a time]"),
    ]

    static func run(_ arguments: Arguments) throws(LeibrixError) -> Int32 {
        let backup = try BackupText.operand(arguments, "a backup's directory")
        let data = try BackupText.required(arguments, "data")
        for part in try ServerBackup.restore(backup, to: try goal(arguments.value("to")), tenant: arguments.value("tenant"), data: data) {
            Console.write("\(BackupText.tenant(part.folder)): every commit up to \(part.end)\n")
        }
        return 0
    }

    private static func goal(_ text: String?) throws(LeibrixError) -> TableBackup.Goal {
        guard let text else { return .everything }
        if let position = LSN(text) { return .position(position) }
        if let micros = BackupText.micros(text) { return .time(micros) }
        throw LeibrixError(.configuration, "'\(text)' is no position and no time", hint: "Write 0/2A001000, or 2026-11-21T14:00:00Z.")
    }
}

enum BackupText {
    static func operand(_ arguments: Arguments, _ what: String) throws(LeibrixError) -> String {
        guard let operand = arguments.operands.first, arguments.operands.count == 1 else {
            throw LeibrixError(.configuration, "\(what) is missing", hint: "See --help.")
        }
        return operand
    }

    static func required(_ arguments: Arguments, _ flag: String) throws(LeibrixError) -> String {
        guard let value = arguments.value(flag) else { throw LeibrixError(.configuration, "--\(flag) is missing", hint: "See --help.") }
        return value
    }

    /// A tenant's folder in a backup, for people.
    static func tenant(_ folder: String) -> String { folder.isEmpty ? "default tenant" : folder }

    static func range(_ summary: TableBackup.Summary) -> String { "commits from \(summary.from) to \(summary.to) can be restored\n" }

    /// YYYY-MM-DD, then T or a blank, HH:MM:SS and perhaps Z; in UTC.
    static func micros(_ text: String) -> Int64? {
        let parts = text.split { !$0.isNumber }.compactMap { Int($0) }
        guard parts.count == 6, text.hasSuffix("Z") || text.last?.isNumber == true, (1...12).contains(parts[1]), (1...31).contains(parts[2]),
            parts[3] < 24, parts[4] < 60, parts[5] < 60
        else { return nil }
        let days = CivilDate(year: parts[0], month: parts[1], day: parts[2]).daysSinceEpoch
        return (Int64(days) * 86_400 + Int64(parts[3] * 3_600 + parts[4] * 60 + parts[5])) * 1_000_000
    }
}
