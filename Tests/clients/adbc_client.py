"""ADBC's PostgreSQL driver: Arrow tables by COPY binary."""
import sys

import adbc_driver_postgresql.dbapi
from check import check, done, equal

port = sys.argv[1]
connection = adbc_driver_postgresql.dbapi.connect(f"postgresql://admin@127.0.0.1:{port}/leibrix")


def fetch(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetch_arrow_table()


def table():
    got = fetch("SELECT id, name, day, amount > 1 AS big FROM (SELECT o.id, status AS name, day, amount FROM orders o) ORDER BY id")
    equal((got.num_rows, got.column_names), (5000, ["id", "name", "day", "big"]))
    equal(got.column("id").to_pylist()[:3], [0, 1, 2])


def types():
    got = fetch("SELECT id, c_bool, c_small, c_int, c_big, c_real, c_double, c_text, c_blob, c_date, c_ts, c_tstz FROM types ORDER BY id")
    equal(got.column("c_int").to_pylist(), [3, -2147483648, 2147483647, None])
    equal(got.column("c_text").to_pylist()[0], "text")
    equal(got.column("c_blob").to_pylist()[0], b"blob")


def lists():
    equal(fetch("SELECT ints FROM nested ORDER BY id LIMIT 3").column("ints").to_pylist(), [[0], [0, 1], [0, 1, 2]])


def numeric():
    equal([str(value) for value in fetch("SELECT budget FROM depts WHERE id <= 2 ORDER BY id").column("budget").to_pylist()], ["100000.50", "250000.00"])


for name, function in [("table", table), ("types", types), ("lists", lists), ("numeric", numeric)]:
    check(name, function)
done()
