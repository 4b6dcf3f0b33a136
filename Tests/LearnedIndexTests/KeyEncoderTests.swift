// Encodings order as PostgreSQL orders the values: each list is in its order, equal values in one place.
import Columnar
import LearnedIndex
import Platform
import Testing

@Suite struct KeyEncoderTests {
    static let micros: Int64 = 86_400_000_000
    static let ordered: [[[Value]]] = [
        [[.boolean(false)], [.boolean(true)], [.null]],
        [[.integer(.min)], [.integer(-1)], [.integer(0)], [.integer(1)], [.integer(.max)], [.null]],
        [[.unsigned(0)], [.unsigned(1 << 63)], [.unsigned(.max)]],
        [[.hugeInt(.min)], [.hugeInt(-1)], [.hugeInt(0)], [.hugeInt(.max)], [.null]],
        [[.unsignedHugeInt(0)], [.unsignedHugeInt(.max)]],
        [[.double(-.infinity)], [.double(-1.5)], [.double(-.leastNonzeroMagnitude)], [.double(-0.0), .double(0)], [.double(1e-300)], [.double(.infinity)], [.double(.nan), .double(-.nan), .double(.signalingNaN)], [.null]],
        [[.real(-.infinity)], [.real(-1.5)], [.real(-0.0), .real(0)], [.real(3)], [.real(.infinity)], [.real(.nan)], [.null]],
        [[.decimal(-12_345, width: 10, scale: 2)], [.decimal(0, width: 10, scale: 2)], [.decimal(1, width: 10, scale: 2)]],
        [[.decimal(.min, width: 38, scale: 2)], [.decimal(-1, width: 38, scale: 2)], [.decimal(7, width: 38, scale: 2)]],
        [[.string("")], [.string("\0")], [.string("\0\u{1}")], [.string("A")], [.string("a")], [.string("a\0")], [.string("a\0b")], [.string("aa")], [.string("b")], [.string("ä")], [.null]],
        [[.blob([])], [.blob([0])], [.blob([0, 0])], [.blob([0, 255])], [.blob([1])], [.blob([255])], [.blob([255, 0])]],
        [[.date(.min)], [.date(-1)], [.date(0)], [.date(.max)]],
        [[.time(0)], [.time(micros - 1)]],
        [[.timeTZ(micros / 2, offset: 7_200)], [.timeTZ(micros / 2, offset: 3_600)], [.timeTZ(micros / 2 - 3_600_000_000, offset: 0)], [.timeTZ(micros / 2, offset: 0)]],
        [[.timestamp(.min)], [.timestamp(-1)], [.timestamp(0)], [.timestamp(.max)]],
        [[.timestampTZ(-1)], [.timestampTZ(5)]],
        [[.interval(months: -1, days: 0, micros: 0)], [.interval(months: 0, days: 29, micros: 0)], [.interval(months: 1, days: 0, micros: 0), .interval(months: 0, days: 30, micros: 0), .interval(months: 0, days: 29, micros: micros)], [.interval(months: 1, days: 0, micros: 1)], [.null]],
        [[.uuid(0)], [.uuid(1 << 127)], [.uuid(.max)]],
        [[.list([])], [.list([.integer(1)])], [.list([.integer(1), .integer(-5)])], [.list([.integer(1), .null])], [.list([.integer(2)])], [.list([.null])], [.null]],
        [[.structure([.init("a", .integer(1)), .init("b", .string("x"))])], [.structure([.init("a", .integer(1)), .init("b", .null)])], [.structure([.init("a", .integer(2)), .init("b", .string("a"))])]],
    ]

    @Test(arguments: ordered.indices)
    func everyTypeInOrder(list: Int) throws {
        let places = Self.ordered[list].enumerated().flatMap { place, values in values.map { (place, $0) } }
        for (place, value) in places {
            for (other, otherValue) in places {
                let (one, two) = (try KeyEncoder.key([value, .integer(3)]), try KeyEncoder.key([otherValue, .integer(3)]))
                #expect(one.lexicographicallyPrecedes(two) == (place < other), "\(value) and \(otherValue)")
                #expect((one == two) == (place == other), "\(value) and \(otherValue)")
                let (down, downOther) = (try KeyEncoder.key([value], descending: [true]), try KeyEncoder.key([otherValue], descending: [true]))
                #expect(down.lexicographicallyPrecedes(downOther) == (place > other), "\(value) and \(otherValue) descending")
                #expect(place == other || !two.starts(with: one), "\(value) begins \(otherValue)")
                #expect(place == other || !downOther.starts(with: down), "\(value) begins \(otherValue) descending")
                if let word = KeyWord.image(of: value), let otherWord = KeyWord.image(of: otherValue) { #expect((word < otherWord) == (place < other)) }
            }
        }
    }

    @Test func compositesCompareColumnByColumn() throws {
        let seed = freshSeed()
        var generator = SeededGenerator(seed: seed)
        let texts = ["", "a", "a\0", "ab", "b", "\0"]
        func row() -> [Value] {
            [.string(texts[Int(generator.next() % 6)]), generator.next() % 4 == 0 ? .null : .integer(Int64(generator.next() % 3) - 1), .string(texts[Int(generator.next() % 6)])]
        }
        func isBelow(_ one: [Value], _ two: [Value]) -> Bool {
            for (column, (left, right)) in zip(one, two).enumerated() where left != right {
                let below: Bool
                switch (left, right) {
                case (.null, _): below = false
                case (_, .null): below = true
                case (.string(let left), .string(let right)): below = Array(left.utf8).lexicographicallyPrecedes(Array(right.utf8))
                case (.integer(let left), .integer(let right)): below = left < right
                default: below = false
                }
                return column == 1 ? !below : below
            }
            return false
        }
        for _ in 0..<4_000 {
            let (one, two) = (row(), row())
            let (left, right) = (try KeyEncoder.key(one, descending: [false, true]), try KeyEncoder.key(two, descending: [false, true]))
            #expect(left.lexicographicallyPrecedes(right) == isBelow(one, two), "\(one) \(two) seed \(seed)")
        }
    }

    @Test func shortWaysGiveTheSameBytes() throws {
        for descending in [false, true] {
            var short = KeyEncoder()
            short.append(text: Array("x\0y".utf8).span, descending: descending)
            short.append(word: KeyWord.of(Int64(-5)), descending: descending)
            #expect(short.bytes == (try KeyEncoder.key([.string("x\0y"), .integer(-5)], descending: [descending, descending])))
        }
    }

    @Test func successorsOfPrefixes() {
        #expect(KeyEncoder.successor(ofPrefix: [1, 2]) == [1, 3])
        #expect(KeyEncoder.successor(ofPrefix: [1, 255, 255]) == [2])
        #expect(KeyEncoder.successor(ofPrefix: [255]) == nil)
        #expect(KeyEncoder.successor(ofPrefix: []) == nil)
    }

    @Test func mapsHaveNoOrder() { #expect(throws: (any Error).self) { try KeyEncoder.key([.map([])]) } }
}
