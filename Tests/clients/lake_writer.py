"""Writes real lake tables for the tests: Iceberg by pyiceberg (SQLite catalog, warehouse on disk), Delta by delta-rs.

  lake_writer.py iceberg-create FOLDER ROWS      FOLDER/warehouse with its catalog.db, table db.events
  lake_writer.py iceberg-append FOLDER ROWS      one more snapshot; ids go on where they ended
  lake_writer.py iceberg-delete FOLDER BELOW     a snapshot without the rows whose id is below
  lake_writer.py iceberg-add-column FOLDER       an optional column more
  lake_writer.py iceberg-retype FOLDER           a column dropped and added again as text: incompatible
  lake_writer.py iceberg-lie FOLDER ROWS         a data file whose manifest entry says five rows more than it has
  lake_writer.py delta-create FOLDER ROWS | delta-append FOLDER ROWS
Prints the table's rows and the sum of its ids, as the writer knows them.
"""
import datetime
import decimal
import os
import sys

import pyarrow as pa

SCHEMA = pa.schema([pa.field("id", pa.int64()), pa.field("at", pa.timestamp("us")), pa.field("name", pa.string()), pa.field("amount", pa.decimal128(12, 2))])


def rows(first, count):
    start = datetime.datetime(2024, 1, 1)
    ids = list(range(first, first + count))
    return pa.table(
        {
            "id": pa.array(ids, pa.int64()), "at": pa.array([start + datetime.timedelta(hours=i) for i in ids], pa.timestamp("us")),
            "name": pa.array([f"name {i % 17}" for i in ids]), "amount": pa.array([decimal.Decimal(i) for i in ids], pa.decimal128(12, 2)),
        },
        schema=SCHEMA,
    )


def iceberg(folder):
    from pyiceberg.catalog.sql import SqlCatalog

    os.makedirs(f"{folder}/warehouse", exist_ok=True)
    return SqlCatalog("lake", uri=f"sqlite:///{folder}/warehouse/catalog.db", warehouse=f"file://{folder}/warehouse")


def report(table):
    ids = table.scan(selected_fields=("id",)).to_arrow().column("id").to_pylist()
    print(f"rows {len(ids)} sum {sum(ids)} snapshot {table.current_snapshot().snapshot_id} location {table.metadata_location}")


def lie(table, count):
    from pyiceberg.io.pyarrow import _dataframe_to_data_files

    first = table.scan(selected_fields=("id",)).to_arrow().num_rows
    with table.transaction() as change, change.update_snapshot().fast_append() as update:
        for data_file in _dataframe_to_data_files(table_metadata=change.table_metadata, df=rows(first, count), io=table.io):
            position = [field.name for field in data_file_schema(table)].index("record_count")
            data_file._data[position] += 5
            update.append_data_file(data_file)


def data_file_schema(table):
    from pyiceberg.manifest import DATA_FILE_TYPE

    return DATA_FILE_TYPE[table.metadata.format_version].fields


def iceberg_command(command, folder, argument):
    catalog = iceberg(folder)
    if command == "iceberg-create":
        catalog.create_namespace_if_not_exists("db")
        table = catalog.create_table("db.events", schema=SCHEMA)
        table.append(rows(0, argument))
    else:
        table = catalog.load_table("db.events")
        if command == "iceberg-append":
            table.append(rows(table.scan(selected_fields=("id",)).to_arrow().num_rows, argument))
        elif command == "iceberg-delete":
            table.delete(f"id < {argument}")
        elif command == "iceberg-add-column":
            from pyiceberg.types import StringType

            with table.update_schema() as update:
                update.add_column("note", StringType())
            table.append(rows(table.scan(selected_fields=("id",)).to_arrow().num_rows, 10).append_column("note", pa.array(["noted"] * 10)))
        elif command == "iceberg-retype":
            from pyiceberg.types import StringType

            with table.update_schema(allow_incompatible_changes=True) as update:
                update.delete_column("amount")
            with table.update_schema(allow_incompatible_changes=True) as update:
                update.add_column("amount", StringType())
            table.append(pa.table({"id": pa.array([1], pa.int64()), "at": pa.array([datetime.datetime(2024, 1, 1)], pa.timestamp("us")), "name": ["x"], "amount": ["not a number"]}))
        elif command == "iceberg-lie":
            lie(table, argument)
        else:
            sys.exit(f"unknown command {command}")
    report(catalog.load_table("db.events"))


def delta_command(command, folder, argument):
    import deltalake

    path = f"{folder}/events"
    if command == "delta-create":
        deltalake.write_deltalake(path, rows(0, argument))
    else:
        count = deltalake.DeltaTable(path).to_pyarrow_table().num_rows
        deltalake.write_deltalake(path, rows(count, argument), mode="append")
    table = deltalake.DeltaTable(path).to_pyarrow_table()
    ids = table.column("id").to_pylist()
    print(f"rows {len(ids)} sum {sum(ids)} version {deltalake.DeltaTable(path).version()}")


command, folder = sys.argv[1], os.path.abspath(sys.argv[2])
argument = int(sys.argv[3]) if len(sys.argv) > 3 else 0
(iceberg_command if command.startswith("iceberg") else delta_command)(command, folder, argument)
