"""pg8000: pure Python, text format, DB-API and native interfaces."""
import datetime
import decimal
import sys

import pg8000.dbapi
import pg8000.native
from check import check, done, equal

port = int(sys.argv[1])
native = pg8000.native.Connection("admin", host="127.0.0.1", port=port, database="leibrix")
dbapi = pg8000.dbapi.connect("admin", host="127.0.0.1", port=port, database="leibrix")


def types():
    rows = native.run("SELECT 1, 'x', 1.50::DECIMAL(4,2), DATE '2024-02-29', true, NULL, [1, 2], TIMESTAMP '2024-01-01 10:00:00'")
    equal(rows, [[1, "x", decimal.Decimal("1.50"), datetime.date(2024, 2, 29), True, None, [1, 2], datetime.datetime(2024, 1, 1, 10)]])


def parameters():
    equal(native.run("SELECT name FROM depts WHERE id = :id", id=2), [["research"]])
    cursor = dbapi.cursor()
    cursor.execute("SELECT id, name FROM depts WHERE id > %s ORDER BY id", (5,))
    equal([tuple(row) for row in cursor.fetchall()], [(6, "empty-handed"), (7, "nobody here")])
    equal([column[0] for column in cursor.description], ["id", "name"])


def prepared():
    statement = native.prepare("SELECT name FROM depts WHERE id = :id")
    equal([statement.run(id=n)[0][0] for n in (1, 2, 3)], ["sales", "research", "support"])
    statement.close()


def errors():
    try:
        native.run("SELECT * FROM no_such_table")
    except pg8000.native.DatabaseError as error:
        equal(error.args[0]["C"], "42P01")
    equal(native.run("SELECT 1"), [[1]])


def transaction():
    cursor = dbapi.cursor()
    cursor.execute("SELECT count(*) FROM orders")
    equal(cursor.fetchone()[0], 5000)
    dbapi.commit()
    dbapi.rollback()


for name, function in [("types", types), ("parameters", parameters), ("prepared", prepared), ("errors", errors), ("transaction", transaction)]:
    check(name, function)
done()
