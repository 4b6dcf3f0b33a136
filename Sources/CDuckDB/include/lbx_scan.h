// The shim between row groups in our memory and DuckDB: how a row group looks to the scan, how relations get real
// names in DuckDB's catalog, and how DuckDB's parallel pipeline hands rows to a writer of ours.
//
// Ownership: whoever creates an object releases it with the function named beside it. Row-group memory belongs to the
// caller and stays mapped until the snapshot's `release` callback has run. Every function may be called from any thread.
#pragma once
#include <duckdb.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// ---------------------------------------------------------------------------------------------------------------
// A row group as the scan reads it.

#define LBX_ROW_GROUP_ROWS 122880u  // DuckDB's own; a row group holds 1 to this many rows

typedef enum lbx_encoding {
    // `width` bytes a value, exactly DuckDB's physical representation. Handed over in place.
    LBX_PLAIN = 0,
    // value = base + stored, stored unsigned of `width` bytes (1, 2, 4; 8 below 128 bits), narrower than DuckDB's type. Widened a vector at a time.
    LBX_FRAME = 1,
    // One value for all rows: `data` holds one value as in LBX_PLAIN (or LBX_STRINGS with one string).
    LBX_CONSTANT = 2,
    // Strings and blobs: `data` holds codes of `width` bytes (1, 2, 4) into the dictionary of `dictionary_count` strings
    // (`dictionary_offsets`: count + 1 byte offsets into `heap`). Reaches DuckDB as dictionary vectors.
    LBX_DICTIONARY = 3,
    // Strings and blobs: `data` holds rows + 1 uint32 byte offsets into `heap`.
    LBX_STRINGS = 4,
    // LIST and MAP: `data` holds rows + 1 uint32 element offsets into children[0] (for MAP: a STRUCT of key and value).
    LBX_LIST = 5,
    // STRUCT and UNION: one child a field, each with the parent's rows. `data` is NULL.
    LBX_STRUCT = 6,
    // ARRAY of fixed size: children[0] has rows * size values. `data` is NULL.
    LBX_ARRAY = 7,
    // Every row is NULL. No data, no validity needed.
    LBX_ALL_NULL = 8
} lbx_encoding;

typedef enum lbx_bound_kind {
    LBX_BOUND_NONE = 0,    // nothing known
    LBX_BOUND_INTEGER = 1, // every fixed-width integer-like physical type, dates, times, timestamps, decimals: lower/upper of a 128-bit integer
    LBX_BOUND_DOUBLE = 2,  // REAL and DOUBLE; never set when a NaN is present
    LBX_BOUND_STRING = 3   // VARCHAR: a prefix not above the smallest value, and one not below the largest
} lbx_bound_kind;

typedef struct lbx_bound {
    uint64_t low;       // INTEGER: low 64 bits, two's complement
    int64_t high;       // INTEGER: high 64 bits
    double real;        // DOUBLE
    const char *text;   // STRING: bytes, valid as long as the row group
    uint32_t length;    // STRING
} lbx_bound;

// min and max hold over non-null values. `distinct` is an estimate (0: unknown).
typedef struct lbx_statistics {
    uint8_t kind; // lbx_bound_kind
    uint64_t null_count;
    uint64_t distinct;
    lbx_bound min;
    lbx_bound max;
    uint32_t max_length_plus_one; // STRING: bytes of the longest value, plus one; 0: unknown. Read from a dictionary itself.
} lbx_statistics;

typedef struct lbx_column {
    uint8_t encoding; // lbx_encoding
    uint8_t width;    // bytes of a stored value or code
    uint32_t dictionary_count;
    int64_t base;                  // FRAME
    const uint64_t *validity;      // one bit a row, 1 = valid, lowest bit first, padded to whole words; NULL: all valid
    const void *data;              // 16-byte aligned
    const uint32_t *dictionary_offsets;
    const uint8_t *heap;
    const struct lbx_column *children;
    uint32_t child_count;
    lbx_statistics statistics;
} lbx_column;

typedef struct lbx_row_group {
    uint32_t rows;
    uint32_t column_count;
    const lbx_column *columns;
    const uint64_t *visible; // one bit a row, 1 = the snapshot sees it, padded to whole words; NULL: it sees all
    int64_t first_row_id;    // of the group's first row, the others follow it; -1: rows are numbered through the snapshot
    // NULL: the content is known to be sound. Otherwise a scan calls it, on its threads, before it reads arrays of the column;
    // what it says for one that was found sound must come at once. Returns NULL, or a malloc'ed message that ends the statement.
    char *(*verify)(void *context, uint32_t column);
    void *context;
} lbx_row_group;

// ---------------------------------------------------------------------------------------------------------------
// Relations: an attached catalog in one DuckDB instance, holding named immutable snapshots.

// In `null_count`: some values may be NULL, nobody counted.
#define LBX_NULLS_UNKNOWN UINT64_MAX

typedef struct lbx_catalog lbx_catalog;   // one attached DuckDB database whose tables are ours
typedef struct lbx_snapshot lbx_snapshot; // an immutable set of row groups with names and types

typedef struct lbx_relation {
    const char *const *column_names;
    const duckdb_logical_type *column_types;
    const uint8_t *column_not_null;          // NULL: all nullable
    uint32_t column_count;
    const lbx_row_group *const *row_groups;  // column i of the relation is column i of every group
    uint64_t row_group_count;
    // Of a live relation. Facts: `facts` has a column's statistics for each column, of `facts_rows` rows, and there are
    // no row groups. A scan's snapshot: nothing is summed; its rows lie within the facts of `statistics_version`.
    const struct lbx_column *facts;
    uint64_t facts_rows;
    uint64_t statistics_version;             // 0: not of a live relation
    void *owner;                             // passed to `release` when the last reader is gone
    void (*release)(void *owner);
} lbx_relation;

// Copies names, types and the array of group pointers; statistics of the whole are summed here. Release with lbx_snapshot_release.
lbx_snapshot *lbx_snapshot_make(const lbx_relation *relation);
void lbx_snapshot_release(lbx_snapshot *snapshot);
// One more reference to the same snapshot, with a handle of its own. NULL when out of memory.
lbx_snapshot *lbx_snapshot_share(const lbx_snapshot *snapshot);

// A relation whose rows are made when a statement executes (system tables): the callback returns a new snapshot with
// the same columns (taken over by the caller), or NULL with *error set to a malloc'ed message.
typedef lbx_snapshot *(*lbx_materialize)(void *context, char **error);

// A live relation: `facts` gives what a plan may rely on, `scan` the rows that a connection's scan token sees (0: the
// latest). A plan's facts cover every snapshot whose `statistics_version` is not above theirs; a scan of a later one is
// refused with "lbx:replan". Within one query a relation is asked for one snapshot only. NULL with *error set fails.
typedef lbx_snapshot *(*lbx_live_facts)(void *context, char **error);
typedef lbx_snapshot *(*lbx_live_scan)(void *context, uint64_t token, char **error);

typedef struct lbx_change {
    const char *schema;
    const char *name;
    lbx_snapshot *snapshot;      // retained by the catalog; NULL drops the relation (unless `materialize` is set)
    lbx_materialize materialize; // a virtual relation: `columns_of` gives its columns, this its rows
    void *context;
    const lbx_snapshot *columns_of;
    lbx_live_facts facts;        // a live relation: both are set, and `columns_of` gives its columns
    lbx_live_scan scan;
    const char *view;            // a view: its query; the other sources are NULL
    void (*release_context)(void *context); // NULL, or called once when neither the catalog nor a statement needs it
} lbx_change;

// Attaches a catalog called `name` to the instance. Returns NULL and sets *error (malloc'ed) on failure. Lives as long
// as the instance.
lbx_catalog *lbx_catalog_attach(duckdb_connection connection, const char *name, char **error);
void lbx_catalog_add_schema(lbx_catalog *catalog, const char *schema);
// Applies all changes as one: a statement sees all of them or none. Bumps the catalog's version, so that prepared plans
// over it are planned again. Returns the version, or 0 with *error (malloc'ed) set and nothing changed (two columns of
// one name). Contexts of virtual and live relations are taken over in both cases.
//
// With an `overlay` that is not 0 the changes are seen only by connections whose scan token it is. With an `ended` one
// that overlay goes away in the same moment.
uint64_t lbx_catalog_publish(lbx_catalog *catalog, const lbx_change *changes, size_t count, uint64_t overlay,
                             uint64_t ended, char **error);
// Plans made with earlier facts are made again before they run.
void lbx_catalog_facts_changed(lbx_catalog *catalog);
// What the connection's next statements read live relations at, and whose overlay they see. While none runs.
void lbx_connection_set_token(duckdb_connection connection, uint64_t token);
// Bytes of working memory that the connection's instance holds now. Costs one read.
uint64_t lbx_connection_memory(duckdb_connection connection);

// ---------------------------------------------------------------------------------------------------------------
// Writing: `COPY (query) TO 'KEY' (FORMAT lbx_sink)` runs the query on all of DuckDB's threads and calls the sink whose
// key was registered. Chunks are flat or as DuckDB made them; use the C API's vector functions after `flatten`ed.

typedef struct lbx_sink {
    void *context;
    // Called once a thread; the state is handed to consume and finish of that thread.
    void *(*open)(void *context);
    // Returns NULL, or a malloc'ed error message that ends the statement. The chunk is flattened and valid for the call.
    char *(*consume)(void *context, void *state, duckdb_data_chunk chunk);
    // Called once a thread after its last chunk; takes over the state. Serialised by the shim.
    char *(*finish)(void *context, void *state);
    // Called for a state that never reached finish, because the statement failed.
    void (*abandon)(void *context, void *state);
} lbx_sink;

// Registers the COPY format on the instance; once an instance.
char *lbx_sink_install(duckdb_connection connection);
// Sinks are named by key for the time of one statement.
void lbx_sink_register(const char *key, const lbx_sink *sink);
void lbx_sink_unregister(const char *key);

#ifdef __cplusplus
}
#endif
