import Base
import Columnar
@testable import ColumnStore
import DuckDBKit
import Platform
import Testing

/// Bytes that are not what a writer wrote: rejected by name and reason, or harmless.
@Suite struct DamageTests {
    /// A segment of every type in two row groups of its own, as bytes.
    struct Specimen {
        let bench: Bench
        let bytes: [UInt8]
        let segment: MappedSegment

        init(rows: Int = 300) throws {
            bench = try Bench(threads: 1)
            let summary = try bench.write(EveryType.query(rows: rows, seed: 7), name: "whole")[0]
            bytes = try Files.read(summary.path)
            segment = try SegmentFile.map(summary.path)
        }

        var trailer: SegmentTrailer {
            get throws { try SegmentTrailer(Array(bytes.suffix(64)), fileBytes: bytes.count) }
        }

        func map(_ bytes: [UInt8]) throws -> MappedSegment {
            let path = bench.scratch.path + "/damaged.segment"
            try? Files.remove(path)
            let file = try File(path, .createNew)
            try unsafe file.write(bytes.span.bytes, at: 0)
            return try SegmentFile.map(path)
        }

        /// Maps, verifies and makes row groups; nil when that was refused as it should be.
        func accepted(_ bytes: [UInt8]) throws -> [RowGroup]? {
            do {
                return try map(bytes).rowGroups()
            } catch let error as LeibrixError {
                #expect(error.code == .corruptSegment)
                #expect(error.message.contains("damaged.segment"))
                return nil
            }
        }
    }

    @Test func everyFlippedByteIsNoticed() throws {
        let specimen = try Specimen()
        let footer = try specimen.trailer.footerOffset
        var covered = [Bool](repeating: false, count: specimen.bytes.count)
        for index in 0..<SegmentLayout.headerBytes { covered[index] = true }
        for index in footer..<covered.count { covered[index] = true }
        for group in specimen.segment.placed {
            for index in group.offset..<group.offset + group.node.length { covered[index] = true }
        }
        var generator = SeededGenerator(seed: UInt64(freshSeed()))
        let ends = Array(0..<64) + Array(specimen.bytes.count - 64..<specimen.bytes.count)
        let positions = ends + (0..<1_000).map { _ in Int.random(in: 0..<specimen.bytes.count, using: &generator) }
        for position in positions {
            var bytes = specimen.bytes
            bytes[position] ^= UInt8.random(in: 1...255, using: &generator)
            #expect((try specimen.accepted(bytes) == nil) == covered[position], "byte \(position)")
        }
    }

    @Test func everyTruncationIsNoticed() throws {
        let specimen = try Specimen()
        let footer = try specimen.trailer.footerOffset
        var lengths = [0, 1, 63, 64, 4_095, 4_096, 4_159, 4_160, footer, footer + 1, specimen.bytes.count - 64, specimen.bytes.count - 1]
        for chunk in specimen.segment.placed[0].node.columns { lengths.append(4_096 + chunk.span.end) }
        for length in lengths { #expect(try specimen.accepted(Array(specimen.bytes.prefix(length))) == nil, "\(length) bytes") }
        #expect(try specimen.accepted(specimen.bytes + [0]) == nil)
    }

    @Test func otherVersionsAreNamed() throws {
        let specimen = try Specimen(rows: 1)
        var bytes = specimen.bytes
        bytes[8] = 9
        let error = #expect(throws: LeibrixError.self) { try specimen.map(bytes) }
        #expect(error?.message.contains("format version 9") == true)
        #expect(throws: LeibrixError.self) { try SegmentFile.map(specimen.bench.scratch.path + "/none") }
    }

    /// A file found to be damaged stays so, and one that this process wrote is not read again.
    @Test func verdictsStay() throws {
        let specimen = try Specimen()
        var bytes = specimen.bytes
        bytes[4_096] ^= 1
        let segment = try specimen.map(bytes)
        for _ in 0..<2 { #expect(throws: LeibrixError.self) { try segment.rowGroups() } }
        let summary = SegmentSummary(
            path: segment.path, rows: 0, bytes: 0, checksum: segment.checksum, rowGroups: 0, statistics: [], sketches: [])
        #expect(try SegmentFile.map(segment.path, writtenHere: summary).rowGroups().count == 1)
    }

    @Test func verifiesOnSeveralThreads() async throws {
        let bench = try Bench()
        let summary = try bench.write("SELECT i, hash(i)::VARCHAR AS s FROM range(500000) AS r(i)")[0]
        let pool = BlockingPool(name: "verify", threads: 2)
        let segment = try SegmentFile.map(summary.path)
        try await segment.verify(on: pool, lanes: 2)
        var bytes = try Files.read(summary.path)
        bytes[4_096 + 1_000_000] ^= 1
        let path = bench.scratch.path + "/damaged.segment"
        let file = try File(path, .createNew)
        try unsafe file.write(bytes.span.bytes, at: 0)
        let damaged = try SegmentFile.map(path)
        await #expect(throws: LeibrixError.self) { try await damaged.verify(on: pool, lanes: 2) }
        #expect(throws: LeibrixError.self) { try damaged.verify() }
    }

    @Test func mappingsAreCountedAndGivenBack() throws {
        let bench = try Bench(threads: 1)
        let summary = try bench.write("SELECT i FROM range(300000) AS r(i)")[0]
        var segment: MappedSegment? = try SegmentFile.map(summary.path)
        let mapping = try #require(segment?.mapping)
        weak let watched = mapping
        #expect(mapping.bytes >= summary.bytes && mapping.bytes < summary.bytes + 4_096)
        var groups = try segment?.rowGroups()
        segment = nil
        #expect(watched != nil)
        #expect(groups?.count == 3)
        groups = nil
    }
}
