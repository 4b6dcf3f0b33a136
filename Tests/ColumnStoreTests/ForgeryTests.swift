import Base
import Columnar
@testable import ColumnStore
import DuckDBKit
import Platform
import Testing

/// Damaged files whose checksums were made to match: what passes verification must be safe to scan.
@Suite struct ForgeryTests {
    /// `bytes` with footer and trailer signed anew, and with `content` every chunk as well.
    static func signed(_ bytes: [UInt8], content: Bool) throws -> [UInt8] {
        var bytes = bytes
        var trailer = try SegmentTrailer(Array(bytes.suffix(64)), fileBytes: bytes.count)
        let place = trailer.footerOffset..<trailer.footerOffset + trailer.footerBytes
        if content {
            var footer = try SegmentFooter(Array(bytes[place]), end: place.lowerBound)
            for group in footer.rowGroups.indices {
                let start = footer.rowGroups[group].offset
                for column in footer.columns.indices {
                    let span = footer.rowGroups[group].node.columns[column].span
                    let chunk = Array(bytes[start + span.offset..<start + span.offset + span.length])
                    footer.rowGroups[group].node.columns[column].checksum = Checksum.xxh3(chunk.span)
                }
            }
            bytes.replaceSubrange(place, with: footer.encoded())
        }
        trailer.footerChecksum = Checksum.xxh3(Array(bytes[place]).span)
        bytes.replaceSubrange(bytes.count - 64..<bytes.count, with: trailer.encoded())
        return bytes
    }

    /// Reads every value of one column, as text and as groups, so that whatever is wrong with one is touched.
    static func exercise(_ specimen: DamageTests.Specimen, _ groups: [RowGroup], _ columns: [RelationColumn], _ generator: inout SeededGenerator) {
        let bench = specimen.bench
        guard (try? bench.publish(groups, columns)) != nil else { return }
        let name = columns[Int.random(in: 0..<columns.count, using: &generator)].name
        _ = try? bench.connection.rows("SELECT count(\"\(name)\"), sum(length(\"\(name)\"::VARCHAR)), min(hash(\"\(name)\")) FROM lbx.public.t")
        _ = try? bench.connection.rows("SELECT \"\(name)\", count(*) FROM lbx.public.t GROUP BY ALL ORDER BY ALL")
    }

    @Test func forgedContentIsSafe() throws {
        let specimen = try DamageTests.Specimen(rows: 200)
        let end = try specimen.trailer.footerOffset
        var generator = SeededGenerator(seed: UInt64(freshSeed()))
        var accepted = 0
        for _ in 0..<400 {
            var bytes = specimen.bytes
            for _ in 0..<Int.random(in: 1...30, using: &generator) {
                let position = Int.random(in: SegmentLayout.firstRowGroup..<end, using: &generator)
                bytes[position] = [0, 1, 127, 128, 255, UInt8.random(in: 0...255, using: &generator)].randomElement(using: &generator)!
            }
            guard let groups = try specimen.accepted(Self.signed(bytes, content: true)) else { continue }
            accepted += 1
            Self.exercise(specimen, groups, specimen.segment.columns, &generator)
        }
        #expect(accepted > 0)
    }

    @Test func forgedFootersAreSafe() throws {
        let specimen = try DamageTests.Specimen(rows: 200)
        let trailer = try specimen.trailer
        var generator = SeededGenerator(seed: UInt64(freshSeed()))
        // Sketches are most of a footer and least of its dangers: three of four mutations go elsewhere.
        let directory = trailer.footerOffset + trailer.footerBytes * 9 / 10
        for _ in 0..<1_200 {
            var bytes = specimen.bytes
            let first = Bool.random(using: &generator) || Bool.random(using: &generator) ? directory : trailer.footerOffset
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let position = Int.random(in: first..<trailer.footerOffset + trailer.footerBytes, using: &generator)
                bytes[position] = [0, 1, 8, 64, 127, 128, 255, UInt8.random(in: 0...255, using: &generator)].randomElement(using: &generator)!
            }
            do {
                let segment = try specimen.map(Self.signed(bytes, content: false))
                let groups = try segment.rowGroups()
                Self.exercise(specimen, groups, segment.columns, &generator)
            } catch let error as LeibrixError {
                #expect(error.code == .corruptSegment)
            }
        }
    }
}
