internal import Base
internal import Leibrix
internal import Platform

extension Shell {
    /// Reads lines from the terminal until the end.
    func interact() -> Int32 {
        var completion = Completion()
        var changed = false
        catalogChanged = { changed = true }
        let history = Environment.variables["LEIBRIX_HISTORY"] ?? Environment.variables["HOME"].map { $0 + "/.leibrix_history" }
        let editor = LineEditor(historyFile: history) { [connection] line in
            if changed { completion.invalidate() }
            changed = false
            return completion.candidates(line, connection)
        }
        guard let editor else {
            Console.error(LeibrixError(.io, "the terminal cannot be used", hint: "Use -c or -f, or give statements on standard input."))
            return 1
        }
        Console.line("leibrix \(Version.current), PostgreSQL protocol \(connection.serverVersion). \\? for help, \\q to leave.")
        loop(editor)
        return 0
    }

    private func loop(_ editor: LineEditor) {
        var buffer = StatementBuffer()
        while !isOver {
            switch editor.read(prompt(buffer)) {
            case .end:
                Console.line("")
                return
            case .interrupted: buffer.clear()
            case .text(let line):
                guard !line.trimmed.isEmpty else { continue }
                if buffer.isEmpty, line.trimmed.hasPrefix("\\") {
                    editor.remember(line)
                    command(line.trimmed)
                    continue
                }
                for statement in buffer.add(line) {
                    editor.remember(statement.split(separator: "\n").joined(separator: " ") + ";")
                    execute(statement)
                }
            }
        }
    }

    private func prompt(_ buffer: StatementBuffer) -> String {
        if !buffer.isEmpty { return buffer.isInsideQuote ? "leibrix'> " : "leibrix-> " }
        return connection.isFailed ? "leibrix!> " : connection.isInTransaction ? "leibrix*> " : "leibrix=> "
    }
}
