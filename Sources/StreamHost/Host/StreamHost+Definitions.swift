public import Base
internal import Catalog
internal import Columnar
internal import Connectors
internal import ControlStore
internal import DuckDBKit
internal import Platform
internal import SQLPlanning
internal import StreamEngine
internal import Synchronization

extension StreamHost {
    /// Makes a source, stream, view or sink, and remembers it. Blocks. Throws what its query is refused with, with positions in
    /// the query's text; `streamDuplicate` for a name that is taken.
    ///
    /// With `orReplace` one of the same kind goes first; it must not be read by others.
    public func create(_ object: StreamObject, orReplace: Bool = false) throws(LeibrixError) {
        var object = object
        try resolveInputs(of: &object)
        if !object.tables.isEmpty { return try createFollowing(object, orReplace: orReplace) }
        try defining { () throws(LeibrixError) in try finish(begin(object, orReplace: orReplace)) }
    }

    /// What was made, before it is remembered.
    struct Made {
        var object: StreamObject
        /// With what was made along.
        var all: [StreamObject]
        var runner: SourceRunner?
    }

    /// Makes an object in the engine. While definitions are locked, as is `finish`.
    func begin(_ wanted: StreamObject, orReplace: Bool) throws(LeibrixError) -> Made {
        var object = wanted
        if let old = self.object(object.name) {
            guard orReplace, old.kind == object.kind else { throw Self.duplicate(old) }
            try drop(old, cascade: false)
        }
        if let late = object.lateName, let old = self.object(late) { throw Self.duplicate(old) }
        guard state.withLock({ $0.objects.count }) < StreamHostLimits.objectsMax else {
            throw LeibrixError(.limitExceeded, "there are \(StreamHostLimits.objectsMax) sources, streams and sinks already")
        }
        object.createdMicros = configuration.clock.wallMicros()
        let runner = try makeRunner(object)
        var all: [StreamObject] = []
        try atRest { () throws(LeibrixError) in
            (object.number, object.createdAt) = state.withLock { state in
                defer { state.nextNumber += 1 }
                return (state.nextNumber, state.position)
            }
            try build(object)
            all = [object]
            if let late = try buildLate(object) { all.append(late) }
        }
        if let busy = inputs(of: object).first(where: { name in state.withLock { $0.loading.contains { $0.lowercased() == name } } }) {
            for one in all.reversed() { try? forget(one) }
            throw Self.isBeingMade(busy)
        }
        return Made(object: object, all: all, runner: runner)
    }

    /// Remembers it, shows it and starts what runs by itself.
    func finish(_ made: Made) throws(LeibrixError) {
        do throws(LeibrixError) {
            try publish(made.object)
            try store.commit(made.all.map { .put(.setting(name: self.key($0), value: $0.json.text())) })
        } catch {
            for one in made.all.reversed() { try? forget(one) }
            throw error
        }
        startSink(made.object)
        if let runner = made.runner { startRunner(made.object, runner) }
    }

    private static func isBeingMade(_ name: String) -> LeibrixError {
        LeibrixError(.streamInUse, "\"\(name)\" is being made: its tables' rows are on the way", hint: "Try again when its CREATE has ended.", sqlState: "55006")
    }

    /// One definition at a time.
    func defining<T>(_ body: () throws(LeibrixError) -> T) throws(LeibrixError) -> T {
        let result = definitions.withLock { _ -> Result<T, LeibrixError> in
            do throws(LeibrixError) { return .success(try body()) } catch { return .failure(error) }
        }
        return try result.get()
    }

    /// Between two records.
    func atRest<T>(_ body: () throws(LeibrixError) -> T) throws(LeibrixError) -> T {
        let result = order.withLock { _ -> Result<T, LeibrixError> in
            do throws(LeibrixError) { return .success(try body()) } catch { return .failure(error) }
        }
        return try result.get()
    }

    static func duplicate(_ old: StreamObject) -> LeibrixError {
        LeibrixError(
            .streamDuplicate, "\(old.kind.rawValue.lowercased()) \"\(old.name)\" already exists",
            hint: "DROP \(old.kind.rawValue) \(old.name) first, or choose another name.")
    }

    /// Names of the control store's settings that hold objects.
    var keyPrefix: String { "stream/\(configuration.tenant)/" }
    func key(_ object: StreamObject) -> String { keyPrefix + object.name }

    // MARK: in the engine

    /// Makes an object in the engine and everything that hangs on it, but for what starts threads.
    func build(_ object: StreamObject) throws(LeibrixError) {
        switch object.kind {
        case .source:
            try engine.createSource(object.definition(version: 0))
            let handle = try engine.source(object.name)
            state.withLock { $0.handles[object.name] = handle }
            handlesVersion += 1
        case .stream, .view, .sink: try buildFollowing(object)
        case .late: break
        }
        state.withLock { $0.objects[object.name] = object }
    }

    /// With the sources that its tables are to the engine.
    private func buildFollowing(_ object: StreamObject) throws(LeibrixError) {
        do throws(LeibrixError) {
            try makeSources(object)
            if !object.lookups.isEmpty { state.withLock { $0.asksLookups = true } }
            if object.kind == .sink { try buildSink(object) } else { try buildStream(object) }
        } catch {
            dropSources(object)
            throw error
        }
    }

    /// What its tables and lookups are to the engine.
    func makeSources(_ object: StreamObject) throws(LeibrixError) {
        for input in object.tables {
            var source = SourceDefinition(input.source(of: object.name), input.columns)
            source.isChanges = true
            try engine.createSource(source)
            let handle = try engine.source(source.name)
            state.withLock { $0.handles[source.name] = handle }
        }
        for input in object.lookups {
            let name = input.source(of: object.name)
            try engine.createLookup(name, input.columns, RecordedLookup(name, input.columns, RelationLookup(database, input), lookups))
        }
    }

    func dropSources(_ object: StreamObject) {
        for input in object.tables {
            let name = input.source(of: object.name)
            try? engine.drop(name)
            state.withLock { $0.handles[name] = nil }
        }
        for input in object.lookups { try? engine.dropLookup(input.source(of: object.name)) }
    }

    /// The sources, streams and tables that an object reads, in lower case; a table's source by its name in the engine.
    func inputs(of object: StreamObject) -> [String] {
        switch object.kind {
        case .source, .late: []
        case .stream, .view: engine.inputs(of: object.name)
        case .sink: object.query == nil ? object.input.map { [$0.lowercased()] } ?? [] : engine.inputs(of: object.hiddenStream)
        }
    }

    private func buildStream(_ object: StreamObject) throws(LeibrixError) {
        let query = try following(object, parser.read(object.query ?? ""))
        try makeStream(object.name, query, Self.options(object), lateName: object.lateName, from: object.createdAt)
        let inputs = engine.inputs(of: object.name)
        state.withLock { state in
            let inherited = inputs.reduce(into: Set<Int64>()) { $0.formUnion(state.roots[$1] ?? []) }
            state.roots[object.name.lowercased()] = object.tables.isEmpty ? inherited : inherited.union([object.number])
        }
        guard object.kind == .view else { return }
        guard engine.changes(of: object.name) != .upsert else {
            try drop(engineStream: object.name)
            throw LeibrixError(
                .streamEmitMode, "rows of a materialized view must not replace each other", hint: "EMIT CHANGES, ON WINDOW CLOSE or FINAL.")
        }
        let columns = try engine.columns(of: object.name)
        let versions = versions(of: object)
        state.withLock { state in
            if let output = state.outputs[object.name] {
                let view = StreamView(columns, output.buffer, position: object.createdAt, versions: versions)
                output.view = view
                state.views[object.name] = view
            }
        }
    }

    /// What a view over tables has to do with their commits; nil for one that reads none.
    private func versions(of object: StreamObject) -> ViewVersions? {
        guard let tables, let roots = state.withLock({ $0.roots[object.name.lowercased()] }), !roots.isEmpty else { return nil }
        return ViewVersions(clock: follower.clock, tables: tables) { [weak self] (commit) throws(LeibrixError) in
            try self?.waitForTables(commit, roots)
        }
    }

    /// A stream of the engine's and the buffer its rows go to.
    func makeStream(
        _ name: String, _ query: Query, _ options: StreamOptions, lateName: String? = nil, from position: Int64
    ) throws(LeibrixError) {
        var onLate: ((borrowing StreamRows) -> Void)?
        if let lateName {
            guard let columns = lateColumns(query) else {
                throw LeibrixError(.streamNotSupported, "LATE DATA TO needs a query over one source or stream", hint: "Leave the clause out.")
            }
            onLate = capture(addOutput(lateName, columns, from: position))
        }
        do throws(LeibrixError) {
            try engine.createStream(name, query, options, late: lateName, onLate: onLate)
        } catch {
            if let lateName { _ = removeOutput(lateName) }
            throw error
        }
        let columns = try engine.columns(of: name)
        _ = try engine.subscribe(name, capture(addOutput(name, columns, from: position)))
    }

    private func addOutput(_ name: String, _ columns: [DataType.Field], from position: Int64) -> StreamOutput {
        let durable = state.withLock { $0.durable }
        let buffer = OutputBuffer(columns, from: position, durable: durable, retainedRowsMax: StreamHostLimits.retainedRowsMax)
        let output = StreamOutput(buffer)
        state.withLock { state in
            state.buffers[name] = buffer
            state.outputs[name] = output
        }
        return output
    }

    /// Rows of a stream that is gone: nobody gets more of them.
    private func removeOutput(_ name: String) -> OutputBuffer? {
        state.withLock { state in
            state.outputs.removeValue(forKey: name)?.view = nil
            state.views.removeValue(forKey: name)?.close()
            return state.buffers.removeValue(forKey: name)
        }
    }

    /// Columns of late rows: those of the relation that the query reads.
    private func lateColumns(_ query: Query) -> [DataType.Field]? {
        guard case .select(let select) = query.body, case .table(let table) = select.from.kind else { return nil }
        return try? engine.columns(of: table.name)
    }

    /// The object that a stream's late rows are read by.
    private func buildLate(_ object: StreamObject) throws(LeibrixError) -> StreamObject? {
        guard let name = object.lateName, let query = object.query, let columns = lateColumns(try parser.read(query)) else { return nil }
        var late = StreamObject(.late, name, tenant: object.tenant, owner: object.owner, text: object.text)
        (late.columns, late.input, late.createdMicros) = (columns, object.name, object.createdMicros)
        (late.number, late.createdAt) = state.withLock { state in
            defer { state.nextNumber += 1 }
            return (state.nextNumber, state.position)
        }
        try build(late)
        return late
    }

    func dropHidden(_ object: StreamObject) throws(LeibrixError) { try drop(engineStream: object.hiddenStream) }

    private func drop(engineStream name: String) throws(LeibrixError) {
        try engine.drop(name)
        state.withLock { $0.roots[name.lowercased()] = nil }
        removeOutput(name)?.close()
    }

    private func publish(_ object: StreamObject) throws(LeibrixError) {
        // Of what is no view nothing is published, but plans and pg_catalog notice that there is something new.
        let view = state.withLock { $0.views[object.name] }
        try relations.withLock { $0 }?.publish(view.map { [Self.relation(object.name, $0)] } ?? [])
    }

    // MARK: DROP

    /// Drops by name. Blocks. Throws `streamUndefined`, and `streamInUse` with the names of what reads it, unless `cascade` takes those along.
    public func drop(_ name: String, _ kind: StreamObject.Kind, cascade: Bool) throws(LeibrixError) {
        try defining { () throws(LeibrixError) in
            guard let object = self.object(name) else {
                throw LeibrixError(
                    .streamUndefined, "\(kind.rawValue.lowercased()) \"\(name)\" does not exist", hint: "SHOW \(kind.rawValue)S lists what there is.")
            }
            guard object.kind == kind else {
                throw LeibrixError(
                    .streamUndefined, "\"\(name)\" is not a \(kind.rawValue.lowercased()) but a \(object.kind.rawValue.lowercased())",
                    hint: object.kind == .late ? "It goes with \"\(object.input ?? "")\"." : "Use DROP \(object.kind.rawValue).")
            }
            try drop(object, cascade: cascade)
        }
    }

    /// Names of what reads a source or stream directly.
    func readers(of object: StreamObject) -> [StreamObject] {
        objects.filter { other in
            switch other.kind {
            case .sink, .stream, .view: inputs(of: other).contains(object.name.lowercased())
            case .late, .source: false
            }
        }
    }

    func drop(_ object: StreamObject, cascade: Bool) throws(LeibrixError) {
        if state.withLock({ $0.loading.contains(object.name) }) { throw Self.isBeingMade(object.name) }
        var readers = readers(of: object)
        let late = object.lateName.flatMap { self.object($0) }
        if let late { readers += self.readers(of: late) }
        guard readers.isEmpty || cascade else {
            throw LeibrixError(
                .streamInUse, "cannot drop \(object.kind.rawValue.lowercased()) \"\(object.name)\" because other objects depend on it",
                detail: readers.map { "\($0.kind.rawValue.lowercased()) \($0.name) depends on it" }.joined(separator: "\n"),
                hint: "Use DROP … CASCADE to drop the dependent objects too.")
        }
        for reader in readers where self.object(reader.name) != nil { try drop(reader, cascade: true) }
        var gone = [object]
        if let late { gone.append(late) }
        try store.commit(gone.map { .delete(.setting(self.key($0))) })
        for one in gone { try forget(one) }
    }

    /// Takes an object out of the engine and of what is known.
    func forget(_ object: StreamObject) throws(LeibrixError) {
        stopSink(object)
        stopRunner(object.name)
        try atRest { () throws(LeibrixError) in
            switch object.kind {
            case .source: try engine.drop(object.name)
            case .stream, .view: try drop(engineStream: object.name)
            case .sink: if object.query != nil { try dropHidden(object) }
            case .late: removeOutput(object.name)?.close()
            }
            dropSources(object)
            handlesVersion += 1
            state.withLock { state in
                state.following.members.remove(object.number)
                state.objects[object.name] = nil
                state.handles[object.name] = nil
                state.intakes[object.name] = nil
            }
        }
        if !object.tables.isEmpty { retireFollower() }
        try relations.withLock { $0 }?.publish(object.kind == .view ? [.drop(schema: "public", name: object.name)] : [])
    }
}
