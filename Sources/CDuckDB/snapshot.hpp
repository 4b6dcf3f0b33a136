// An immutable set of row groups with names and types: what a table entry shows and a scan reads.
//
// Trust: a snapshot reads the row groups' pointers without further checks, once `Verify` has said that their content is
// sound; until then only their statistics are used. Whoever makes the row groups has verified, or verifies when asked, that every array lies inside its memory and is 16-byte aligned, that offsets ascend and end inside their heap or
// child, that codes are below `dictionary_count` (at NULLs too), that VARCHAR bytes are UTF-8, and that validity is
// padded to whole words. `Make` verifies only shapes: column counts, encodings and widths against the types.
#pragma once
#include "engine.hpp"

#include <mutex>

namespace lbx {

class Snapshot {
public:
	// Null when the shapes do not fit the types.
	static shared_ptr<Snapshot> Make(const lbx_relation &relation);
	// Runs `release`. May happen on any thread: the last to let go of the snapshot.
	~Snapshot();
	Snapshot() = default;
	Snapshot(const Snapshot &) = delete;

	idx_t ColumnCount() const {
		return types.size();
	}
	idx_t GroupCount() const {
		return groups.size();
	}
	// Rows there are, or of which the facts are.
	idx_t RowCount() const {
		return groups.empty() ? facts_rows : starts.back();
	}
	const lbx_row_group &Group(idx_t group) const {
		return *groups[group];
	}
	// The row id of the group's first row; the others follow it.
	int64_t FirstRowID(idx_t group) const {
		return groups[group]->first_row_id >= 0 ? groups[group]->first_row_id : int64_t(starts[group]);
	}
	// The place of the group's first row among the snapshot's.
	idx_t GroupStart(idx_t group) const {
		return starts[group];
	}
	// Throws if the content of one of these columns (virtual ones aside) is damaged. Before a scan reads a group.
	void Verify(idx_t group, const vector<column_t> &columns) const;
	// Statistics of one row group's column, or of its row ids; built anew at each call.
	BaseStatistics GroupStatistics(idx_t group, column_t column) const;
	// Statistics of the whole column; null for virtual columns.
	unique_ptr<BaseStatistics> ColumnStatistics(column_t column) const;
	// The strings of a dictionary-encoded column as a vector of `dictionary_count` entries, and one more that is NULL
	// when the column has nulls. Built at the first call, shared by all threads.
	const duckdb::buffer_ptr<duckdb::VectorChildBuffer> &Dictionary(idx_t group, idx_t column) const;

	vector<string> names;
	vector<LogicalType> types;
	vector<bool> not_null;
	uint64_t statistics_version = 0;

private:
	struct DictionarySlot {
		std::once_flag once;
		duckdb::buffer_ptr<duckdb::VectorChildBuffer> strings;
	};

	void SumStatistics();
	void TakeFacts(const lbx_relation &relation);

	vector<const lbx_row_group *> groups;
	vector<idx_t> starts;                           // one more than groups: the last is the number of rows
	vector<unique_ptr<BaseStatistics>> statistics;  // one a column; none for a live relation's scan
	idx_t facts_rows = 0;
	std::unique_ptr<DictionarySlot[]> dictionaries; // group * ColumnCount() + column
	void *owner = nullptr;
	void (*release)(void *) = nullptr;
};

// Whether a column's encoding and width can be read as the type.
bool ShapeFits(const LogicalType &type, const lbx_column &column);

} // namespace lbx

// The C handle: one strong reference.
struct lbx_snapshot {
	lbx::shared_ptr<lbx::Snapshot> snapshot;
};
