internal import Base
internal import Catalog
internal import Columnar
internal import Platform
internal import SQLSyntax
internal import StreamHost

extension SQLSession {
    /// ALTER SOURCE name ADD COLUMN column type | SET (option = value, …)
    func alter(_ name: SQLSyntax.ObjectName, _ action: AlterSourceAction, _ parsed: ParsedQuery, _ host: StreamHost) async throws(LeibrixError) {
        let last = try streamName(name)
        guard let object = host.object(last.name), object.kind == .source else {
            let names = host.objects.filter { $0.kind == .source }.map(\.name)
            throw LeibrixError(
                .streamUndefined, "source \"\(last.name)\" does not exist",
                hint: suggestion(for: last.name, among: names, what: "sources") ?? "SHOW SOURCES lists what there is.", position: last.position)
        }
        try requireOwner(object.owner, "source", object.name)
        var changes: [SourceChange] = []
        var position = last.position
        switch action {
        case .addColumn(let column):
            position = column.name.position
            changes = [.addColumn(try field(column, parsed))]
        case .set(let options):
            position = options[0].name.position
            changes = try self.changes(options, of: object)
        }
        do throws(LeibrixError) {
            let text = parsed.sql
            try await host.pool.run { [changes] () throws(LeibrixError) in try host.alter(last.name, changes, text: text) }
        } catch {
            var error = error
            error.position = error.position ?? position
            throw error
        }
    }

    /// RESTORE FROM CHECKPOINT: the streams go back to it.
    func restore(_ number: Int, _ isForced: Bool, _ position: Int, _ host: StreamHost) async throws(LeibrixError) {
        guard user.isAdministrator else {
            throw LeibrixError(.permissionDenied, "permission denied for RESTORE", hint: "Ask an administrator: SHOW USERS lists them.", position: position)
        }
        do throws(LeibrixError) {
            _ = try await host.pool.run { () throws(LeibrixError) in try host.restore(checkpoint: number, isForced: isForced) }
        } catch {
            var error = error
            error.position = error.position ?? position
            throw error
        }
    }

    /// The source's own options, and those of its connector, which reads where the server may.
    private func changes(_ options: [StatementOption], of object: StreamObject) throws(LeibrixError) -> [SourceChange] {
        var changes: [SourceChange] = []
        var others: [SpecOption] = []
        for option in options {
            switch option.name.name {
            case "idle_timeout": changes.append(.idleTimeout(micros: Self.isOff(option.value) ? nil : try duration(option)))
            case "partition", "partition_column":
                throw LeibrixError(
                    .streamConfiguration, "option \"\(option.name.name)\" cannot be changed",
                    hint: "Streams have been told the time by it: CREATE OR REPLACE SOURCE makes it anew.", position: option.name.position)
            default: others.append(option.spec)
            }
        }
        guard !others.isEmpty else { return changes }
        guard object.connector == nil || user.isAdministrator else {
            throw LeibrixError(
                .permissionDenied, "permission denied for options of a connector", hint: "Ask an administrator: SHOW USERS lists them.", position: options[0].name.position)
        }
        return changes + [.options(others)]
    }

    /// off, no, false or NULL
    private static func isOff(_ value: OptionValue) -> Bool { value == .null || value == .boolean(false) }
}
