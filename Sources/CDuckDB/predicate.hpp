// The filters that DuckDB pushed into a scan, evaluated a vector of a row group at a time, before any other column is
// touched.
//
// A filter is taken apart into leaves that must all hold. For each row group every leaf is settled against the zone map
// first (always true: dropped; never true: the group is skipped) and then gets the cheapest way of evaluation that the
// column's encoding allows:
//   RANGE    comparisons of integers with constants, joined to one interval a column, on the stored narrow values
//   TABLE    any deterministic filter of a dictionary-encoded column: evaluated once on the dictionary, then looked up;
//            and IN lists over integers stored in one byte
//   NULLS    IS NULL and IS NOT NULL from the validity bits
//   GENERAL  DuckDB's own evaluation on the decoded values of the rows that are left
// RANGE, TABLE and NULLS write one byte a row, which is what compilers turn into vector instructions.
#pragma once
#include "decode.hpp"

#include "duckdb/common/types/vector_cache.hpp"
#include "duckdb/planner/table_filter.hpp"
#include "duckdb/planner/table_filter_state.hpp"

namespace lbx {

struct Predicates {
	enum class Way : uint8_t { DROPPED, RANGE, TABLE, NULLS, GENERAL };

	struct Leaf {
		idx_t slot = 0; // index into the scan's columns
		const duckdb::TableFilter *filter = nullptr;
		unique_ptr<duckdb::TableFilterState> state;
		unique_ptr<duckdb::VectorCache> cache; // GENERAL: memory of the decoded values
		unique_ptr<Vector> values;
		int cost = 0;               // order of GENERAL leaves
		bool optional = false;      // a join's bound: rows that fail may be dropped, and need not be
		bool moving = false;        // the constant may change while the scan runs (the boundary of a Top-N)
		// For the current row group:
		Way way = Way::DROPPED;
		vector<uint8_t> table; // TABLE: one byte a code, and one for NULL
	};

	// One interval of a column's stored values: stored - low <= span, in unsigned arithmetic of the stored width.
	struct Range {
		column_t column;
		uint64_t low;
		uint64_t span;
	};

	void Initialize(ClientContext &context, const vector<column_t> &columns, duckdb::TableFilterSet &filters);
	// Settles the leaves for a row group; false when none of its rows can pass.
	bool Enter(ClientContext &context, const Snapshot &snapshot, idx_t group);
	// Whether every row of the current group passes.
	bool AlwaysTrue() const {
		return always_true;
	}
	// Writes the numbers of the passing rows of start .. start + count to `selected`; returns how many.
	// `start` is a multiple of STANDARD_VECTOR_SIZE.
	idx_t Select(const Snapshot &snapshot, idx_t group, idx_t start, idx_t count, sel_t *selected);

private:
	void AddLeaves(ClientContext &context, idx_t slot, const duckdb::TableFilter &filter, bool optional);
	bool Settle(ClientContext &context, const Snapshot &snapshot, idx_t group, Leaf &leaf);
	bool SettleTable(ClientContext &context, const Snapshot &snapshot, idx_t group, Leaf &leaf);
	bool SettleIn(const Snapshot &snapshot, idx_t group, Leaf &leaf);
	bool AddRange(const Snapshot &snapshot, idx_t group, const Leaf &leaf);
	bool FillMask(const Snapshot &snapshot, idx_t group, idx_t start, idx_t count);
	idx_t SelectGeneral(const Snapshot &snapshot, idx_t group, Leaf &leaf, idx_t start, sel_t *selected, idx_t count,
	                    bool dense);

	vector<column_t> columns;
	vector<Leaf> leaves;
	vector<Range> ranges;
	bool always_true = true;
	uint8_t mask[STANDARD_VECTOR_SIZE];
};

} // namespace lbx
