"""psycopg 3: text and binary, prepared statements, pipelines, server cursors, COPY, cancellation, errors."""
import datetime
import decimal
import sys
import threading
import time
import uuid

import psycopg
from check import check, done, equal

port = sys.argv[1]
dsn = f"host=127.0.0.1 port={port} user=admin dbname=leibrix"
connection = psycopg.connect(dsn, autocommit=True)
TYPES = [
    ("true", True), ("2::SMALLINT", 2), ("3::INTEGER", 3), ("4::BIGINT", 4), ("1.5::REAL", 1.5), ("2.5::DOUBLE", 2.5),
    ("12.30::DECIMAL(6,2)", decimal.Decimal("12.30")), ("-0.001::DECIMAL(6,3)", decimal.Decimal("-0.001")),
    ("170141183460469231731687303715884105727::HUGEINT", decimal.Decimal("170141183460469231731687303715884105727")),
    ("'text'", "text"), ("'\\xDE\\xAD'::BLOB", b"\xde\xad"), ("DATE '2024-02-29'", datetime.date(2024, 2, 29)),
    ("TIME '12:34:56.789'", datetime.time(12, 34, 56, 789000)), ("TIMESTAMP '2024-02-29 12:34:56.5'", datetime.datetime(2024, 2, 29, 12, 34, 56, 500000)),
    ("TIMESTAMPTZ '2024-02-29 12:34:56+00'", datetime.datetime(2024, 2, 29, 12, 34, 56, tzinfo=datetime.timezone.utc)),
    ("INTERVAL '3 days 2 hours'", datetime.timedelta(days=3, hours=2)), ("'123e4567-e89b-12d3-a456-426614174000'::UUID", uuid.UUID("123e4567-e89b-12d3-a456-426614174000")),
    ("[1, 2, NULL]", [1, 2, None]), ("['a', 'b,c']", ["a", "b,c"]), ("'{\"a\": 1}'::JSON", {"a": 1}), ("NULL", None),
]


def types(binary):
    for sql, want in TYPES:
        got = connection.cursor(binary=binary).execute(f"SELECT {sql}").fetchone()[0]
        if got != want:
            raise AssertionError(f"{sql}: expected {want!r}, got {got!r}")


def parameters():
    cursor = connection.cursor()
    values = (1, 2.5, decimal.Decimal("3.25"), "four", True, None, datetime.date(2024, 1, 5))
    row = cursor.execute("SELECT %s::INT, %s::DOUBLE, %s::DECIMAL(5,2), %s::TEXT, %s::BOOLEAN, %s::INT, %s::DATE", values).fetchone()
    equal(row, values)
    row = cursor.execute("SELECT %b::INT, %b::TEXT", (7, "seven")).fetchone()
    equal(row, (7, "seven"))
    equal(cursor.execute("SELECT name FROM depts WHERE id = %s", (2,)).fetchone(), ("research",))
    equal(cursor.execute("SELECT count(*) FROM depts WHERE id = ANY(%s)", ([1, 2, 3],)).fetchone(), (3,))


def prepared():
    cursor = connection.cursor()
    for number in range(1, 12):  # psycopg prepares by itself after five
        row = cursor.execute("SELECT id, name FROM depts WHERE id = %s", (number % 7 + 1,), prepare=None).fetchone()
        equal(row[0], number % 7 + 1)
    for number in range(3):
        equal(cursor.execute("SELECT %s::INT + 1", (number,), prepare=True).fetchone(), (number + 1,))


def pipeline():
    with psycopg.connect(dsn, autocommit=True) as other, other.pipeline():
        cursors = [other.execute("SELECT %s::INT * 2", (n,)) for n in range(20)]
        equal([c.fetchone()[0] for c in cursors], [n * 2 for n in range(20)])


def pipeline_error():
    with psycopg.connect(dsn, autocommit=True) as other:
        try:
            with other.pipeline():
                other.execute("SELECT 1")
                other.execute("SELECT * FROM no_such_table")
                other.execute("SELECT 2")
        except psycopg.errors.UndefinedTable:
            pass
        else:
            raise AssertionError("no error came out of the pipeline")
        equal(other.execute("SELECT 3").fetchone(), (3,))


def server_cursor():
    with psycopg.connect(dsn) as other, other.cursor(name="walk") as cursor:
        cursor.itersize = 777
        cursor.execute("SELECT id FROM orders ORDER BY id")
        equal([row[0] for row in cursor], list(range(5000)))


def stream():
    rows = list(connection.cursor().stream("SELECT id FROM orders ORDER BY id LIMIT 100"))
    equal(len(rows), 100)


def copy_out(options, first):
    with connection.cursor().copy(f"COPY (SELECT id, name, budget FROM depts ORDER BY id) TO STDOUT {options}") as copy:
        data = b"".join(bytes(block) for block in copy)
    if not data.startswith(first):
        raise AssertionError(f"{data[:60]!r}")


def copy_rows():
    with connection.cursor().copy("COPY (SELECT id, name FROM depts ORDER BY id) TO STDOUT (FORMAT binary)") as copy:
        copy.set_types(["int4", "varchar"])
        equal(list(copy.rows())[:2], [(1, "sales"), (2, "research")])


def cancel():
    with psycopg.connect(dsn, autocommit=True) as other:
        timer = threading.Timer(0.3, other.cancel)
        timer.start()
        started = time.monotonic()
        try:
            other.execute("SELECT count(*) FROM range(100000000000) a(i) WHERE hash(i) % 3 = 0")
        except psycopg.errors.QueryCanceled:
            pass
        else:
            raise AssertionError("the statement was not cancelled")
        finally:
            timer.join()
        if time.monotonic() - started > 30:
            raise AssertionError("cancelling took too long")
        equal(other.execute("SELECT 1").fetchone(), (1,))


def timeout():
    with psycopg.connect(dsn, autocommit=True) as other:
        other.execute("SET statement_timeout = '200ms'")
        try:
            other.execute("SELECT count(*) FROM range(100000000000) a(i) WHERE hash(i) % 3 = 0")
        except psycopg.errors.QueryCanceled:
            return equal(other.execute("SELECT 1").fetchone(), (1,))
        raise AssertionError("statement_timeout did not end the statement")


def error(sql, kind, words):
    try:
        connection.execute(sql)
    except kind as caught:
        diagnosis = caught.diag
        if words not in (diagnosis.message_primary or ""):
            raise AssertionError(f"{diagnosis.message_primary!r}") from caught
        return diagnosis.severity == "ERROR"
    raise AssertionError("no error")


def position():
    try:
        connection.execute("SELECT id,\n  nothing FROM depts")
    except psycopg.errors.UndefinedColumn as caught:
        return equal(caught.diag.statement_position, "14")
    raise AssertionError("no error")


def transactions():
    with psycopg.connect(dsn) as other:
        other.execute("SELECT 1")
        equal(other.info.transaction_status, psycopg.pq.TransactionStatus.INTRANS)
        with other.transaction():
            equal(other.execute("SELECT count(*) FROM depts").fetchone(), (7,))
        try:
            with other.transaction():
                other.execute("SELECT * FROM no_such_table")
        except psycopg.errors.UndefinedTable:
            pass
        equal(other.execute("SELECT 5").fetchone(), (5,))
        other.rollback()
        equal(other.info.transaction_status, psycopg.pq.TransactionStatus.IDLE)


def big():
    rows = connection.cursor(binary=True).execute("SELECT i, 'row ' || i FROM range(200000) t(i)").fetchall()
    equal((len(rows), rows[-1]), (200000, (199999, "row 199999")))


# Expressions and the names that PostgreSQL 15 gives them.
NAMES = [
    ("count(*)", "count"), ("sum(budget) + 1", "?column?"), ("sum(budget)", "sum"), ("max(id)::TEXT", "max"), ("'a'::TEXT", "text"),
    ("1::BIGINT", "int8"), ("true", "?column?"), ("'t'::BOOL", "bool"), ("CASE WHEN true THEN 1 ELSE 2 END", "case"),
    ("extract(year FROM DATE '2024-01-01')", "extract"), ("coalesce(NULL, 1)", "coalesce"), ("current_date", "current_date"),
    ("INTERVAL '1 day'", "interval"), ("(SELECT max(id) FROM depts)", "max"), ("EXISTS (SELECT 1)", "exists"), ("ARRAY(SELECT 1)", "array"),
    ("row(1, 2)", "row"), ("nullif(1, 2)", "nullif"), ("1 IS NULL", "?column?"), ("substring('abc' FROM 1 FOR 2)", "substring"),
    ("trim('x')", "btrim"), ("'a' || 'b'", "?column?"), ("NULL", "?column?"), ("1.5::NUMERIC(3,1)", "numeric"), ("'a'::VARCHAR", "varchar"),
    ("now()", "now"), ("now()::DATE", "now"), ("row_number() OVER ()", "row_number"), ("'a' LIKE 'b'", "?column?"), ("(1 + 1)::TEXT", "text"),
    ("(SELECT 1 AS q)", "q"), ("version()", "version"), ("current_user", "current_user"), ("count(DISTINCT id)", "count"), ("array[1, 2]", "array"),
]


def names():
    for sql, want in NAMES:
        equal([column.name for column in connection.execute(f"SELECT {sql} FROM depts").description], [want])
    equal([column.name for column in connection.execute("SELECT * FROM (SELECT id AS a, count(*) FROM depts GROUP BY 1)").description], ["a", "count"])
    equal([column.name for column in connection.execute("VALUES (1, 2)").description], ["column1", "column2"])
    # Inside a query the engine's names are the ones to use.
    equal(connection.execute('SELECT "count_star()" + 1 AS n FROM (SELECT count(*) FROM depts)').fetchone(), (8,))


def origins():
    number = connection.execute("SELECT 'depts'::regclass::oid").fetchone()[0]
    result = connection.execute("WITH c AS (SELECT name AS n, id FROM depts) SELECT c.id, n, id + 1, d.* EXCLUDE (id) FROM c JOIN depts d USING (id)").pgresult
    equal([(result.ftable(i), result.ftablecol(i)) for i in range(5)], [(number, 1), (number, 2), (0, 0), (number, 2), (number, 3)])
    result = connection.execute("SELECT id FROM depts UNION SELECT 1").pgresult
    equal((result.ftable(0), result.ftablecol(0)), (0, 0))


def noted():
    with psycopg.connect(dsn, autocommit=True) as other:
        other.execute("SELECT id FROM depts WHERE id = %s::INT", (1,), prepare=True)
        row = other.execute("SELECT name, statement, parameter_types, from_sql, prepare_time <= now() FROM pg_prepared_statements").fetchone()
        equal(row[1:], ("SELECT id FROM depts WHERE id = $1::INT", ["smallint"], False, True))
        with other.transaction():
            other.execute("DECLARE walk SCROLL CURSOR FOR SELECT 1")
            equal(other.execute("SELECT name, is_scrollable FROM pg_cursors WHERE name <> ''").fetchall(), [("walk", True)])
        equal(other.execute("SELECT count(*) FROM pg_cursors c WHERE name = 'walk'").fetchone(), (0,))


check("column names", names)
check("tables and columns of results", origins)
check("pg_prepared_statements and pg_cursors", noted)
check("types as text", lambda: types(False))
check("types as binary", lambda: types(True))
check("parameters", parameters)
check("prepared statements", prepared)
check("pipeline", pipeline)
check("error in a pipeline", pipeline_error)
check("server cursor", server_cursor)
check("stream", stream)
check("COPY text", lambda: copy_out("", b"1\tsales\t100000.50\n"))
check("COPY csv", lambda: copy_out("(FORMAT csv, HEADER)", b"id,name,budget\n1,sales,100000.50\n"))
check("COPY binary", lambda: copy_out("(FORMAT binary)", b"PGCOPY\n\xff\r\n\x00"))
check("COPY binary rows", copy_rows)
check("cancel", cancel)
check("statement timeout", timeout)
check("undefined table", lambda: error("SELECT * FROM no_such", psycopg.errors.UndefinedTable, "no_such"))
check("syntax error", lambda: error("SELEC 1", psycopg.errors.SyntaxError, "SELEC"))
check("error position", position)
check("transactions", transactions)
check("200,000 rows", big)
check("server version", lambda: equal(connection.info.server_version // 10000, 15))
done()
