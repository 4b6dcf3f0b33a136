import Base
import Catalog
import Columnar
import Testing

func failure<T>(_ body: () throws(LeibrixError) -> T) -> LeibrixError? {
    do throws(LeibrixError) {
        _ = try body()
        return nil
    } catch { return error }
}

@Suite struct OptionTests {
    @Test func datasetOptionsAreRead() throws {
        let spec = try DatasetSpec.make(
            tenant: "t", name: "lineitem", source: ["lake", "tpch", "lineitem"],
            options: [
                SpecOption("time_column", "l_shipdate"), SpecOption("granularity", "month"), SpecOption("refresh", "10s"),
                SpecOption("retain", "24 months"), SpecOption("replicas", 1), SpecOption("fallback", true),
                SpecOption("start", "1992-01-01"), SpecOption("end", "1999-01-01"),
                SpecOption("dimensions", "{\"region\": [\"eu\", \"us\"], \"tier\": [1, 2]}"),
            ])
        #expect(spec.timeColumn == "l_shipdate")
        #expect(spec.granularity == Granularity(count: 1, unit: .month))
        #expect(spec.refreshMS == 10_000)
        #expect(spec.retain == CalendarDuration(months: 24))
        #expect(spec.filter == .init(startMS: 694_224_000_000, endMS: 915_148_800_000))
        #expect(spec.dimensions.map(\.values) == [["eu", "us"], ["1", "2"]])
    }

    @Test(arguments: [
        ("granularity", "fortnight"), ("refresh", "soon"), ("retain", "-1 day"), ("replicas", "0"), ("fallback", "maybe"),
        ("start", "1992-13-01"), ("end", "yesterday"), ("dimensions", "{\"a\": []}"), ("granularity", "0 days"),
    ])
    func wrongValuesNameTheOption(name: String, value: String) {
        var options = [SpecOption("time_column", "t"), SpecOption("granularity", "day")].filter { $0.name != name }
        options.append(SpecOption(name, .string(value), position: 42))
        let error = failure { () throws(LeibrixError) in
            try DatasetSpec.make(tenant: "t", name: "d", source: ["c", "t"], options: options)
        }
        #expect(error?.code == .invalidOption)
        #expect(error?.message.contains(name) == true)
        #expect(error?.hint != nil)
        #expect(error?.position == 42)
    }

    @Test func optionsThatContradictAreRefused() {
        func make(_ options: [SpecOption]) -> LeibrixError? {
            failure { () throws(LeibrixError) in try DatasetSpec.make(tenant: "t", name: "d", source: ["c", "t"], options: options) }
        }
        #expect(make([SpecOption("time_column", "t")])?.message.contains("granularity") == true)
        #expect(make([SpecOption("granularity", "day")])?.message.contains("time_column") == true)
        #expect(make([SpecOption("retain", "1 day")])?.code == .invalidOption)
        let range = [SpecOption("start", "2024-02-01"), SpecOption("end", "2024-01-01")]
        #expect(make([SpecOption("time_column", "t"), SpecOption("granularity", "day")] + range)?.message.contains("end") == true)
        #expect(make([SpecOption("speed", "fast")])?.hint?.contains("granularity") == true)
        #expect(make([SpecOption("refresh", "1s"), SpecOption("refresh", "2s")])?.message.contains("twice") == true)
    }

    @Test func catalogOptionsAreReadAndSecretsKeptApart() throws {
        let spec = try CatalogSpec.make(
            tenant: "t", name: "lake",
            options: [
                SpecOption("type", "iceberg"), SpecOption("uri", "s3://bucket/lake"), SpecOption("key", "K"), SpecOption("secret", "S"),
                SpecOption("endpoint", "http://127.0.0.1:9000"),
            ])
        #expect(spec.type == .iceberg)
        #expect(spec.options == ["uri": "s3://bucket/lake", "endpoint": "http://127.0.0.1:9000"])
        #expect(spec.secrets == ["key": "K", "secret": "S"])
        func make(_ options: [SpecOption]) -> LeibrixError? {
            failure { () throws(LeibrixError) in try CatalogSpec.make(tenant: "t", name: "c", options: options) }
        }
        #expect(make([SpecOption("type", "oracle")])?.hint?.contains("iceberg") == true)
        #expect(make([])?.message.contains("type") == true)
        #expect(make([SpecOption("type", "parquet")])?.message.contains("uri") == true)
        #expect(make([SpecOption("type", "parquet"), SpecOption("uri", "lake")])?.code == .invalidOption)
        #expect(make([SpecOption("type", "parquet"), SpecOption("uri", "/l"), SpecOption("token", "x")])?.message.contains("token") == true)
    }

    @Test(arguments: [
        ("10s", 0, 10_000), ("5 minutes", 0, 300_000), ("1 day 12 hours", 0, 129_600_000), ("2 years", 24, 0), ("500ms", 0, 500),
    ])
    func durationsAreRead(text: String, months: Int, milliseconds: Int) throws {
        let duration = try #require(CalendarDuration(text))
        #expect(duration == CalendarDuration(months: months, milliseconds: Int64(milliseconds)))
        #expect(CalendarDuration("\(duration)") == duration)
    }

    @Test func sizesAreRead() {
        #expect(ByteSize.parse("2GB") == 2 << 30)
        #expect(ByteSize.parse("512 MB") == 512 << 20)
        #expect(ByteSize.parse("1.5kB") == 1_536)
        #expect(ByteSize.parse("-1") == nil)
        #expect(ByteSize.parse("2XB") == nil)
        #expect(ByteSize.parse("") == nil)
    }

    @Test func monthsBeforeAnInstantClampTheDay() throws {
        let march31 = try #require(Instant.parse("2024-03-31 06:00"))
        #expect(CalendarDuration(months: 1).before(march31) == Instant.parse("2024-02-29 06:00"))
        #expect(CalendarDuration(months: 13).before(march31) == Instant.parse("2023-02-28 06:00"))
        #expect(CalendarDuration(milliseconds: 3_600_000).before(march31) == Instant.parse("2024-03-31 05:00"))
    }
}
