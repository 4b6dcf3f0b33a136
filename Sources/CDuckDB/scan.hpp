// The scan of a relation as DuckDB's table function.
//
// A plan's bind data holds its snapshot weakly: a prepared plan of an idle session never keeps a retired epoch mapped.
// While DuckDB plans and executes, the transaction holds the catalog's state and with it the snapshot; while it
// executes, the scan's global state holds the snapshot too. Vectors handed to DuckDB point into the snapshot's memory,
// which is safe because every result is copied out of the pipeline before the global state goes.
#pragma once
#include "catalog.hpp"
#include "decode.hpp"
#include "predicate.hpp"

#include "duckdb/function/table_function.hpp"
#include "duckdb/storage/table/row_group_reorderer.hpp"

#include <atomic>

namespace lbx {

struct ScanBindData final : public duckdb::TableFunctionData {
	explicit ScanBindData(RelationEntry &entry);

	unique_ptr<duckdb::FunctionData> Copy() const override;
	bool Equals(const duckdb::FunctionData &other) const override;
	// The snapshot, strongly. Throws an error whose message starts with "lbx:replan" when it is gone.
	shared_ptr<Snapshot> Hold() const;
	// What is known while planning: the snapshot, or a live relation's facts; null for virtual relations.
	shared_ptr<Snapshot> Known() const;
	// The rows of the executing statement. Throws as Hold does, and for a live relation that outgrew the plan's facts.
	shared_ptr<Snapshot> Rows(ClientContext &context) const;

	weak_ptr<Snapshot> snapshot;
	weak_ptr<VirtualRows> rows;
	weak_ptr<LiveRows> live;
	shared_ptr<Snapshot> facts;    // of a live relation, as the plan knows it; holds no rows
	uint64_t facts_version = 0;    // the oldest facts that went into the plan
	bool is_virtual;
	// While planning only: it belongs to the state that the planning transaction holds.
	RelationEntry *entry;
	string catalog, schema, name;
	unique_ptr<duckdb::RowGroupOrderOptions> order;
};

// Shared by the threads of one scan.
// Rows that the scans of one statement may read together: the tenant's bound, a variable of the connection.
class ScanBudget final : public duckdb::ClientContextState {
public:
	// nullptr without a bound.
	static shared_ptr<ScanBudget> Of(ClientContext &context);
	// Counts rows that are about to be read; throws when they pass the bound.
	void Spend(idx_t rows);
	void QueryBegin(ClientContext &context) override {
		spent = 0;
	}

private:
	std::atomic<uint64_t> spent {0};
	std::atomic<uint64_t> most {0};
};

struct ScanGlobalState final : public duckdb::GlobalTableFunctionState {
	idx_t MaxThreads() const override {
		return std::max<idx_t>(1, groups.size());
	}

	shared_ptr<Snapshot> snapshot;
	shared_ptr<ScanBudget> budget;
	vector<column_t> columns; // what is scanned: columns of the relation, or virtual
	vector<idx_t> outputs;    // what leaves: indexes into `columns`
	optional_ptr<duckdb::TableFilterSet> filters;
	vector<idx_t> groups; // those that static filters and the filters of finished joins left, in the order of the scan
	std::atomic<idx_t> next {0};
	std::atomic<idx_t> groups_read {0};
	std::atomic<idx_t> rows_read {0};
	std::atomic<idx_t> rows_hidden {0}; // row versions that the snapshot does not see
};

// One thread's place in the scan, and its scratch memory.
struct ScanLocalState final : public duckdb::LocalTableFunctionState {
	// Selected rows are gathered over several vectors until there are this many, so that operators above work on full
	// chunks also where few rows pass.
	static constexpr idx_t ENOUGH = STANDARD_VECTOR_SIZE / 2;
	static constexpr idx_t ROOM = ENOUGH + STANDARD_VECTOR_SIZE;

	Predicates predicates;
	bool in_group = false;
	idx_t group = 0;    // index into the snapshot's groups
	idx_t ordinal = 0;  // its place in the order of the scan
	idx_t rows = 0;     // of the group
	idx_t position = 0; // first row of the group not looked at
	idx_t pending = 0;  // rows of `selected` not handed over, ascending numbers within the group
	sel_t selected[ROOM];
	idx_t rows_read = 0;
	const uint64_t *visible = nullptr; // the group's, or null
};

duckdb::TableFunction ScanFunction();

// scan_groups.cpp: which row groups are read, in which order, and what the optimizer learns of them.
vector<idx_t> ScanOrder(const Snapshot &snapshot, const ScanBindData &bind);
bool MayPass(const Snapshot &snapshot, idx_t group, const vector<column_t> &columns,
             const duckdb::TableFilterSet &filters);
vector<duckdb::PartitionStatistics> ScanPartitionStatistics(ClientContext &context,
                                                            duckdb::GetPartitionStatsInput &input);

} // namespace lbx
