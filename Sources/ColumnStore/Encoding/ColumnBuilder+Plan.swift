// Chooses each column's encoding from the data at hand, measures its bounds and distinct values, and gives every buffer its place.
internal import Columnar

/// What planning a row group needs beside its columns.
struct PlanContext: ~Copyable {
    var cursor = BufferCursor()
    var scratch = AlignedBuffer()
}

extension ColumnBuilder {
    /// Plans a whole column: its buffers lie in one run.
    func planChunk(_ context: inout PlanContext) -> ColumnChunk {
        let start = context.cursor.offset
        sketch.reset()
        var root = plan(&context, isRoot: true)
        if root.statistics.distinct == 0, rows > nulls, hasSketch { root.statistics.distinct = sketch.estimate() }
        return ColumnChunk(root: root, span: BufferRef(offset: start, length: context.cursor.offset - start))
    }

    private var hasSketch: Bool {
        switch form {
        case .list, .structure, .array, .null: false
        default: true
        }
    }

    private func plan(_ context: inout PlanContext, isRoot: Bool) -> ColumnNode {
        var node = ColumnNode(encoding: .allNull, rows: rows)
        node.statistics.nullCount = UInt64(nulls)
        guard nulls < rows else {
            node.statistics.distinct = 0
            return node
        }
        if nulls > 0 {
            node.validity = context.cursor.place(validityWords(rows) * 8)
            sealValidity()
        }
        switch form {
        case .integer(let kind): planInteger(kind, &node, &context, isRoot: isRoot)
        case .real, .double, .interval: planPlain(&node, &context, isRoot: isRoot)
        case .bytes: planStrings(&node, &context, isRoot: isRoot)
        case .list:
            node.encoding = .list
            node.data = context.cursor.place((rows + 1) * 4)
            node.children = children.map { $0.plan(&context, isRoot: false) }
        case .structure:
            node.encoding = .structure
            node.children = children.map { $0.plan(&context, isRoot: false) }
        case .array:
            node.encoding = .array
            node.children = children.map { $0.plan(&context, isRoot: false) }
        case .null: break
        }
        return node
    }

    /// Bits past the last row are 1, and slots of nulls repeat a valid value.
    private func sealValidity() {
        let tail = validityWords(rows) * 64 - rows
        if tail > 0 { unsafe setValid(validity.words(), at: rows, count: tail) }
        if width > 0, let seed = unsafe firstValid(validity.words(), count: rows) {
            unsafe fillNulls(values.base, width: width, validity: validity.words(), count: rows, seed: seed)
        }
    }

    // MARK: Fixed-width values

    private func planInteger(_ kind: IntegerKind, _ node: inout ColumnNode, _ context: inout PlanContext, isRoot: Bool) {
        guard let (low, high) = unsafe kind.bounds(values.base, rows) else {
            return planPlain(&node, &context, isRoot: isRoot)
        }
        if type.hasIntegerOrder {
            node.statistics.min = .integer(low)
            node.statistics.max = .integer(high)
        }
        let span = UInt128(bitPattern: high &- low)
        // A frame's base is signed: unsigned values above its range stay plain.
        let base = Int64(exactly: low)
        if span == 0, nulls == 0 {
            placeConstant(&node, &context)
        } else if let base, let narrow = frameWidth(span: span) {
            node.encoding = .frame
            node.width = UInt8(narrow)
            node.base = base
            node.data = context.cursor.place(rows * narrow)
        } else {
            placePlain(&node, &context)
        }
        guard isRoot else { return }
        if let base, span < 1 << 16 {
            node.statistics.distinct = unsafe kind.sketchNarrow(
                values.base, base: base, span: Int(span), rows, scratch: &context.scratch, into: &sketch)
        } else {
            unsafe kind.sketch(values.base, rows, into: &sketch)
        }
    }

    /// The narrowest of 1, 2, 4 and (for 128 bits) 8 bytes that hold `span` and at least halve the width.
    private func frameWidth(span: UInt128) -> Int? {
        let narrow = span <= 0xFF ? 1 : span <= 0xFFFF ? 2 : span <= 0xFFFF_FFFF ? 4 : span <= UInt128(UInt64.max) ? 8 : 16
        return narrow * 2 <= width ? narrow : nil
    }

    private func placeConstant(_ node: inout ColumnNode, _ context: inout PlanContext) {
        node.encoding = .constant
        node.width = UInt8(width)
        node.data = context.cursor.place(width)
    }

    private func placePlain(_ node: inout ColumnNode, _ context: inout PlanContext) {
        node.encoding = .plain
        node.width = UInt8(width)
        node.data = context.cursor.place(rows * width)
    }

    private func planPlain(_ node: inout ColumnNode, _ context: inout PlanContext, isRoot: Bool) {
        switch form {
        case .real: measure(Float.self, &node, isRoot: isRoot) { Double($0) }
        case .double: measure(Double.self, &node, isRoot: isRoot) { $0 }
        case .interval where isRoot: sketchIntervals()
        case .integer(let kind) where isRoot: unsafe kind.sketch(values.base, rows, into: &sketch)
        default: break
        }
        if nulls == 0, unsafe isRepeated(values.base, width: width, count: rows) {
            placeConstant(&node, &context)
        } else {
            placePlain(&node, &context)
        }
    }

    @inline(__always)
    private func measure<T: BinaryFloatingPoint & BitwiseCopyable>(
        _: T.Type, _ node: inout ColumnNode, isRoot: Bool, _ widen: (T) -> Double
    ) {
        let values = unsafe values.elements(T.self)
        var low = unsafe values[0]
        var high = low
        var hasNaN = false
        for row in 0..<rows {
            let value = unsafe values[row]
            low = value < low ? value : low
            high = value > high ? value : high
            hasNaN = hasNaN || value != value
        }
        if !hasNaN {
            node.statistics.min = .double(widen(low))
            node.statistics.max = .double(widen(high))
        }
        guard isRoot else { return }
        unsafe sketch.withRegisters { registers in
            for row in 0..<rows { unsafe sketchInsert(registers, hashDouble(widen(values[row]))) }
        }
    }

    private func sketchIntervals() {
        let words = unsafe values.words()
        unsafe sketch.withRegisters { registers in
            for row in 0..<rows {
                unsafe sketchInsert(registers, mixed(words[row &* 2] ^ mixed(words[row &* 2 &+ 1])))
            }
        }
    }
}

/// Whether all values are the same bytes.
private func isRepeated(_ start: UnsafeRawPointer, width: Int, count: Int) -> Bool {
    // Every value equals its successor: the run equals itself moved by one value.
    unsafe equalBytes(start, start + width, (count &- 1) &* width)
}
