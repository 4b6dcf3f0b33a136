/// Where one input of a stream over several cores comes in.
final class Router: Operator {
    private let group: CoreGroup
    private let input: Int

    init(_ group: CoreGroup, _ input: Int) {
        self.group = group
        self.input = input
        super.init("router", next: nil)
    }

    override func push(_ chunk: Chunk) { group.push(input, chunk) }
    override func advance(_ watermark: Int64) { group.advance(input, watermark) }
    override func rest() { group.rest() }
    override func settle() { group.settle() }
    override func tick(_ now: Int64) { group.tick(input, now) }
    override func finish() { group.finish(input) }
}
