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


def delete_positions(name, positions):
    """A merge-on-read delete: a position delete file for the rows at these places of the table's first data file."""
    import pyarrow.parquet as pq
    from pyiceberg import manifest as m
    from pyiceberg.table.snapshots import Operation
    from pyiceberg.table.update.snapshot import _FastAppendFiles

    class DeleteManifest(m.ManifestWriterV2):
        def content(self):
            return m.ManifestContent.DELETES

        @property
        def _meta(self):
            return {**super()._meta, "content": "deletes"}

    class Delete(_FastAppendFiles):
        def new_manifest_writer(self, spec):
            return DeleteManifest(
                spec, self._transaction.table_metadata.schema(), self.new_manifest_output(), self._snapshot_id, "deflate")

    t = load(name)
    target = next(iter(t.scan().plan_files())).file.file_path
    path = t.location() + "/data/deletes-%d.parquet" % len(t.metadata.snapshots)
    fields = pa.schema([
        pa.field("file_path", pa.string(), False, {"PARQUET:field_id": "2147483546"}),
        pa.field("pos", pa.int64(), False, {"PARQUET:field_id": "2147483545"})])
    local = path.removeprefix("file://")
    pq.write_table(pa.table({"file_path": [target] * len(positions), "pos": list(positions)}, schema=fields), local)
    file = m.DataFile.from_args(
        content=m.DataFileContent.POSITION_DELETES, file_path=path, file_format=m.FileFormat.PARQUET, partition=m.Record(),
        record_count=len(positions), file_size_in_bytes=os.path.getsize(local))
    file.spec_id = 0
    with t.transaction() as tx:
        producer = Delete(operation=Operation.DELETE, transaction=tx, io=t.io)
        producer.append_data_file(file)
        producer.commit()
