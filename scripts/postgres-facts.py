#!/usr/bin/env python3
"""Writes Sources/PostgresCatalog/Facts from a running PostgreSQL 15: shapes and numbers of its system catalogs.

Usage: scripts/postgres-facts.py [psql arguments, such as -h 127.0.0.1 -p 5432 -U postgres]
"""
import pathlib
import subprocess
import sys

TYPES = (
    "bool bytea char name int8 int2 int4 text oid float4 float8 bpchar varchar date time timestamp timestamptz interval "
    "timetz numeric uuid json jsonb regclass anyarray regtype regproc regnamespace xid bit"
).split()
OPERATORS = "= <> < > <= >= + - * / % || ~ !~ ~* !~* ~~ !~~ ~~* !~~* & | # << >> ^ -> ->> @> <@ &&".split()
FUNCTIONS = (
    "pg_get_userbyid pg_get_expr pg_get_indexdef pg_get_constraintdef pg_get_viewdef format_type obj_description "
    "col_description shobj_description pg_relation_size pg_total_relation_size pg_table_size pg_indexes_size "
    "pg_size_pretty pg_database_size has_table_privilege has_schema_privilege has_database_privilege "
    "pg_encoding_to_char pg_get_serial_sequence to_regclass to_regtype pg_table_is_visible pg_type_is_visible "
    "pg_function_is_visible array_to_string quote_ident current_database version pg_backend_pid current_setting "
    "set_config array_upper array_lower pg_is_in_recovery txid_current pg_get_keywords"
).split()


def quoted(words):
    return ", ".join("'%s'" % word for word in words)


KEPT = f"(SELECT oid FROM pg_type WHERE typname IN ({quoted(TYPES)}))"
OPERATOR_FILTER = f"(oprleft IN {KEPT} OR oprleft = 0) AND oprright IN {KEPT} AND oprname IN ({quoted(OPERATORS)})"

RELATIONS = """
SELECT n.nspname, c.relname, c.oid, c.relkind, c.reltype,
  coalesce((SELECT typarray FROM pg_type WHERE oid = c.reltype), 0), c.relisshared::int,
  string_agg(a.attname || ' ' || coalesce(b.typname, t.typname) || CASE WHEN a.attnotnull THEN '!' ELSE '' END, ','
    ORDER BY a.attnum)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type b ON b.oid = t.typbasetype
WHERE n.nspname IN ('pg_catalog', 'information_schema') AND c.relkind IN ('r', 'v')
GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1 DESC, 2"""

FUNCTIONS_QUERY = f"""
SELECT oid, proname, proisstrict::int::text || proretset::int::text || provolatile::text, prorettype, array_to_string(proargtypes::oid[], ',')
FROM pg_proc WHERE prokind = 'f' AND (oid IN (
  SELECT unnest(array[typsubscript::oid, typinput, typoutput, typreceive, typsend, typmodin, typmodout, typanalyze])
    FROM pg_type WHERE typrelid = 0
  UNION SELECT amhandler FROM pg_am UNION SELECT unnest(array[rngcanonical::oid, rngsubdiff]) FROM pg_range
  UNION SELECT unnest(array[oprcode::oid, oprrest, oprjoin]) FROM pg_operator WHERE {OPERATOR_FILTER}
  UNION SELECT castfunc FROM pg_cast WHERE castsource IN {KEPT} AND casttarget IN {KEPT})
 OR (pronamespace = 11 AND proname IN ({quoted(FUNCTIONS)}))) ORDER BY oid"""

OPERATORS_QUERY = f"""
WITH kept AS (SELECT * FROM pg_operator WHERE {OPERATOR_FILTER})
SELECT oid, oprname, oprkind::text || oprcanmerge::int::text || oprcanhash::int::text, oprleft, oprright, oprresult,
  CASE WHEN oprcom IN (SELECT oid FROM kept) THEN oprcom ELSE 0 END,
  CASE WHEN oprnegate IN (SELECT oid FROM kept) THEN oprnegate ELSE 0 END, oprcode::oid, oprrest::oid, oprjoin::oid
FROM kept ORDER BY oid"""

CASTS_QUERY = f"""
SELECT oid, castsource, casttarget, castfunc, castcontext, castmethod FROM pg_cast
WHERE castsource IN {KEPT} AND casttarget IN {KEPT} ORDER BY oid"""

CLASSES_QUERY = """
SELECT o.oid, opcmethod, opcname, opcfamily, opcintype, opcdefault::int, opckeytype
FROM pg_opclass o WHERE opcmethod IN (403, 405) ORDER BY 1"""
FAMILIES_QUERY = """
SELECT oid, opfmethod, opfname FROM pg_opfamily WHERE opfmethod IN (403, 405) ORDER BY 1"""
KEYWORDS_QUERY = "SELECT word, catcode::text || barelabel::int::text FROM pg_get_keywords() ORDER BY 1"
RANGES_QUERY = """
SELECT rngtypid, rngsubtype, rngmultitypid, rngcollation, rngsubopc, rngcanonical::oid, rngsubdiff::oid FROM pg_range ORDER BY 1"""


def rows(query):
    output = subprocess.run(
        ["psql", *sys.argv[1:], "-qAtX", "-F", " ", "-c", query], check=True, capture_output=True, text=True
    ).stdout
    return [line.rstrip() for line in output.splitlines() if line]


def packed(lines, width=116):
    packs, current = [], ""
    for line in lines:
        if current and len(current) + len(line) + 2 > width:
            packs.append(current)
            current = ""
        current = f"{current}; {line}" if current else line
    return packs + [current]


def write(name, comment, members):
    folder = pathlib.Path(__file__).parent.parent / "Sources/PostgresCatalog/Facts"
    lines = [f"// Written by scripts/postgres-facts.py from PostgreSQL 15. {comment}", "extension SystemFacts {"]
    for member, content in members:
        lines += [f'    static let {member} = #"""', *("        " + line for line in content), '        """#']
    lines.append("}")
    (folder / f"SystemFacts+{name}.swift").write_text("\n".join(lines) + "\n")


write("Relations", "One relation a line:\n// schema name oid kind rowType arrayType isShared column type[!][,…]; ! is NOT NULL.",
      [("relationRows", rows(RELATIONS))])
write("Functions", "oid name strict+set+volatility result arguments",
      [("functionRows", packed(rows(FUNCTIONS_QUERY)))])
write("Operators", "Those over types of ours.\n"
      "// Operators: oid name kind+merges+hashes left right result commutator negator function restriction join.\n"
      "// Casts: oid source target function context method.",
      [("operatorRows", packed(rows(OPERATORS_QUERY))), ("castRows", packed(rows(CASTS_QUERY)))])
write("Indexing", "B-tree and hash.\n// Classes: oid method name family type isDefault keyType. Families: oid method name.\n"
      "// Ranges: type subtype multirange collation class canonical difference.",
      [("classRows", packed(rows(CLASSES_QUERY))), ("familyRows", packed(rows(FAMILIES_QUERY))), ("rangeRows", rows(RANGES_QUERY))])
write("Keywords", "word category+isBareLabel", [("keywordRows", packed(rows(KEYWORDS_QUERY)))])
