// The cores of one stream. The pusher is core 0 and works itself; the others are threads of their own, which are at rest between two
// chunks: so ticks, checkpoints and statistics need no messages, and a few rows are worked on by the pusher alone, on all cores' operators.
internal import Base

final class CoreGroup {
    /// Rows that are not worth waking others for.
    static let fewRows = 32

    /// By input, then by core.
    let inputs: [[CoreInput]]
    let workers: [CoreWorker]
    private let direct: DirectOutput
    private let outlet: Outlet
    private var advanced = Int64.min
    private var finished = 0
    /// Others have work since the pusher last joined them.
    private var isShared = false

    /// `heads`, by core and then by input: where rows go in. `columns`, by input: what decides the core.
    init(columns: [[Int]], kinds: [[LaneKind]], heads: [[Operator]], direct: DirectOutput, outputs: [OutputBuffer], outlet: Outlet) {
        self.direct = direct
        self.outlet = outlet
        let cores = heads.count
        let inputs = columns.indices.map { input in
            (0..<cores).map { CoreInput(core: $0, of: cores, keys: columns[input], kinds: kinds[input], head: heads[$0][input]) }
        }
        self.inputs = inputs
        workers = outputs.enumerated().map { index, output in CoreWorker(core: index + 1, inputs: inputs.map { $0[index + 1] }, output: output) }
    }

    deinit { for worker in workers { worker.stop() } }

    func push(_ input: Int, _ chunk: Chunk) {
        let inputs = inputs[input]
        if chunk.count <= Self.fewRows && !isShared {
            for core in inputs { core.push(chunk) }
            return
        }
        isShared = true
        for worker in workers { worker.push(input, chunk) }
        inputs[0].push(chunk)
    }

    func advance(_ input: Int, _ watermark: Int64) {
        let inputs = inputs[input]
        if !isShared {
            for core in inputs { core.head.advance(watermark) }
            return
        }
        for worker in workers { worker.advance(input, watermark) }
        inputs[0].head.advance(watermark)
    }

    /// Waits for the cores: the chunk may go.
    func rest() {
        if !isShared { return }
        for worker in workers { worker.join() }
        isShared = false
    }

    /// Hands on what the cores made; event time goes on as the slowest has it.
    func settle() {
        rest()
        var least = direct.watermark
        for worker in workers {
            worker.output.drain(into: outlet)
            least = min(least, worker.output.watermark)
        }
        if least > advanced {
            advanced = least
            outlet.advance(least)
        }
        outlet.settle()
    }

    func tick(_ input: Int, _ now: Int64) {
        settle()
        for core in inputs[input] { core.head.tick(now) }
        settle()
        // Processing time comes once, by the first input.
        if input == 0 { outlet.tick(now) }
    }

    func finish(_ input: Int) {
        settle()
        for core in inputs[input] { core.head.finish() }
        settle()
        finished += 1
        if finished == inputs.count { outlet.finish() }
    }
}
