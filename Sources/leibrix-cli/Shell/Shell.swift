// Statements and commands to results, whether typed, from a file or from -c.
internal import Base
internal import Platform
internal import PostgresClient

final class Shell {
    let connection: ShellConnection
    var format: OutputFormat
    var isTiming = false
    var isExpanded = false
    /// Whether the end of the session was asked for.
    private(set) var isOver = false
    private(set) var hasFailed = false
    /// Set after statements that made or dropped something.
    var catalogChanged: () -> Void = {}
    private var output: String?
    private var inputDepth = 0
    static let inputDepthMax = 16

    init(_ connection: ShellConnection, format: OutputFormat) {
        self.connection = connection
        self.format = format
    }

    /// Runs a text of statements and commands. Stops at the first failure when `stopping`.
    func run(text: String, stopping: Bool) {
        var buffer = StatementBuffer()
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if buffer.isEmpty, line.trimmed.hasPrefix("\\") {
                command(line.trimmed)
            } else {
                for statement in buffer.add(line) where !(stopping && hasFailed) { execute(statement) }
            }
            if isOver || (stopping && hasFailed) { return }
        }
        for statement in buffer.takeRest() where !(stopping && hasFailed) { execute(statement) }
    }

    func execute(_ sql: String) {
        let start = Clock.system.monotonicNanos()
        do throws(ClientError) {
            let results = try connection.run(sql)
            let elapsed = Clock.system.monotonicNanos() - start
            notices(sql)
            for result in results { show(result) }
            if isTiming { Console.line("Time: \(Self.milliseconds(elapsed)) ms") }
        } catch {
            notices(sql)
            hasFailed = true
            Console.write(ErrorText.text(error, statement: sql), to: 2)
            if case .connection = error { reconnect() }
        }
    }

    private func show(_ result: StatementResult) {
        if !result.copied.isEmpty { emit(String(decoding: result.copied, as: UTF8.self)) }
        if !result.fields.isEmpty {
            emit(format.text(result, expanded: isExpanded))
        } else if !result.tag.isEmpty, format == .table {
            Console.line(result.tag)
        }
        if ["CREATE", "DROP", "ALTER"].contains(where: result.tag.hasPrefix) { catalogChanged() }
    }

    private func notices(_ sql: String) {
        for notice in connection.takeNotices() { Console.write(ErrorText.text(.server(notice), statement: sql), to: 2) }
    }

    private func reconnect() {
        do throws(ClientError) {
            try connection.reopen()
            Console.write("leibrix: connected again\n", to: 2)
        } catch {
            isOver = true
        }
    }

    private func emit(_ text: String) {
        guard let output else { return Console.write(text) }
        do throws(LeibrixError) {
            let file = try File(output, .write)
            let bytes = Array(text.utf8)
            try unsafe file.write(bytes.span.bytes, at: file.size())
        } catch {
            fail(error)
        }
    }

    private func fail(_ error: LeibrixError) {
        hasFailed = true
        Console.error(error)
    }

    static func milliseconds(_ nanos: UInt64) -> String {
        let micros = nanos / 1_000
        return "\(micros / 1_000).\(padded(Int(micros % 1_000), 3))"
    }
}

extension Shell {
    func command(_ line: String) {
        do throws(LeibrixError) {
            try perform(MetaCommand(parsing: line))
        } catch {
            fail(error)
        }
    }

    private func perform(_ command: MetaCommand) throws(LeibrixError) {
        if let query = command.query { return try describe(command, query) }
        switch command {
        case .timing(let value):
            isTiming = try toggled(isTiming, value)
            Console.line("Timing is \(isTiming ? "on" : "off").")
        case .expanded(let value):
            isExpanded = try toggled(isExpanded, value)
            Console.line("Expanded display is \(isExpanded ? "on" : "off").")
        case .output(let path):
            output = path
            if let path { _ = try File(path, .create) }
        case .input(let path): try runFile(path, stopping: false)
        case .format(nil): Console.line(format.rawValue)
        case .format(let name?):
            guard let chosen = OutputFormat(rawValue: name) else {
                throw LeibrixError(.invalidOption, "there is no format \(name)", hint: "Choose table, csv or json.")
            }
            format = chosen
        case .help: Console.write(MetaCommand.helpText)
        case .quit: isOver = true
        default: break
        }
    }

    private func describe(_ command: MetaCommand, _ query: String) throws(LeibrixError) {
        do throws(ClientError) {
            let results = try connection.run(query)
            if case .describe(let name?) = command {
                guard results.first?.rows.isEmpty == false else {
                    throw ClientError.unexpected("there is no relation \(name)")
                }
                Console.line("Relation \(name)")
            }
            for result in results { emit(format.text(result, expanded: isExpanded)) }
        } catch {
            if case .unexpected(let message) = error { throw LeibrixError(.undefinedRelation, message, hint: "\\d lists relations.") }
            Console.write(ErrorText.text(error, statement: query), to: 2)
            throw LeibrixError(.internal, "the catalog could not be read")
        }
    }

    private func toggled(_ now: Bool, _ value: String?) throws(LeibrixError) -> Bool {
        switch value?.lowercased() {
        case nil: return !now
        case "on"?: return true
        case "off"?: return false
        default: throw LeibrixError(.invalidOption, "'\(value!)' is neither on nor off")
        }
    }

    func runFile(_ path: String, stopping: Bool) throws(LeibrixError) {
        guard inputDepth < Self.inputDepthMax else { throw LeibrixError(.limitExceeded, "files run each other \(Self.inputDepthMax) deep") }
        inputDepth += 1
        defer { inputDepth -= 1 }
        run(text: String(decoding: try Files.read(path), as: UTF8.self), stopping: stopping)
    }
}
