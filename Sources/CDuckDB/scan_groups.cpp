// Which row groups a scan reads and in which order, and the optimizer's view of them as partitions.
#include "scan.hpp"

#include "duckdb/main/client_config.hpp"
#include "duckdb/main/client_context_state.hpp"
#include "duckdb/storage/statistics/numeric_stats.hpp"

#include <algorithm>

namespace lbx {

using namespace duckdb;

shared_ptr<ScanBudget> ScanBudget::Of(ClientContext &context) {
	Value most;
	if (!ClientConfig::GetConfig(context).GetUserVariable("lbx_scan_rows_max", most) || most.IsNull()) {
		return nullptr;
	}
	auto budget = context.registered_state->GetOrCreate<ScanBudget>("lbx_scan_budget");
	budget->most = uint64_t(most.GetValue<int64_t>());
	return budget;
}

void ScanBudget::Spend(idx_t rows) {
	uint64_t bound = most;
	if (spent.fetch_add(rows) + rows > bound) {
		throw InvalidInputException("LBX-3006: the statement reads more than %s rows, the tenant's max_scan_rows",
		                            std::to_string(bound));
	}
}

bool MayPass(const Snapshot &snapshot, idx_t group, const vector<column_t> &columns, const TableFilterSet &filters) {
	for (auto &entry : filters.filters) {
		auto statistics = snapshot.GroupStatistics(group, columns[entry.first]);
		auto verdict = entry.second->CheckStatistics(statistics);
		if (verdict == FilterPropagateResult::FILTER_ALWAYS_FALSE ||
		    verdict == FilterPropagateResult::FILTER_FALSE_OR_NULL) {
			return false;
		}
	}
	return true;
}

// For ORDER BY column LIMIT n: groups by their best value first, so that the Top-N's boundary is tight early. Groups
// without a known value come first, for nothing can be said of them. Only the order changes; groups are skipped by the
// boundary's filter.
vector<idx_t> ScanOrder(const Snapshot &snapshot, const ScanBindData &bind) {
	vector<idx_t> order;
	for (idx_t group = 0; group < snapshot.GroupCount(); group++) {
		order.push_back(group);
	}
	if (!bind.order || bind.order->column_idx.HasChildren()) {
		return order;
	}
	auto column = bind.order->column_idx.GetPrimaryIndex();
	bool ascending = bind.order->order_type == OrderType::ASCENDING;
	vector<Value> best;
	for (auto group : order) {
		auto statistics = snapshot.GroupStatistics(group, column);
		best.push_back(RowGroupReorderer::RetrieveStat(statistics, bind.order->order_by, bind.order->column_type));
	}
	std::stable_sort(order.begin(), order.end(), [&](idx_t a, idx_t b) {
		if (best[a].IsNull() || best[b].IsNull()) {
			return best[a].IsNull() && !best[b].IsNull();
		}
		return ascending ? best[a] < best[b] : best[b] < best[a];
	});
	return order;
}

// Without column statistics here the optimizer answers COUNT(*) alone from partitions, and never asks the scan to skip
// groups for an OFFSET, which `ScanOrder` does not do.
vector<PartitionStatistics> ScanPartitionStatistics(ClientContext &context, GetPartitionStatsInput &input) {
	auto &bind = input.bind_data->Cast<ScanBindData>();
	vector<PartitionStatistics> result;
	// Of a live relation nothing is known that still holds when the plan runs.
	if (bind.is_virtual || bind.facts) {
		return result;
	}
	auto snapshot = bind.Hold();
	for (idx_t group = 0; group < snapshot->GroupCount(); group++) {
		PartitionStatistics partition;
		partition.row_start = snapshot->GroupStart(group);
		partition.count = snapshot->Group(group).rows;
		partition.count_type = CountType::COUNT_EXACT;
		result.push_back(std::move(partition));
	}
	return result;
}

} // namespace lbx
