// The lake every wire test reads: small Parquet tables written by DuckDB, hive partitions among them, the same bytes every time.
import Columnar
import DuckDBKit

struct FixtureLake {
    let folder: String

    /// Table name, and the options its dataset is made with.
    static let datasets: [(name: String, options: String)] = [
        ("nums", ""), ("people", ""), ("depts", ""), ("empty", ""), ("edge", ""), ("types", ""), ("nested", ""), ("events", ""),
        ("orders", " WITH (time_column = 'day', granularity = 'month')"),
    ]

    init(folder: String) throws {
        self.folder = folder
        let database = try Database(DatabaseConfiguration(threads: 1))
        let connection = try database.connect()
        for (name, select) in FixtureLake.flatTables {
            try connection.execute("COPY (\(select)) TO '\(folder)/\(name).parquet' (FORMAT parquet, ROW_GROUP_SIZE 2048)")
        }
        try connection.execute("COPY (\(FixtureLake.orders)) TO '\(folder)/orders' (FORMAT parquet, PARTITION_BY (year, month), OVERWRITE_OR_IGNORE)")
    }

    /// What DuckDB itself reads from those files, by the same names.
    func attach(to connection: Connection) throws {
        for (name, _) in FixtureLake.datasets {
            let source = name == "orders" ? "read_parquet('\(folder)/orders/*/*/*.parquet', hive_partitioning = true)" : "read_parquet('\(folder)/\(name).parquet')"
            try connection.execute("CREATE OR REPLACE VIEW \(name) AS SELECT * FROM \(source)")
        }
    }

    static let flatTables: [(String, String)] = [
        ("nums", """
            SELECT i::INTEGER AS id, (i % 7)::TINYINT AS t, (i * 37 % 1000 - 500)::SMALLINT AS s, (hash(i) % 100000)::INTEGER AS n,
              (i::BIGINT * 1000000007) AS big, (i * 1.25)::DOUBLE AS d, (i / 3.0)::FLOAT AS f, (i * 12345 % 99999 / 100.0)::DECIMAL(9,2) AS money,
              (i * 7919::HUGEINT)::DECIMAL(30,5) AS wide, i % 3 = 0 AS flag,
              CASE WHEN i % 5 = 0 THEN NULL ELSE (i % 11)::INTEGER END AS maybe
            FROM range(1, 1001) r(i)
            """),
        ("people", """
            SELECT i::INTEGER AS id, ['Ana','Bo','Cem','Dee','Eli','Fay','Gus','Hana','Ivo','Jun'][1 + i % 10] || '-' || i AS name,
              CASE WHEN i % 13 = 0 THEN NULL ELSE (1 + i % 6)::INTEGER END AS dept_id, (30000 + hash(i) % 90000)::DECIMAL(12,2) AS salary,
              DATE '2015-01-01' + (i * 11)::INTEGER AS hired, CASE WHEN i <= 3 THEN NULL ELSE (i / 3)::INTEGER END AS manager_id,
              ['red','green','blue',NULL][1 + i % 4] AS colour
            FROM range(1, 201) r(i)
            """),
        ("depts", """
            SELECT * FROM (VALUES (1, 'sales', 100000.50::DECIMAL(12,2)), (2, 'research', 250000.00), (3, 'support', NULL), (4, 'legal', 0.00),
              (5, 'Ops', 12.34), (6, 'empty-handed', -5.00), (7, 'nobody here', 99.99)) t(id, name, budget)
            """),
        ("empty", "SELECT 1::INTEGER AS a, 'x' AS b, DATE '2020-01-01' AS c, 1.5::DECIMAL(5,2) AS d WHERE false"),
        ("edge", """
            SELECT * FROM (VALUES (1, ''), (2, ' '), (3, NULL), (4, 'it''s'), (5, 'back\\slash'), (6, '"quoted"'), (7, 'ünïcödé'), (8, '日本語'), (9, '😀 emoji'),
              (10, 'a,b;c'), (11, '{brace}'), (12, 'NULL'), (13, 'percent%_under'), (14, repeat('long', 100)), (15, 'Zebra'), (16, 'apple'), (17, 'Äpfel'), (18, 'tab' || chr(9) || 'tab'),
              (19, 'twelve bytes'), (20, 'thirteen byte')) t(id, s)
            """),
        ("types", types),
        ("nested", """
            SELECT i::INTEGER AS id, CASE WHEN i % 9 = 0 THEN NULL ELSE range(i % 5) END AS ints,
              CASE WHEN i % 4 = 0 THEN [NULL, 'x'] ELSE ['a' || i, 'b,"q"', ''] END AS words, {'k': i, 'v': 'text ' || i} AS pair,
              MAP {'one': i, 'two': i * 2} AS attributes, [[i, i + 1], [], NULL] AS matrix, [{'a': i, 'b': [i]}] AS deep,
              ('{"id": ' || i || ', "tags": ["x", "y"], "o": {"p": null}}')::JSON AS doc
            FROM range(1, 51) r(i)
            """),
        ("events", """
            SELECT i AS id, TIMESTAMP '2024-01-01 00:00:00' + to_seconds(i * 1237 + i % 7) AS ts, (TIMESTAMP '2024-01-01 00:00:00' + to_seconds(i * 1237))::TIMESTAMPTZ AS ts_tz,
              ['click','view','buy','refund'][(1 + hash(i) % 4)::BIGINT] AS kind, (hash(i * 31) % 10000) / 100.0 AS value, CASE WHEN i % 17 = 0 THEN NULL ELSE i % 50 END AS person_id
            FROM range(0, 3000) r(i)
            """),
    ]

    static let orders = """
        SELECT i AS id, (1 + hash(i) % 200)::INTEGER AS person_id, ((hash(i * 7) % 100000) / 100.0)::DECIMAL(10,2) AS amount, DATE '2023-01-01' + (i % 540)::INTEGER AS day,
          ['new','paid','shipped','returned'][(1 + hash(i * 3) % 4)::BIGINT] AS status,
          year(DATE '2023-01-01' + (i % 540)::INTEGER) AS year, month(DATE '2023-01-01' + (i % 540)::INTEGER) AS month
        FROM range(0, 5000) r(i)
        """

    /// One column a type that Parquet keeps; the first row ordinary, then the smallest, the largest, and NULL.
    static let types = """
        SELECT * FROM (VALUES
          (1, true, 1::TINYINT, 2::SMALLINT, 3::INTEGER, 4::BIGINT, 5::UTINYINT, 6::USMALLINT, 7::UINTEGER, 8::UBIGINT, 1.5::FLOAT, 2.5::DOUBLE,
           1.23::DECIMAL(4,2), 12345.678::DECIMAL(9,3), 123456789.123456::DECIMAL(18,6), 1234567890123456789.0123456789::DECIMAL(38,10), 'text'::VARCHAR, 'blob'::BLOB,
           DATE '2024-02-29', TIME '12:34:56.789', TIMESTAMP '2024-02-29 12:34:56.789012', TIMESTAMPTZ '2024-02-29 12:34:56.789012+00', INTERVAL '1 year 2 months 3 days 04:05:06',
           '123e4567-e89b-12d3-a456-426614174000'::UUID),
          (2, false, -128, -32768, -2147483648, -9223372036854775808, 0, 0, 0, 0, -3.4028235e38, -1.7976931348623157e308,
           -99.99, -999999.999, -999999999999.999999, -9999999999999999999999999999.9999999999, '', ''::BLOB,
           DATE '0001-01-01', TIME '00:00:00', TIMESTAMP '0001-01-01 00:00:00', TIMESTAMPTZ '1900-01-01 00:00:00+00', INTERVAL '1 day',
           '00000000-0000-0000-0000-000000000000'::UUID),
          (3, true, 127, 32767, 2147483647, 9223372036854775807, 255, 65535, 4294967295, 18446744073709551615, 3.4028235e38, 1.7976931348623157e308,
           99.99, 999999.999, 999999999999.999999, 9999999999999999999999999999.9999999999, 'ünïcödé 😀', '\\x00\\xFF\\x7F'::BLOB,
           DATE '9999-12-31', TIME '23:59:59.999999', TIMESTAMP '9999-12-31 23:59:59.999999', TIMESTAMPTZ '2261-12-31 23:59:59.999999+00', INTERVAL '100 years',
           'ffffffff-ffff-ffff-ffff-ffffffffffff'::UUID),
          (4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
        ) t(id, c_bool, c_tiny, c_small, c_int, c_big, c_utiny, c_usmall, c_uint, c_ubig, c_real, c_double, c_dec4, c_dec9, c_dec18, c_dec38, c_text, c_blob, c_date, c_time, c_ts, c_tstz, c_interval, c_uuid)
        """
}
