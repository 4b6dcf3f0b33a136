"""asyncpg writing: executemany, COPY of records, transactions, every type both ways."""
import asyncio
import datetime as dt
import decimal
import sys
import uuid

import asyncpg
from check import check, done, equal


async def fresh(*ddl):
    connection = await asyncpg.connect(host="127.0.0.1", port=int(sys.argv[1]), user="admin", database="leibrix", server_settings={"search_path": "apg"}, timeout=600)
    await connection.execute("DROP SCHEMA IF EXISTS apg CASCADE; CREATE SCHEMA apg")
    for statement in ddl:
        await connection.execute(statement)
    return connection


def run(body, *ddl):
    async def inner():
        connection = await fresh(*ddl)
        try:
            await body(connection)
        finally:
            await connection.close()

    return lambda: asyncio.run(inner())


async def many(c):
    await c.executemany("INSERT INTO t VALUES ($1, $2)", [(i, f"n{i}") for i in range(500)])
    equal(await c.fetchval("SELECT count(*) FROM t"), 500)
    equal(await c.fetchval("INSERT INTO t VALUES ($1, $2) RETURNING name", 501, "x"), "x")
    equal(await c.execute("UPDATE t SET name = name || '!' WHERE id < 10"), "UPDATE 10")
    equal(await c.execute("DELETE FROM t WHERE id >= $1", 100), "DELETE 401")
    try:
        await c.executemany("INSERT INTO t VALUES ($1, $2)", [(1000, "a"), (1001, "b"), (5, "c")])
    except asyncpg.UniqueViolationError as error:
        equal((error.constraint_name, error.table_name), ("t_pkey", "t"))
    else:
        raise AssertionError("no error")
    equal(await c.fetchval("SELECT count(*) FROM t"), 100)
    if hasattr(c, "fetchmany"):
        equal([r[0] for r in await c.fetchmany("INSERT INTO t VALUES ($1, $2) RETURNING id", [(2000, "a"), (2001, "b")])], [2000, 2001])


async def records(c):
    await c.copy_records_to_table("t", records=[(i, str(i)) for i in range(3000)], columns=["id", "name"])
    equal(await c.fetchval("SELECT sum(id) FROM t"), 4498500)
    try:
        await c.copy_records_to_table("t", records=[(9000, "a"), (1, "b")])
    except asyncpg.UniqueViolationError:
        pass
    equal(await c.fetchval("SELECT count(*) FROM t"), 3000)
    out = bytearray()

    async def take(data):
        out.extend(data)

    await c.copy_from_query("SELECT id, name FROM t WHERE id < 2 ORDER BY id", output=take)
    equal(bytes(out), b"0\t0\n1\t1\n")


async def transactions(c):
    async with c.transaction():
        await c.execute("INSERT INTO t VALUES (1, 'a')")
        try:
            async with c.transaction():
                await c.execute("INSERT INTO t VALUES (2, 'b')")
                raise KeyError
        except KeyError:
            pass
    equal([r["id"] for r in await c.fetch("SELECT id FROM t")], [1])
    async with c.transaction(isolation="serializable", readonly=True):
        equal(await c.fetchval("SELECT name FROM t WHERE id = 1"), "a")
    async with c.transaction():
        got = [r["i"] async for r in c.cursor("SELECT i FROM generate_series(1, 1000) AS g(i)", prefetch=7)]
        equal(len(got), 1000)
    statement = await c.prepare("SELECT name FROM t WHERE id = $1")
    equal(await statement.fetchval(1), "a")


TYPES = "b bool, i2 smallint, i4 int, i8 bigint, f4 real, f8 float8, n numeric(20,4), t text, by bytea, d date, ti time, ts timestamp, tz timestamptz, iv interval, u uuid, j jsonb, ia bigint[], ta text[], da date[]"


async def types(c):
    utc = dt.timezone.utc
    row = (
        True, -1, 2**31 - 1, -(2**63), 0.5, 1e300, decimal.Decimal("-123456789.1250"), "ä\n\t", bytes(range(256)), dt.date(1, 1, 1), dt.time(23, 59, 59, 999999),
        dt.datetime(2024, 2, 29, 1, 2, 3, 4), dt.datetime(2024, 2, 29, 1, 2, 3, tzinfo=utc), dt.timedelta(days=-1, microseconds=5), uuid.uuid4(), '{"a": 1}',
        [1, None, -5], ["", "a,b", None, '"'], [dt.date(2020, 1, 1)],
    )
    marks = ", ".join(f"${i + 1}" for i in range(len(row)))
    await c.execute(f"INSERT INTO t VALUES ({marks})", *row)
    await c.execute(f"INSERT INTO t VALUES ({marks})", *[None] * len(row))
    await c.copy_records_to_table("t", records=[row])
    for got in await c.fetch("SELECT * FROM t WHERE b"):
        equal(tuple(got), row)
    equal(await c.fetchval("SELECT count(*) FROM t WHERE b IS NULL AND da IS NULL"), 1)


async def pool():
    pool = await asyncpg.create_pool(host="127.0.0.1", port=int(sys.argv[1]), user="admin", database="leibrix", server_settings={"search_path": "apg"}, min_size=4, max_size=8)
    async with pool.acquire() as c:
        await c.execute("DROP SCHEMA IF EXISTS apg CASCADE; CREATE SCHEMA apg; CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t SELECT i, 0 FROM generate_series(1, 10) g(i)")

    async def worker(seed):
        for i in range(50):
            async with pool.acquire() as c:
                await c.execute("UPDATE t SET n = n + 1 WHERE id = $1", (seed * 7 + i) % 10 + 1)

    await asyncio.gather(*[worker(i) for i in range(8)])
    equal(await pool.fetchval("SELECT sum(n) FROM t"), 400)
    await pool.close()


for name, function in [
    ("many", run(many, "CREATE TABLE t (id int PRIMARY KEY, name text)")), ("records", run(records, "CREATE TABLE t (id int PRIMARY KEY, name text)")),
    ("transactions", run(transactions, "CREATE TABLE t (id int PRIMARY KEY, name text)")), ("types", run(types, f"CREATE TABLE t ({TYPES})")),
    ("pool", lambda: asyncio.run(pool())),
]:
    check(name, function)
done()
