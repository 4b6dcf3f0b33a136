internal import Base

extension AggregateState {
    func save(_ writer: inout StateWriter) {
        writer.add(table.count)
        for number in 0..<table.used {
            let record = table.record(number)
            guard table.isLive(record) else { continue }
            table.saveKeys(record, &writer)
            saveStates(record, &writer)
        }
        for set in distinctSets {
            writer.add(set.table.count)
            for number in 0..<set.table.used where set.table.isLive(set.table.record(number)) {
                let record = set.table.record(number)
                set.table.saveKeys(record, &writer)
                writer.add(record.load(set.table.stateOffset, as: Int64.self))
            }
        }
    }

    /// A record's states, texts by value.
    func saveStates(_ record: Memory, _ writer: inout StateWriter) {
        for index in 0..<primitiveCount {
            let primitive = primitives[index]
            let state = record.advanced(by: Int(primitive.offset))
            switch primitive.code {
            case .least, .greatest, .first, .last: saveValue(primitive.kind, state, &writer)
            case .atLeast, .atGreatest:
                saveValue(primitive.kind, state, &writer)
                saveValue(primitive.byKind, state.advanced(by: Kernel.flagOffset(primitive.kind) + 8), &writer)
            case .tree: trees[Int(primitive.tree)].save(state.load(0, as: UInt.self), &writer)
            default: writer.add(state, count: layout.primitives[index].stateBytes)
            }
        }
    }

    private func saveValue(_ kind: LaneKind, _ state: Memory, _ writer: inout StateWriter) {
        let flag = state.load(Kernel.flagOffset(kind), as: Int64.self)
        writer.add(flag)
        guard flag == 1 else { return }
        if kind == .text { writer.add(state.load(0, as: TextRef.self)) } else { writer.add(state, count: max(kind.width, 8)) }
    }

    func loadStates(_ record: Memory, _ reader: inout StateReader, _ scratch: TextScratch) throws(LeibrixError) {
        for index in 0..<primitiveCount {
            let primitive = primitives[index]
            let state = record.advanced(by: Int(primitive.offset))
            switch primitive.code {
            case .least, .greatest, .first, .last: try loadValue(primitive.kind, state, &reader, scratch)
            case .atLeast, .atGreatest:
                try loadValue(primitive.kind, state, &reader, scratch)
                let second = state.advanced(by: Kernel.flagOffset(primitive.kind) + 8)
                try loadValue(primitive.byKind, second, &reader, scratch)
            case .tree: state.store(try TreeLoader(trees[Int(primitive.tree)]).read(&reader), at: 0)
            default: try reader.copy(to: state, count: layout.primitives[index].stateBytes)
            }
        }
    }

    private func loadValue(
        _ kind: LaneKind, _ state: Memory, _ reader: inout StateReader, _ scratch: TextScratch
    ) throws(LeibrixError) {
        Kernel.clear(kind, state, heap)
        let flag = try reader.word()
        if flag == 1 {
            if kind == .text {
                state.store(heap.keep(try reader.text(scratch)), at: 0)
            } else {
                try reader.copy(to: state, count: max(kind.width, 8))
            }
        }
        state.store(flag, at: Kernel.flagOffset(kind))
    }

    /// Reads groups that belong to the reader's core; `body` sees each.
    func load(
        _ reader: inout StateReader, _ body: (Memory) throws(LeibrixError) -> Void = { (_: Memory) throws(LeibrixError) in }
    ) throws(LeibrixError) {
        let scratch = TextScratch()
        let row = KeyRow(layout.keyKinds)
        for _ in 0..<(try reader.integer()) {
            try row.read(&reader)
            scratch.reset()
            let isMine = row.belongs(layout.partition, reader)
            let record = isMine ? row.record(in: table) : table.trash
            guard let record else { throw Self.full }
            try loadStates(record, &reader, scratch)
            if isMine { try body(record) } else { releaseTexts(record) }
        }
        for set in distinctSets { try load(set, &reader) }
        table.trash.zero(count: table.stride)
        heap.settle()
    }

    private func load(_ set: DistinctSet, _ reader: inout StateReader) throws(LeibrixError) {
        let row = KeyRow(set.table.kinds)
        for _ in 0..<(try reader.integer()) {
            try row.read(&reader)
            let count = try reader.word()
            guard row.belongs(layout.partition, reader) else { continue }
            guard let record = row.record(in: set.table) else { throw Self.full }
            record.store(count, at: set.table.stateOffset)
        }
    }

    private static var full: LeibrixError {
        LeibrixError(
            .streamStateFull, "a checkpoint holds more keys than the operator may",
            hint: "Raise the stream's limit of keys, or restore with more cores.")
    }
}
