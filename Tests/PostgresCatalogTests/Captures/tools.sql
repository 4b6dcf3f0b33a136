SELECT nspname FROM pg_namespace WHERE oid = 'public'::regnamespace
----
SELECT c.oid, c.oid::regclass::text, c.* FROM pg_catalog.pg_class c WHERE c.relname = 'lineitem'
----
SELECT n.oid, n.*, d.description FROM pg_catalog.pg_namespace n LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid=n.oid AND d.objsubid=0 AND d.classoid='pg_namespace'::regclass ORDER BY nspname
----
SELECT c.oid, c.*, d.description, pg_catalog.pg_get_expr(c.relpartbound, c.oid) as partition_expr, pg_catalog.pg_get_partkeydef(c.oid) as partition_key FROM pg_catalog.pg_class c LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid=c.oid AND d.objsubid=0 AND d.classoid='pg_class'::regclass WHERE c.relnamespace=2200 AND c.relkind not in ('i','I','c')
----
SELECT t.oid, t.*, c.relkind, format_type(nullif(t.typbasetype, 0), t.typtypmod) as base_type_name, d.description FROM pg_catalog.pg_type t LEFT OUTER JOIN pg_catalog.pg_type et ON et.oid=t.typelem LEFT OUTER JOIN pg_catalog.pg_class c ON c.oid=t.typrelid LEFT OUTER JOIN pg_catalog.pg_description d ON t.oid=d.objoid WHERE t.typname IS NOT NULL AND (c.relkind IS NULL OR c.relkind = 'c') AND (et.typcategory IS NULL OR et.typcategory <> 'C')
----
SELECT e.enumtypid, e.enumlabel FROM pg_catalog.pg_enum e ORDER BY e.enumsortorder
----
SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod) FROM pg_attribute a WHERE a.attrelid = 'lineitem'::regclass AND a.attnum > 0
----
SELECT ns.nspname, t.oid, t.typname, t.typtype, t.typnotnull, t.elemtypoid
FROM (
    SELECT typ.oid, typ.typnamespace, typ.typname, typ.typtype, typ.typrelid, typ.typnotnull, typ.relkind,
        elemtyp.oid AS elemtypoid, elemtyp.typname AS elemtypname, elemcls.relkind AS elemrelkind,
        CASE WHEN elemproc.proname='array_recv' THEN 'a' ELSE elemtyp.typtype END AS elemtyptype
    FROM (
        SELECT typ.oid, typnamespace, typname, typrelid, typnotnull, relkind, typelem AS elemoid,
            CASE WHEN proc.proname='array_recv' THEN 'a' ELSE typ.typtype END AS typtype,
            CASE
                WHEN proc.proname='array_recv' THEN typ.typelem
                WHEN typ.typtype='r' THEN rngsubtype
                WHEN typ.typtype='m' THEN (SELECT rngtypid FROM pg_range WHERE rngmultitypid = typ.oid)
                WHEN typ.typtype='d' THEN typ.typbasetype
            END AS elemtypoid
        FROM pg_type AS typ
        LEFT JOIN pg_class AS cls ON (cls.oid = typ.typrelid)
        LEFT JOIN pg_proc AS proc ON proc.oid = typ.typreceive
        LEFT JOIN pg_range ON (pg_range.rngtypid = typ.oid)
    ) AS typ
    LEFT JOIN pg_type AS elemtyp ON elemtyp.oid = elemtypoid
    LEFT JOIN pg_class AS elemcls ON (elemcls.oid = elemtyp.typrelid)
    LEFT JOIN pg_proc AS elemproc ON elemproc.oid = elemtyp.typreceive
) AS t
JOIN pg_namespace AS ns ON (ns.oid = typnamespace)
WHERE
    typtype IN ('b', 'r', 'm', 'e', 'd') OR
    (typtype = 'c' AND relkind='c') OR
    (typtype = 'p' AND typname IN ('record', 'void', 'unknown')) OR
    (typtype = 'a' AND (
        elemtyptype IN ('b', 'r', 'm', 'e', 'd') OR
        (elemtyptype = 'p' AND elemtypname IN ('record', 'void')) OR
        (elemtyptype = 'c' AND elemrelkind='c')
    ))
ORDER BY CASE
       WHEN typtype IN ('b', 'e', 'p') THEN 0
       WHEN typtype = 'c' THEN 1
       WHEN typtype = 'r' THEN 2
       WHEN typtype = 'm' THEN 3
       WHEN typtype = 'd' AND elemtyptype <> 'a' THEN 4
       WHEN typtype = 'a' THEN 5
       WHEN typtype = 'd' AND elemtyptype = 'a' THEN 6
END
----
SELECT oid::bigint, xmin::text, relname FROM pg_catalog.pg_class WHERE relname = 'lineitem'
----
SELECT N.oid::bigint as id, N.xmin as state_number, nspname as name, D.description, pg_catalog.pg_get_userbyid(N.nspowner) as "owner" from pg_catalog.pg_namespace N left join pg_catalog.pg_description D on N.oid = D.objoid order by case when nspname = pg_catalog.current_schema() then -1::bigint else N.oid::bigint end
----
select L.transactionid::varchar::bigint as transaction_id from pg_catalog.pg_locks L where L.transactionid is not null order by pg_catalog.age(L.transactionid) desc limit 1
----
select case when pg_catalog.pg_is_in_recovery() then null else (pg_catalog.txid_current() % 4294967296)::varchar::bigint end as current_txid
----
SELECT nspname AS "schema", relname AS "name", has_table_privilege(c.oid, 'SELECT') AS s, has_any_column_privilege(c.oid, 'INSERT') AS i, pg_has_role(c.relowner, 'USAGE') FROM pg_class c JOIN pg_namespace n ON c.relnamespace = n.oid WHERE relkind IN ('r', 'v') AND has_schema_privilege(n.oid, 'USAGE')
----
SELECT table_schema, table_name, column_name, data_type, udt_name, is_nullable, character_maximum_length, numeric_precision, column_default FROM information_schema.columns WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY table_schema, table_name, ordinal_position
----
SELECT quote_ident(table_name) FROM information_schema.tables WHERE quote_ident(table_schema) = ANY(array_remove(current_schemas(true), 'pg_catalog'))
----
SELECT quote_ident(column_name) AS "column", data_type AS "type" FROM information_schema.columns WHERE CASE WHEN array_length(parse_ident('public.lineitem'), 1) = 2 THEN quote_ident(table_schema) = (parse_ident('public.lineitem'))[1] AND quote_ident(table_name) = (parse_ident('public.lineitem'))[2] ELSE quote_ident(table_name) = 'x' END
----
SELECT tc.constraint_name, kcu.column_name, ccu.table_name FROM information_schema.table_constraints tc JOIN information_schema.key_column_usage kcu ON tc.constraint_name = kcu.constraint_name JOIN information_schema.constraint_column_usage ccu ON ccu.constraint_name = tc.constraint_name WHERE tc.constraint_type = 'FOREIGN KEY'
----
SELECT schemaname, relname, n_live_tup, seq_scan, last_analyze FROM pg_stat_user_tables ORDER BY n_live_tup DESC
----
SELECT slot_name, plugin, slot_type FROM pg_replication_slots
----
SELECT pg_size_pretty(pg_total_relation_size('app.t')), pg_size_pretty(pg_database_size('leibrix')), pg_relation_size('app.t'::regclass)
----
SELECT t.tgname, t.tgenabled, p.proname FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal
----
SELECT r.rulename, pg_get_ruledef(r.oid) FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
----
SELECT rolname, rolsuper FROM pg_roles WHERE rolname = current_user
----
SELECT a.attname, a.attnum FROM pg_attribute a WHERE a.attrelid = 'app.t'::regclass AND a.attnum = ANY('{1,2}'::int2[])
----
SELECT c.relname, array(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid ORDER BY a.attnum) AS cols FROM pg_class c WHERE c.relname = 'lineitem'
----
SELECT u.n, u.x FROM unnest(ARRAY['a', 'b']) WITH ORDINALITY AS u(x, n)
----
SELECT conname, (SELECT array_agg(attname) FROM unnest(conkey) k JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = k) FROM pg_constraint
----
SELECT proname, pg_get_function_arguments(oid), prorettype::regtype FROM pg_proc WHERE proname = 'int4in'
----
SELECT name, setting, unit FROM pg_settings WHERE name = 'max_index_keys'
----
SELECT relname FROM pg_class WHERE relname ~ '^line' AND relname !~ 'x' AND relname ~* 'ITEM$' ORDER BY relname
----
SELECT row_to_json(x) FROM (SELECT oid, relname FROM pg_class WHERE relname = 'pg_class') x
----
SELECT (current_setting('server_version_num')::int / 100)::int
----
SELECT * FROM pg_catalog.pg_stat_activity WHERE pid = pg_backend_pid()
----
SELECT d.datname, age(d.datfrozenxid), d.datistemplate, pg_encoding_to_char(d.encoding) FROM pg_database d
----
SELECT i.indexrelid::regclass, i.indkey[0], array_position(i.indkey, 1::smallint) FROM pg_index i WHERE i.indrelid = 'app.t'::regclass
