// Columns of row groups as DuckDB's vectors.
//
// A `Slice` is either dense (rows start .. start + count, start a multiple of 64, so that validity is word aligned) or a
// list of row numbers. Dense plain values are handed over in place; everything else is written into the
// vector's own memory, or points into the row group's heap (strings).
#pragma once
#include "snapshot.hpp"

namespace lbx {

struct Slice {
	idx_t start;
	const sel_t *rows; // null: dense
	idx_t count;
};

// Fills `result`, which is flat and has room for `slice.count` values, with a column of the snapshot's row group.
// `column` may be a virtual one.
void Decode(const Snapshot &snapshot, idx_t group, column_t column, const Slice &slice, Vector &result);

// As Decode for a column that is not at the top level or not of a snapshot; never points vectors at the row group's
// values, only strings at its heap. `slice.start` may be any.
void DecodeCopy(const LogicalType &type, const lbx_column &column, const Slice &slice, Vector &result);

// Widened integers: base + stored, for `count` values from `source`.
void Widen(const lbx_column &column, PhysicalType type, const Slice &slice, void *target);

} // namespace lbx
