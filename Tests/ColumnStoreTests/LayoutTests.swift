import Columnar
@testable import ColumnStore
import DuckDBKit
import Testing

/// What the format promises about places, and what the directory's structures cost.
@Suite struct LayoutTests {
    @Test func everyBufferIsAligned() throws {
        let bench = try Bench(threads: 1)
        let segment = try bench.publish(EveryType.query(rows: 5_000, seed: 3))[0]
        func check(_ node: ColumnNode, in chunk: BufferRef) {
            for buffer in [node.validity, node.data, node.dictionaryOffsets, node.heap] {
                guard let buffer else { continue }
                #expect(buffer.offset % 64 == 0 && buffer.offset >= chunk.offset && buffer.end <= chunk.end)
            }
            for child in node.children { check(child, in: chunk) }
        }
        for group in segment.placed {
            #expect(group.offset % 4_096 == 0)
            for chunk in group.node.columns { check(chunk.root, in: chunk.span) }
        }
    }

    @Test func equalRowsAreEqualBytes() throws {
        let bench = try Bench(threads: 1)
        let query = EveryType.query(rows: 3_000, seed: 11)
        let a = try bench.write(query, name: "a")[0]
        let b = try bench.write(query, name: "b")[0]
        #expect(a.checksum == b.checksum)
        #expect(a.bytes == b.bytes)
    }

    @Test func structuresStaySmall() {
        #expect(MemoryLayout<BufferRef>.size == 16)
        #expect(MemoryLayout<StringKey>.size == 20)
        #expect(MemoryLayout<ShortString>.size == 16)
        #expect(MemoryLayout<ColumnNode>.stride <= 256)
        #expect(DistinctSketch().registers.count == 2_048)
    }
}
