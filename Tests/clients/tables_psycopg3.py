"""psycopg 3 writing: inserts, COPY both ways, pipelines, cursors, transactions, types. Needs a server of its own."""
import datetime as dt
import decimal
import sys
import uuid

import psycopg
from check import check, done, equal
from psycopg.rows import dict_row
from psycopg.types.json import Json

dsn = f"host=127.0.0.1 port={sys.argv[1]} user=admin dbname=leibrix"


def fresh(ddl, **options):
    connection = psycopg.connect(dsn, autocommit=True, **options)
    connection.execute("DROP SCHEMA IF EXISTS p3 CASCADE")
    connection.execute("CREATE SCHEMA p3")
    connection.execute("SET search_path = p3")
    for statement in ddl:
        connection.execute(statement)
    return connection


def rows(connection, sql, *parameters):
    return connection.execute(sql, *parameters).fetchall()


def inserts():
    with fresh(["CREATE TABLE t (id serial PRIMARY KEY, name text NOT NULL, price numeric(10,2))"]) as c:
        equal(c.execute("INSERT INTO t (name, price) VALUES (%s, %s) RETURNING id", ("a", decimal.Decimal("1.50"))).fetchone(), (1,))
        cursor = c.cursor()
        cursor.executemany("INSERT INTO t (name, price) VALUES (%s, %s)", [(f"n{i}", i) for i in range(200)])
        equal(cursor.rowcount, 200)
        cursor.executemany("INSERT INTO t (name) VALUES (%s) RETURNING id", [("x",), ("y",)], returning=True)
        got = []
        while True:
            got.append(cursor.fetchone()[0])
            if not cursor.nextset():
                break
        equal(got, [202, 203])
        equal(c.execute("UPDATE t SET price = price + 1 WHERE id <= 11").rowcount, 11)
        equal(c.execute("DELETE FROM t WHERE id > 100").rowcount, 103)
        equal(rows(c, "SELECT count(*), sum(price) FROM t"), [(100, decimal.Decimal("4863.50"))])


def every_type():
    values = {
        "b": True, "i2": -5, "i4": 70000, "i8": 2**40, "f4": 1.5, "f8": 2.25, "n": decimal.Decimal("12345.678"), "t": "häß'\"\\", "v": "abc", "c": "xy",
        "by": b"\x00\xff\x10", "d": dt.date(2024, 2, 29), "ti": dt.time(12, 30, 1, 5), "ts": dt.datetime(1999, 12, 31, 23, 59, 59, 999999),
        "tz": dt.datetime(2024, 1, 1, 12, tzinfo=dt.timezone.utc), "iv": dt.timedelta(days=3, seconds=7), "u": uuid.UUID(int=5), "j": {"a": [1, None]},
        "ia": [1, None, 3], "ta": ["a", "b,c", None],
    }
    ddl = """CREATE TABLE t (b bool, i2 smallint, i4 int, i8 bigint, f4 real, f8 double precision, n numeric(12,3), t text, v varchar(10), c char(2), by bytea,
        d date, ti time, ts timestamp, tz timestamptz, iv interval, u uuid, j jsonb, ia int[], ta text[])"""
    for binary in (False, True):
        with fresh([ddl], row_factory=dict_row) as c:
            cursor = c.cursor(binary=binary)
            given = [Json(v) if k == "j" else v for k, v in values.items()]
            marks = ", ".join(["%b" if binary else "%s"] * len(given))
            if binary:
                marks = ", ".join(["%s"] * len(given))
            cursor.execute(f"INSERT INTO t VALUES ({marks})", given)
            cursor.execute("INSERT INTO t DEFAULT VALUES")
            cursor.execute("SELECT * FROM t")
            equal(cursor.fetchone(), values)
            equal(set(cursor.fetchone().values()), {None})


def copy_text():
    with fresh(["CREATE TABLE t (id int PRIMARY KEY, name text, d date, n numeric(8,2))"]) as c:
        with c.cursor().copy("COPY t FROM STDIN") as copy:
            for i in range(5000):
                copy.write_row((i, None if i % 7 == 0 else f"tab\t{i}\\", dt.date(2020, 1, 1) + dt.timedelta(i), i))
        equal(rows(c, "SELECT count(*), count(name), max(d), sum(n) FROM t"), [(5000, 4285, dt.date(2033, 9, 8), decimal.Decimal("12497500.00"))])
        with c.cursor().copy("COPY (SELECT id, name FROM t WHERE id < 3 ORDER BY id) TO STDOUT") as copy:
            equal([row for row in copy.rows()], [("0", None), ("1", "tab\t1\\"), ("2", "tab\t2\\")])
        with c.cursor().copy("COPY t (id, name) FROM STDIN (FORMAT csv, HEADER)") as copy:
            copy.write('id,name\n9001,"a,""b"""\n9002,\n')
        equal(rows(c, "SELECT name FROM t WHERE id > 9000 ORDER BY id"), [('a,"b"',), (None,)])


def copy_binary():
    with fresh(["CREATE TABLE t (id bigint PRIMARY KEY, f double precision, t timestamptz, b bytea, u uuid, a int[])"]) as c:
        when = dt.datetime(2024, 5, 6, 7, 8, 9, 10, tzinfo=dt.timezone.utc)
        with c.cursor().copy("COPY t FROM STDIN (FORMAT binary)") as copy:
            copy.set_types(["int8", "float8", "timestamptz", "bytea", "uuid", "int4[]"])
            for i in range(1000):
                copy.write_row((i, i / 4, when, bytes([i % 256]), uuid.UUID(int=i), [i, None]))
        equal(rows(c, "SELECT count(*), sum(f), min(t) FROM t"), [(1000, 124875.0, when)])
        with c.cursor().copy("COPY t TO STDOUT (FORMAT binary)") as copy:
            copy.set_types(["int8", "float8", "timestamptz", "bytea", "uuid", "int4[]"])
            got = sorted(copy.rows())
        equal(got[999], (999, 249.75, when, bytes([999 % 256]), uuid.UUID(int=999), [999, None]))


def copy_fails_whole():
    with fresh(["CREATE TABLE t (id int PRIMARY KEY, n int CHECK (n < 100))"]) as c:
        for lines, state in [("1\t1\n2\tx\n", "22P02"), ("1\t1\n2\n", "22P04"), ("1\t1\n2\t2\t3\n", "22P04"), ("1\t1\n1\t2\n", "23505"), ("1\t1\n2\t200\n", "23514")]:
            try:
                with c.cursor().copy("COPY t FROM STDIN") as copy:
                    copy.write(lines)
            except psycopg.Error as error:
                equal(error.sqlstate, state)
                if state.startswith("22") and "COPY t, line 2" not in (error.diag.context or ""):
                    raise AssertionError(error.diag.context)
            else:
                raise AssertionError(f"no error for {lines!r}")
            equal(rows(c, "SELECT count(*) FROM t"), [(0,)])
        try:
            with c.cursor().copy("COPY t FROM STDIN") as copy:
                copy.write("1\t1\n")
                raise KeyError("given up")
        except KeyError:
            pass
        equal(rows(c, "SELECT count(*) FROM t"), [(0,)])


def pipeline():
    with fresh(["CREATE TABLE t (id int PRIMARY KEY)"]) as c:
        with c.pipeline() as p:
            for i in range(100):
                c.execute("INSERT INTO t VALUES (%s)", (i,))
            p.sync()
            got = c.execute("SELECT count(*) FROM t")
            equal(got.fetchone(), (100,))
        try:
            with c.pipeline():
                c.execute("INSERT INTO t VALUES (1000)")
                c.execute("INSERT INTO t VALUES (1)")
        except psycopg.errors.UniqueViolation:
            pass
        equal(rows(c, "SELECT count(*) FROM t"), [(100,)])


def transactions():
    with fresh(["CREATE TABLE t (id int PRIMARY KEY)"]) as c:
        with c.transaction():
            c.execute("INSERT INTO t VALUES (1)")
            try:
                with c.transaction():
                    c.execute("INSERT INTO t VALUES (2)")
                    c.execute("INSERT INTO t VALUES (1)")
            except psycopg.errors.UniqueViolation:
                pass
            with c.transaction():
                c.execute("INSERT INTO t VALUES (3)")
        try:
            with c.transaction():
                c.execute("DELETE FROM t")
                raise psycopg.Rollback()
        except psycopg.Rollback:
            pass
        equal(rows(c, "SELECT id FROM t ORDER BY id"), [(1,), (3,)])
        c.autocommit = False
        c.isolation_level = psycopg.IsolationLevel.SERIALIZABLE
        c.execute("INSERT INTO t VALUES (4)")
        c.rollback()
        c.read_only = True
        try:
            c.execute("INSERT INTO t VALUES (5)")
        except psycopg.errors.ReadOnlySqlTransaction:
            c.rollback()
        else:
            raise AssertionError("wrote in a read-only transaction")


def server_cursors():
    with fresh(["CREATE TABLE t AS SELECT i FROM generate_series(1, 10000) AS g(i)"]) as c:
        with c.transaction():
            cursor = c.cursor("named", scrollable=False)
            cursor.execute("SELECT i FROM t ORDER BY i")
            equal(cursor.fetchmany(3), [(1,), (2,), (3,)])
            equal(len(cursor.fetchall()), 9997)
            cursor.close()
            with c.cursor("held", withhold=False) as held:
                held.execute("SELECT i FROM t WHERE i > %s ORDER BY i", (9998,))
                equal([row for row in held], [(9999,), (10000,)])


def prepared():
    with fresh(["CREATE TABLE t (id int PRIMARY KEY, v text)"]) as c:
        for i in range(20):
            c.execute("INSERT INTO t VALUES (%s, %s)", (i, str(i)), prepare=True)
        for i in range(20):
            equal(c.execute("SELECT v FROM t WHERE id = %s", (i,), prepare=True).fetchone(), (str(i),))
        c.execute("ALTER TABLE t ADD COLUMN w int DEFAULT 3")
        equal(c.execute("SELECT v FROM t WHERE id = %s", (7,), prepare=True).fetchone(), ("7",))
        equal(c.execute("SELECT id FROM t WHERE id = ANY(%s) ORDER BY id", ([3, 5, 500],), prepare=True).fetchall(), [(3,), (5,)])


def errors_are_named():
    ddl = ["CREATE TABLE p (id int PRIMARY KEY)", "CREATE TABLE t (id int PRIMARY KEY, p int CONSTRAINT has_p REFERENCES p, n int NOT NULL, c varchar(3), CONSTRAINT small CHECK (n < 10))"]
    with fresh(ddl) as c:
        c.execute("INSERT INTO p VALUES (1)")
        c.execute("INSERT INTO t VALUES (1, 1, 1, 'a')")
        cases = [
            ("INSERT INTO t VALUES (1, 1, 1, 'a')", psycopg.errors.UniqueViolation, "t_pkey", None),
            ("INSERT INTO t VALUES (2, 9, 1, 'a')", psycopg.errors.ForeignKeyViolation, "has_p", None),
            ("INSERT INTO t VALUES (2, 1, NULL, 'a')", psycopg.errors.NotNullViolation, None, "n"),
            ("INSERT INTO t VALUES (2, 1, 11, 'a')", psycopg.errors.CheckViolation, "small", None),
            ("DELETE FROM p", psycopg.errors.ForeignKeyViolation, "has_p", None),
            ("INSERT INTO t VALUES (2, 1, 1, 'abcd')", psycopg.errors.StringDataRightTruncation, None, None),
            ("INSERT INTO t VALUES ('x', 1, 1, 'a')", psycopg.errors.InvalidTextRepresentation, None, None),
            ("INSERT INTO t VALUES (99999999999, 1, 1, 'a')", psycopg.errors.NumericValueOutOfRange, None, None),
            ("UPDATE t SET n = 1 / (n - n)", psycopg.errors.DivisionByZero, None, None),
            ("INSERT INTO t (nope) VALUES (1)", psycopg.errors.UndefinedColumn, None, None),
            ("INSERT INTO nope VALUES (1)", psycopg.errors.UndefinedTable, None, None),
            ("INSERT INTO t VALUES (now(), 1, 1, 'a')", psycopg.errors.DatatypeMismatch, None, None),
            ("CREATE TABLE t (x int)", psycopg.errors.DuplicateTable, None, None),
        ]
        for sql, kind, constraint, column in cases:
            try:
                c.execute(sql)
            except psycopg.Error as error:
                if not isinstance(error, kind):
                    raise AssertionError(f"{sql}: {error.sqlstate} {error}")
                equal((sql, error.diag.constraint_name, error.diag.column_name), (sql, constraint, column))
            else:
                raise AssertionError(f"no error: {sql}")


def temporary():
    with fresh([]) as c, psycopg.connect(dsn, autocommit=True) as other:
        c.execute("CREATE TEMP TABLE tmp (id int PRIMARY KEY, v text)")
        c.execute("INSERT INTO tmp VALUES (1, 'a')")
        equal(rows(c, "SELECT * FROM tmp"), [(1, "a")])
        other.execute("CREATE TEMP TABLE tmp (x int)")
        equal(rows(other, "SELECT count(*) FROM tmp"), [(0,)])
        with c.transaction():
            c.execute("CREATE TEMP TABLE gone (x int) ON COMMIT DROP")
            c.execute("INSERT INTO gone VALUES (1)")
        try:
            c.execute("SELECT * FROM gone")
        except psycopg.errors.UndefinedTable:
            pass
        else:
            raise AssertionError("ON COMMIT DROP keeps a table")
        c.execute("CREATE TEMP TABLE emptied (x int) ON COMMIT DELETE ROWS")
        with c.transaction():
            c.execute("INSERT INTO emptied VALUES (1)")
            equal(rows(c, "SELECT * FROM emptied"), [(1,)])
        equal(rows(c, "SELECT * FROM emptied"), [])


def enums():
    with fresh(["CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')", "CREATE TABLE t (id int PRIMARY KEY, m mood DEFAULT 'ok')"]) as c:
        c.execute("INSERT INTO t VALUES (1, 'happy'), (2, 'sad')")
        c.execute("INSERT INTO t (id) VALUES (3)")
        c.execute("INSERT INTO t VALUES (%s, %s)", (4, "happy"))
        equal(rows(c, "SELECT id FROM t WHERE m > 'sad'::mood ORDER BY m, id"), [(3,), (1,), (4,)])
        equal(rows(c, "SELECT m FROM t WHERE id = 1"), [("happy",)])
        try:
            c.execute("INSERT INTO t VALUES (5, 'angry')")
        except psycopg.errors.InvalidTextRepresentation:
            pass
        else:
            raise AssertionError("no error")


def changing_ctes():
    with fresh(["CREATE TABLE t (id int PRIMARY KEY, v int)", "CREATE TABLE log (id int, v int)", "INSERT INTO t VALUES (1, 1), (2, 2), (3, 3)"]) as c:
        equal(rows(c, "WITH x AS (INSERT INTO t VALUES (4, 4) RETURNING id) SELECT id + 1 FROM x"), [(5,)])
        c.execute("WITH gone AS (DELETE FROM t WHERE id < 3 RETURNING *) INSERT INTO log SELECT * FROM gone")
        equal(rows(c, "SELECT id FROM log ORDER BY id"), [(1,), (2,)])
        equal(rows(c, "WITH u AS (UPDATE t SET v = v * 10 RETURNING id, v), n AS (SELECT count(*) AS n FROM t) SELECT u.id, u.v, n FROM u, n ORDER BY 1"), [(3, 30, 2), (4, 40, 2)])


for name, function in [
    ("inserts", inserts), ("every type", every_type), ("copy text", copy_text), ("copy binary", copy_binary), ("copy fails whole", copy_fails_whole),
    ("pipeline", pipeline), ("transactions", transactions), ("server cursors", server_cursors), ("prepared", prepared), ("errors", errors_are_named),
    ("temporary tables", temporary), ("enums", enums), ("changing ctes", changing_ctes),
]:
    check(name, function)
done()
