import Base
import Columnar
import Catalog
import Platform
import Testing

@Suite struct EpochPlanTests {
    /// Periods tile time: each instant is in exactly the period that holds it, and neighbours meet.
    @Test(arguments: Granularity.Unit.allCases) func periodsTileTime(unit: Granularity.Unit) throws {
        let seed = UInt64(20_261_121) + UInt64(unit.rawValue.utf8.count)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2_000 {
            let count = Int.random(in: 1...40, using: &random)
            let granularity = try #require(Granularity(count: count, unit: unit))
            let instant = Int64.random(in: -62_135_596_800_000...253_402_300_799_000, using: &random)
            let period = granularity.period(holding: instant)
            let range = granularity.range(ofPeriod: period)
            #expect(range.contains(instant), "seed \(seed) \(granularity) \(instant)")
            #expect(granularity.range(ofPeriod: period + 1).startMS == range.endMS)
            #expect(granularity.period(holding: range.startMS) == period)
            #expect(granularity.period(holding: range.endMS - 1) == period)
        }
    }

    @Test func calendarMonthsAreCalendarMonths() throws {
        let slots = try EpochPlan.slots(
            from: #require(Instant.parse("2024-01-15")), to: #require(Instant.parse("2024-03-01")),
            granularity: #require(Granularity("month")), dimensions: [])
        #expect(slots.compactMap(\.range).map { Instant.spelled($0.startMS) } == ["2024-01-01 00:00:00", "2024-02-01 00:00:00"])
        #expect(slots.last?.range?.endMS == Instant.parse("2024-03-01"))
        let weeks = try #require(Granularity("week"))
        #expect(Instant.spelled(weeks.range(ofPeriod: weeks.period(holding: 1_704_067_200_000)).startMS) == "2024-01-01 00:00:00")
    }

    @Test func invertedAndUnboundedPlansAreRefused() throws {
        let hour = try #require(Granularity("hour"))
        #expect(throws: LeibrixError.self) { try EpochPlan.periods(from: 10, to: 10, granularity: hour) }
        #expect(throws: LeibrixError.self) { try EpochPlan.periods(from: 10, to: 5, granularity: hour) }
        let error = failure { () throws(LeibrixError) in
            try EpochPlan.periods(from: 0, to: 3_600_000 * 20_000, granularity: hour)
        }
        #expect(error?.code == .limitExceeded)
        #expect(Granularity(count: 0, unit: .day) == nil)
        #expect(Granularity(count: -3, unit: .day) == nil)
        #expect(Granularity("0 days") == nil)
    }

    @Test func dimensionsMakeTheWholeCrossProduct() throws {
        let dimensions: [DatasetSpec.Dimension] = [
            .init(column: "region", values: ["eu", "us"]), .init(column: "tier", values: ["1", "2", "3"]),
        ]
        let slots = try EpochPlan.slots(from: 0, to: 86_400_000 * 2, granularity: #require(Granularity("day")), dimensions: dimensions)
        #expect(slots.count == 12)
        #expect(Set(slots.map(\.epochID)).count == 12)
        #expect(Set(slots.prefix(6).map { $0.dimensionValues.map(\.value).joined() }) == ["eu1", "eu2", "eu3", "us1", "us2", "us3"])
    }

    @Test func epochIDsAreStable() {
        let range = TimeRange(startMS: 694_224_000_000, endMS: 696_902_400_000)
        let a = DimensionValue(column: "a", value: "1")
        let b = DimensionValue(column: "b", value: "2")
        let id = EpochID.make(range: range, dimensionValues: [a, b])
        #expect(id == EpochID.make(range: range, dimensionValues: [b, a]))
        #expect(id.hasPrefix("694224000000_"))
        #expect(id.split(separator: "_")[1].count == 6)
        #expect(id != EpochID.make(range: range, dimensionValues: [.init(column: "a", value: "2"), .init(column: "b", value: "1")]))
        #expect(EpochID.make(range: range, dimensionValues: []) == "694224000000_414d23")
    }
}

@Suite struct SchemaChangeTests {
    private let old = [ColumnDefinition("id", .integer), ColumnDefinition("price", .decimal(width: 9, scale: 2))]

    @Test func addedAndWidenedColumnsAreCompatible() {
        let new = [
            ColumnDefinition("note", .varchar), ColumnDefinition("price", .decimal(width: 12, scale: 2)), ColumnDefinition("ID", .bigInt),
        ]
        let expected = [ColumnDefinition("id", .bigInt), ColumnDefinition("price", .decimal(width: 12, scale: 2)), ColumnDefinition("note", .varchar)]
        #expect(SchemaChange.between(dataset: old, source: new) == .compatible(columns: expected, added: ["note"], widened: ["id", "price"]))
        #expect(SchemaChange.between(dataset: old, source: old.reversed()) == .none)
    }

    @Test func lossIsIncompatible() {
        func reason(_ new: [ColumnDefinition]) -> String? {
            if case .incompatible(let reason) = SchemaChange.between(dataset: old, source: new) { return reason }
            return nil
        }
        #expect(reason([old[0]])?.contains("price") == true)
        #expect(reason([old[0], ColumnDefinition("price", .varchar)])?.contains("VARCHAR") == true)
        #expect(reason([old[0], ColumnDefinition("price", .decimal(width: 9, scale: 3))]) != nil)
    }
}
