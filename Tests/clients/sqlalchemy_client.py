"""SQLAlchemy, 1.4 with psycopg2 or 2.x with psycopg 3: connect, reflect, select, errors."""
import sys

import sqlalchemy as sa
from check import check, done, equal

port = sys.argv[1]
driver = "psycopg2" if sa.__version__.startswith("1.4") else "psycopg"
engine = sa.create_engine(f"postgresql+{driver}://admin@127.0.0.1:{port}/leibrix")
inspector = sa.inspect(engine)


def connect():
    with engine.connect() as connection:
        equal(connection.execute(sa.text("SELECT count(*) FROM orders")).scalar(), 5000)


def table_names():
    names = inspector.get_table_names()
    for name in ("depts", "orders", "people", "types"):
        if name not in names:
            raise AssertionError(f"{name} not in {names}")


def schemas():
    names = inspector.get_schema_names()
    if not {"public", "leibrix", "information_schema"} <= set(names):
        raise AssertionError(names)


def columns():
    found = {c["name"]: c["type"] for c in inspector.get_columns("orders")}
    equal(list(found)[:5], ["id", "person_id", "amount", "day", "status"])
    if not isinstance(found["amount"], sa.Numeric) or found["amount"].precision != 10 or found["amount"].scale != 2:
        raise AssertionError(found["amount"])
    if not isinstance(found["day"], sa.Date) or not isinstance(found["id"], sa.BigInteger):
        raise AssertionError(found)


def every_type():
    for name in ("types", "nested", "events", "edge"):
        for column in inspector.get_columns(name):
            # SQLAlchemy has no type for an anonymous record or an array of them, PostgreSQL's neither.
            if isinstance(column["type"], sa.types.NullType) and column["name"] not in ("pair", "deep", "record"):
                raise AssertionError(f"{name}.{column['name']} has no type")


def metadata():
    equal(inspector.get_pk_constraint("orders")["constrained_columns"], [])
    equal(inspector.get_foreign_keys("orders"), [])
    equal(inspector.get_indexes("orders"), [])
    equal(inspector.get_unique_constraints("orders"), [])
    equal(inspector.get_check_constraints("orders"), [])
    inspector.get_view_names()
    inspector.get_table_comment("orders")
    equal(inspector.has_table("orders"), True)
    equal(inspector.has_table("no_such_table"), False)


def reflect_all():
    model = sa.MetaData()
    model.reflect(bind=engine)
    if "people" not in model.tables:
        raise AssertionError(list(model.tables))
    reflect_and_select(model.tables["people"])


def reflect_and_select(people=None):
    if people is None:
        people = sa.Table("people", sa.MetaData(), autoload_with=engine)
    depts = sa.Table("depts", sa.MetaData(), autoload_with=engine)
    query = (
        sa.select(depts.c.name, sa.func.count(people.c.id).label("n")).select_from(depts.join(people, people.c.dept_id == depts.c.id))
        .where(people.c.salary > 50000).group_by(depts.c.name).order_by(depts.c.name)
    )
    with engine.connect() as connection:
        rows = connection.execute(query).fetchall()
    equal([row[0] for row in rows], ["Ops", "empty-handed", "legal", "research", "sales", "support"])


def errors():
    with engine.connect() as connection:
        try:
            connection.execute(sa.text("SELECT * FROM no_such_table"))
        except sa.exc.ProgrammingError as error:
            equal(getattr(error.orig, "pgcode", None) or getattr(error.orig, "sqlstate", None), "42P01")
        else:
            raise AssertionError("no error")
    connect()


def streaming():
    with engine.connect() as connection:
        result = connection.execution_options(stream_results=True, max_row_buffer=500).execute(sa.text("SELECT id FROM orders ORDER BY id"))
        equal([row[0] for row in result], list(range(5000)))


def nested_transaction():
    with engine.connect() as connection, connection.begin():
        with connection.begin_nested():
            connection.execute(sa.text("SELECT 1"))
        equal(connection.execute(sa.text("SELECT 2")).scalar(), 2)


for name, function in [
    ("connect", connect), ("table names", table_names), ("schemas", schemas), ("columns", columns), ("every type", every_type), ("keys and indexes", metadata),
    ("reflect and select", reflect_and_select), ("reflect everything", reflect_all), ("errors", errors), ("streaming", streaming), ("savepoint", nested_transaction),
]:
    check(name, function)
done()
