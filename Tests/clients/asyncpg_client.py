"""asyncpg: binary everywhere, type introspection, prepared statements, cursors, timeouts."""
import asyncio
import datetime
import decimal
import sys
import uuid

import asyncpg
from check import check, done, equal

port = int(sys.argv[1])
loop = asyncio.new_event_loop()


def run(coroutine):
    return loop.run_until_complete(asyncio.wait_for(coroutine, 60))


connection = run(asyncpg.connect(host="127.0.0.1", port=port, user="admin", database="leibrix", timeout=600))


async def types():
    for sql, want in [
        ("true", True), ("2::SMALLINT", 2), ("4::BIGINT", 4), ("1.5::REAL", 1.5), ("2.5::DOUBLE", 2.5), ("12.30::DECIMAL(6,2)", decimal.Decimal("12.30")),
        ("'text'", "text"), ("'\\xDE\\xAD'::BLOB", b"\xde\xad"), ("DATE '2024-02-29'", datetime.date(2024, 2, 29)), ("TIME '12:34:56'", datetime.time(12, 34, 56)),
        ("TIMESTAMP '2024-02-29 12:34:56.5'", datetime.datetime(2024, 2, 29, 12, 34, 56, 500000)), ("INTERVAL '3 days'", datetime.timedelta(days=3)),
        ("'123e4567-e89b-12d3-a456-426614174000'::UUID", uuid.UUID("123e4567-e89b-12d3-a456-426614174000")), ("[1, 2, 3]", [1, 2, 3]),
        ("['a', NULL]", ["a", None]), ("NULL::INTEGER", None), ("'{\"a\": 1}'::JSON", '{"a": 1}'),
    ]:
        got = await connection.fetchval(f"SELECT {sql}")
        if got != want:
            raise AssertionError(f"{sql}: expected {want!r}, got {got!r}")


async def parameters():
    equal(await connection.fetchval("SELECT name FROM depts WHERE id = $1", 2), "research")
    equal(await connection.fetchval("SELECT $1::TEXT || $2::TEXT", "a", "b"), "ab")
    equal(await connection.fetchval("SELECT count(*) FROM orders WHERE day >= $1 AND amount > $2", datetime.date(2024, 1, 1), decimal.Decimal("500")) > 0, True)
    equal(await connection.fetchval("SELECT count(*) FROM depts WHERE id = ANY($1::INTEGER[])", [1, 2, 3]), 3)
    equal(await connection.fetchval("SELECT $1::INTEGER IS NULL", None), True)


async def prepared():
    statement = await connection.prepare("SELECT id, name FROM depts WHERE id > $1 ORDER BY id")
    equal([p.name for p in statement.get_parameters()], ["int4"])
    equal([(a.name, a.type.name) for a in statement.get_attributes()], [("id", "int4"), ("name", "text")])
    equal([tuple(r) for r in await statement.fetch(5)], [(6, "empty-handed"), (7, "nobody here")])


async def cursor():
    async with connection.transaction():
        rows = [row["id"] async for row in connection.cursor("SELECT id FROM orders ORDER BY id", prefetch=333)]
    equal(rows, list(range(5000)))


async def errors():
    try:
        await connection.fetch("SELECT * FROM no_such_table")
    except asyncpg.exceptions.UndefinedTableError as error:
        equal(error.sqlstate, "42P01")
    equal(await connection.fetchval("SELECT 1"), 1)


async def timeout():
    try:
        await connection.fetch("SELECT count(*) FROM range(100000000000) a(i) WHERE hash(i) % 3 = 0", timeout=0.3)
    except (asyncio.TimeoutError, TimeoutError):
        return equal(await connection.fetchval("SELECT 2"), 2)
    raise AssertionError("no timeout")


async def pool():
    async with asyncpg.create_pool(host="127.0.0.1", port=port, user="admin", database="leibrix", min_size=2, max_size=8) as made:
        values = await asyncio.gather(*[made.fetchval("SELECT $1::INTEGER * 10", n) for n in range(60)])
    equal(values, [n * 10 for n in range(60)])


async def copy():
    blocks = []

    async def take(block):
        blocks.append(block)

    await connection.copy_from_query("SELECT id, name FROM depts ORDER BY id", output=take, format="csv")
    equal(b"".join(blocks).split(b"\n")[0], b"1,sales")


async def json_codec():
    await connection.set_type_codec("json", encoder=str, decoder=lambda text: ("decoded", text), schema="pg_catalog")
    equal((await connection.fetchval("SELECT '{}'::JSON"))[0], "decoded")


async def record():
    rows = await connection.fetch("SELECT * FROM people ORDER BY id LIMIT 3")
    equal(rows[0]["hired"], datetime.date(2015, 1, 12))
    equal(list(rows[0].keys())[:2], ["id", "name"])


for name, function in [
    ("types", types), ("parameters", parameters), ("prepared", prepared), ("cursor", cursor), ("errors", errors), ("timeout", timeout), ("pool", pool),
    ("copy", copy), ("records", record), ("type codec by introspection", json_codec),
]:
    check(name, lambda function=function: run(function()))
run(connection.close())
done()
