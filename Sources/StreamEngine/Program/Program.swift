// A flat register program over typed vectors: every expression of an operator, compiled once.
//
// Nothing is allocated when it runs: registers hold `chunkRowsMax` rows from the start, texts that are made lie in a scratch
// heap that is emptied before each run (it grows to the largest run, then stays). A row that fails is marked in `errors`;
// the operator decides what becomes of it.
internal import Columnar

final class Program {
    let code: Lane<Instruction>
    let length: Int
    let registers: Lane<Vector>
    /// Columns of the chunk that are read: register number = column number.
    let inputs: Lane<Int32>
    let inputCount: Int
    /// Registers of the expressions, in their order.
    let results: [Int]
    let resultTypes: [DataType]
    let resultLane: Lane<Int32>
    let errors: Lane<UInt8>
    let hasFailed: Lane<Bool>
    let scratch: TextScratch
    let usesScratch: Bool
    let regexes: [RegexRunner]
    private let arena: Arena

    init(
        code: [Instruction], registers: [Vector], inputs: [Int], results: [Int], resultTypes: [DataType], usesScratch: Bool,
        regexes: [RegexRunner], arena: Arena
    ) {
        self.regexes = regexes
        self.arena = arena
        length = code.count
        self.code = arena.lane(Instruction.self, count: code.count)
        for (index, instruction) in code.enumerated() { self.code[index] = instruction }
        self.registers = arena.lane(Vector.self, count: registers.count)
        for (index, register) in registers.enumerated() { self.registers[index] = register }
        inputCount = inputs.count
        self.inputs = arena.lane(Int32.self, count: inputs.count)
        for (index, column) in inputs.enumerated() { self.inputs[index] = Int32(column) }
        self.results = results
        resultLane = arena.lane(Int32.self, count: results.count)
        for (index, register) in results.enumerated() { resultLane[index] = Int32(register) }
        self.resultTypes = resultTypes
        errors = arena.lane(UInt8.self, count: StreamLimits.chunkRowsMax)
        hasFailed = arena.lane(Bool.self, count: 1)
        scratch = TextScratch()
        self.usesScratch = usesScratch
    }

    /// True when the last run marked a row in `errors`.
    @inline(__always) var failed: Bool { hasFailed[0] }

    /// The result of expression `index`, valid until the next run.
    @inline(__always) func result(_ index: Int) -> Vector { registers[Int(resultLane[index])] }

    /// Evaluates every expression over the chunk's rows. Linear in rows times instructions.
    func run(_ chunk: Chunk) {
        if hasFailed[0] {
            errors.fill(0, count: StreamLimits.chunkRowsMax)
            hasFailed[0] = false
        }
        if usesScratch { scratch.reset() }
        var index = 0
        while index < inputCount {
            let column = Int(inputs[index])
            registers[column] = chunk.columns[column]
            index += 1
        }
        index = 0
        while index < length {
            step(code[index], chunk.count)
            index += 1
        }
    }

    @inline(__always)
    private func step(_ instruction: Instruction, _ count: Int) {
        switch instruction.code {
        case .int(let operation): runInt(operation, instruction, count)
        case .double(let operation): runDouble(operation, instruction, count)
        case .huge(let operation): runHuge(operation, instruction, count)
        case .compare(let operation, let kind): runComparison(operation, kind, instruction, count)
        case .logic(let operation): runLogic(operation, instruction, count)
        case .select(let kind): runSelect(kind, instruction, count)
        case .convert(let conversion): runConversion(conversion, instruction, count)
        case .text(let function): runText(function, instruction, count)
        case .time(let function): runTime(function, instruction, count)
        case .moreText(let function): runMoreText(function, instruction, count)
        case .regex: runRegex(instruction, count)
        }
    }

    /// Marks row `row` unless its result is NULL or nobody asked for it.
    @inline(never)
    func fail(_ row: Int, _ error: HotPathError, _ instruction: Instruction) {
        if registers[Int(instruction.out)].isNull(row) { return }
        if instruction.guardRegister >= 0 {
            let asked = registers[Int(instruction.guardRegister)]
            if asked.isNull(row) || asked.bools[row] == 0 { return }
        }
        hasFailed[0] = true
        if errors[row] == 0 { errors[row] = UInt8(truncatingIfNeeded: error.rawValue - 9000) }
    }

    /// NULL where either argument is.
    @inline(__always)
    func mergeNulls(_ instruction: Instruction, _ count: Int) {
        let a = registers[Int(instruction.a)]
        let b = registers[Int(instruction.b)]
        var out = registers[Int(instruction.out)]
        out.hasNulls = a.hasNulls || b.hasNulls
        registers[Int(instruction.out)].hasNulls = out.hasNulls
        guard out.hasNulls else { return }
        for row in 0..<count { out.nulls[row] = (a.hasNulls ? a.nulls[row] : 0) | (b.hasNulls ? b.nulls[row] : 0) }
    }

    @inline(__always)
    func copyNulls(_ instruction: Instruction, _ count: Int) {
        let a = registers[Int(instruction.a)]
        let out = registers[Int(instruction.out)]
        registers[Int(instruction.out)].hasNulls = a.hasNulls
        if a.hasNulls { out.nulls.copy(from: a.nulls, count: count) }
    }

    /// Makes row `row` of the result NULL.
    @inline(__always)
    func setNull(_ row: Int, _ instruction: Instruction, _ count: Int) {
        let place = Int(instruction.out)
        if !registers[place].hasNulls {
            registers[place].nulls.fill(0, count: count)
            registers[place].hasNulls = true
        }
        registers[place].nulls[row] = 1
    }
}
