internal import Base
internal import Columnar

/// Where a stream's rows leave: to subscribers, and to the streams that read it.
final class Outlet: Operator {
    let types: [DataType]
    private var bodies: [(borrowing StreamRows) -> Void] = []
    private var ids: [Int] = []
    private var readers: [Operator] = []
    private var nextID = 0
    /// Event time so far.
    private(set) var watermark = Int64.min

    init(_ name: String, types: [DataType]) {
        self.types = types
        super.init(name, next: nil)
    }

    override func push(_ chunk: Chunk) {
        counts.rowsIn += chunk.count
        counts.emitted += chunk.count
        counts.rowsOut += chunk.count
        var index = 0
        while index < bodies.count {
            bodies[index](StreamRows(chunk: chunk, types: types))
            index += 1
        }
        index = 0
        while index < readers.count {
            readers[index].push(chunk)
            readers[index].rest()
            index += 1
        }
    }

    override func advance(_ watermark: Int64) {
        self.watermark = watermark
        var index = 0
        while index < readers.count {
            readers[index].advance(watermark)
            index += 1
        }
    }

    override func tick(_ now: Int64) { for reader in readers { reader.tick(now) } }
    override func settle() {
        var index = 0
        while index < readers.count {
            readers[index].settle()
            index += 1
        }
    }
    override func finish() { for reader in readers { reader.finish() } }

    func subscribe(_ body: @escaping (borrowing StreamRows) -> Void) -> Int {
        nextID += 1
        bodies.append(body)
        ids.append(nextID)
        return nextID
    }

    func unsubscribe(_ id: Int) {
        guard let index = ids.firstIndex(of: id) else { return }
        ids.remove(at: index)
        bodies.remove(at: index)
    }

    func attach(_ reader: Operator) { readers.append(reader) }
    func detach(_ reader: Operator) { readers.removeAll { $0 === reader } }
}
