// The control store as one file beside it, whether a server has it open or not.
public import Base
internal import Platform

public enum ControlStoreCopy {
    public static let fileName = "control.db"

    /// Copies the store of a data directory, as it is at one moment, into a directory that has none. Blocks.
    public static func make(of directory: String, in target: String) throws(LeibrixError) {
        let path = target + "/" + fileName
        guard Files.exists(directory + "/" + fileName) else {
            throw LeibrixError(.configuration, "\(directory) holds no control store", hint: "Give the directory that serve was given with --data.")
        }
        guard !Files.exists(path) else {
            throw LeibrixError(.duplicateObject, "\(target) holds a control store already", hint: "Give a directory of its own.")
        }
        try Files.createDirectory(target)
        let database = try SQLiteDatabase(directory + "/" + fileName, .readOnly)
        try database.run("VACUUM INTO ?1", [.text(path)])
        try Files.syncDirectory(of: path)
    }

    /// Reads a whole copy. Throws `corruptSegment` for one that is damaged.
    public static func check(_ directory: String) throws(LeibrixError) {
        let path = directory + "/" + fileName
        guard Files.exists(path) else {
            throw LeibrixError(.corruptSegment, "\(path) is missing", hint: "Use another backup.")
        }
        let database = try SQLiteDatabase(path, .readOnly)
        let verdict = try? database.run("PRAGMA integrity_check")
        guard verdict?.first?.first?.text == "ok" else {
            throw LeibrixError(.corruptSegment, "\(path) is damaged", hint: "Use another backup.")
        }
    }
}
