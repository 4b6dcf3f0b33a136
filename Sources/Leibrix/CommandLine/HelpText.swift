/// `--help` of a command, from its flags and the table of settings.
public enum HelpText {
    public static func command(_ usage: String, _ summary: String, flags: [Arguments.Flag], settings: Bool, more: String = "") -> String {
        var text = "\(summary)\n\nUsage: leibrix \(usage)\n"
        if !flags.isEmpty { text += "\nFlags:\n" + table(flags.map { (spelled($0), $0.help) } + [("--help", "This text.")]) }
        if settings {
            text += "\nSettings (flags over LEIBRIX_* variables over the file over defaults):\n"
            text += table(Setting.table.map { setting in
                let shown = setting.defaultText.isEmpty ? "" : " [\(setting.defaultText)]"
                return ("\(setting.flag)\(setting.isBoolean ? "" : " " + setting.placeholder)", setting.help + shown)
            })
        }
        if !more.isEmpty { text += "\n" + more + "\n" }
        return text
    }

    private static func spelled(_ flag: Arguments.Flag) -> String {
        (flag.short.map { "-\($0), " } ?? "") + "--\(flag.name)" + (flag.placeholder.map { " \($0)" } ?? "")
    }

    /// Two columns, the first as wide as its longest.
    public static func table(_ rows: [(String, String)]) -> String {
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { "  \($0.0)\(String(repeating: " ", count: width - $0.0.count))  \($0.1)\n" }.joined()
    }
}
