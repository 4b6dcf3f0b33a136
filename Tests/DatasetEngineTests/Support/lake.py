# Helpers for tables of a lake under `root` (set by the caller).
import datetime as dt, os
import pyarrow as pa


def rows(start, count, first_day=dt.date(2024, 1, 1), days=90):
    """Rows with an id, a day, a time and a short string; `days` days in turn."""
    ids = range(start, start + count)
    return pa.table({
        "id": pa.array(ids, pa.int64()),
        "d": pa.array([first_day + dt.timedelta(days=i % days) for i in ids], pa.date32()),
        "ts": pa.array([dt.datetime(2024, 1, 1) + dt.timedelta(minutes=i) for i in ids], pa.timestamp("us")),
        "s": pa.array(["x%d" % (i % 7) if i % 11 else None for i in ids], pa.string()),
    })


def iceberg():
    from pyiceberg.catalog.sql import SqlCatalog
    c = SqlCatalog("lake", uri="sqlite:///" + root + "/catalog.db", warehouse="file://" + root)
    c.create_namespace_if_not_exists("ns")
    return c


def table(name, data):
    """A new Iceberg table with one append."""
    t = iceberg().create_table("ns." + name, schema=data.schema)
    t.append(data)
    return t


def load(name):
    return iceberg().load_table("ns." + name)
