"""Writes queries.jsonl from queries.sql: each query's text and its tree as DuckDB serializes it.

Run with a Python that has duckdb of the pinned version, in this folder.
"""
import json

import duckdb

with open("queries.sql") as source, open("queries.jsonl", "w") as target:
    for line in source:
        sql = line.rstrip("\n")
        tree = duckdb.execute("SELECT json_serialize_sql(?::VARCHAR)", [sql]).fetchone()[0]
        target.write(json.dumps({"sql": sql, "tree": tree}) + "\n")
