// Objects of our own in DuckDB's `system` catalog, where names without a schema and names in pg_catalog and
// information_schema are looked up: views, types, macros, and casts between types with a name of their own.
//
// Each function returns NULL, or a malloc'ed message. All may be called again with the same name: the last one counts.
#pragma once
#include <duckdb.h>

#ifdef __cplusplus
extern "C" {
#endif

// A view `schema`.`name`; the schema is one that every instance has: main, pg_catalog or information_schema.
char *lbx_system_view(duckdb_connection connection, const char *schema, const char *name, const char *query);
// A type in schema main. Its values look like `type`, whose alias need not be its name.
char *lbx_system_type(duckdb_connection connection, const char *name, duckdb_logical_type type);
// One CREATE MACRO statement; the macro goes to schema main.
char *lbx_system_macro(duckdb_connection connection, const char *statement);
// A cast done as between the types without their aliases. `implicit_cost` below 0: only when it is written.
char *lbx_system_cast(duckdb_connection connection, duckdb_logical_type source, duckdb_logical_type target,
                      int64_t implicit_cost);
// Lets a list type with an alias pass for any list, as functions over lists want it.
char *lbx_system_list_cast(duckdb_connection connection, duckdb_logical_type source);

#ifdef __cplusplus
}
#endif
