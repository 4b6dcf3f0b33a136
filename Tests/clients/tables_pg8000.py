"""pg8000 writing: the DB-API and the native interface."""
import datetime as dt
import decimal
import sys

import pg8000.dbapi
import pg8000.native
from check import check, done, equal

where = dict(user="admin", host="127.0.0.1", port=int(sys.argv[1]), database="leibrix")


def dbapi():
    with pg8000.dbapi.connect(**where) as c:
        cursor = c.cursor()
        cursor.execute("DROP TABLE IF EXISTS pg8k")
        cursor.execute("CREATE TABLE pg8k (id serial PRIMARY KEY, name text, n numeric(8,2), d date, ok boolean, a int[])")
        cursor.execute("INSERT INTO pg8k (name, n, d, ok, a) VALUES (%s, %s, %s, %s, %s) RETURNING id", ("a", decimal.Decimal("2.50"), dt.date(2024, 5, 6), True, [1, 2]))
        equal(cursor.fetchone()[0], 1)
        cursor.executemany("INSERT INTO pg8k (name) VALUES (%s)", [("b",), ("c",)])
        c.commit()
        cursor.execute("INSERT INTO pg8k (name) VALUES ('gone')")
        c.rollback()
        cursor.execute("SELECT id, name, n, d, ok, a FROM pg8k ORDER BY id")
        rows = [list(r) for r in cursor.fetchall()]
        equal(rows[0], [1, "a", decimal.Decimal("2.50"), dt.date(2024, 5, 6), True, [1, 2]])
        equal(len(rows), 3)
        cursor.execute("UPDATE pg8k SET name = 'z' WHERE id > %s", (1,))
        equal(cursor.rowcount, 2)
        try:
            cursor.execute("INSERT INTO pg8k (id) VALUES (1)")
        except pg8000.dbapi.DatabaseError as error:
            equal((error.args[0]["C"], error.args[0]["n"]), ("23505", "pg8k_pkey"))
        c.rollback()


def copy():
    import io

    with pg8000.native.Connection(**where) as c:
        c.run("DROP TABLE IF EXISTS pg8k2")
        c.run("CREATE TABLE pg8k2 (id int PRIMARY KEY, t text)")
        c.run("COPY pg8k2 FROM STDIN WITH (FORMAT csv)", stream=io.StringIO("1,a\n2,\"b,c\"\n"))
        out = io.StringIO()
        c.run("COPY pg8k2 TO STDOUT WITH (FORMAT csv, HEADER)", stream=out)
        equal(out.getvalue(), "id,t\n1,a\n2,\"b,c\"\n")
        c.run("START TRANSACTION")
        c.run("DELETE FROM pg8k2")
        c.run("ROLLBACK")
        equal(c.run("SELECT count(*) FROM pg8k2"), [[2]])
        equal(c.run("SELECT t FROM pg8k2 WHERE id = :id", id=2), [["b,c"]])


for name, function in [("dbapi", dbapi), ("copy", copy)]:
    check(name, function)
done()
