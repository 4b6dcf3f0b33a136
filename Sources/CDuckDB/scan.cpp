#include "scan.hpp"

#include "duckdb/common/serializer/deserializer.hpp"
#include "duckdb/common/serializer/serializer.hpp"
#include "duckdb/parser/parsed_data/parse_info.hpp"

namespace lbx {

using namespace duckdb;

// 1. Bind data

ScanBindData::ScanBindData(RelationEntry &entry)
    : snapshot(entry.relation.snapshot), rows(entry.relation.rows), live(entry.relation.live),
      is_virtual(entry.relation.rows != nullptr), entry(&entry), catalog(entry.catalog.GetName()),
      schema(entry.schema.name), name(entry.name) {
	if (entry.relation.live) {
		facts = entry.relation.live->Facts();
		facts_version = facts->statistics_version;
	}
}

unique_ptr<FunctionData> ScanBindData::Copy() const {
	auto result = make_uniq<ScanBindData>(*entry);
	result->facts = facts;
	result->facts_version = facts_version;
	result->order = order ? make_uniq<RowGroupOrderOptions>(*order) : nullptr;
	return std::move(result);
}

bool ScanBindData::Equals(const FunctionData &other_p) const {
	auto &other = other_p.Cast<ScanBindData>();
	return entry == other.entry && !order && !other.order;
}

[[noreturn]] static void ThrowReplan(const string &name) {
	throw InvalidInputException("lbx:replan relation \"%s\" was replaced after the statement was planned", name);
}

shared_ptr<Snapshot> ScanBindData::Hold() const {
	auto held = snapshot.lock();
	if (!held) {
		ThrowReplan(name);
	}
	return held;
}

// 2. Start

shared_ptr<Snapshot> ScanBindData::Known() const {
	return facts ? facts : is_virtual ? nullptr : Hold();
}

static shared_ptr<Snapshot> Materialize(const ScanBindData &bind) {
	auto rows = bind.rows.lock();
	if (!rows) {
		ThrowReplan(bind.name);
	}
	char *error = nullptr;
	auto made = rows->materialize(rows->context, &error);
	if (!made) {
		string message = error ? error : "rows of a relation could not be made";
		free(error);
		throw InvalidInputException("%s", message);
	}
	auto result = std::move(made->snapshot);
	delete made;
	return result;
}

shared_ptr<Snapshot> ScanBindData::Rows(ClientContext &context) const {
	if (is_virtual) {
		return Materialize(*this);
	}
	if (!facts) {
		return Hold();
	}
	auto source = live.lock();
	if (!source) {
		ThrowReplan(name);
	}
	auto result = ScanContext::Of(context)->Scan(source);
	if (result->statistics_version > facts_version) {
		ThrowReplan(name);
	}
	return result;
}

static unique_ptr<GlobalTableFunctionState> InitGlobal(ClientContext &context, TableFunctionInitInput &input) {
	auto &bind = input.bind_data->Cast<ScanBindData>();
	auto state = make_uniq<ScanGlobalState>();
	state->snapshot = bind.Rows(context);
	state->budget = bind.is_virtual ? nullptr : ScanBudget::Of(context);
	state->columns = input.column_ids;
	state->filters = input.filters;
	if (input.projection_ids.empty()) {
		for (idx_t i = 0; i < input.column_ids.size(); i++) {
			state->outputs.push_back(i);
		}
	} else {
		state->outputs = input.projection_ids;
	}
	for (auto group : ScanOrder(*state->snapshot, bind)) {
		if (!state->filters || MayPass(*state->snapshot, group, state->columns, *state->filters)) {
			state->groups.push_back(group);
		}
	}
	return std::move(state);
}

static unique_ptr<LocalTableFunctionState> InitLocal(ExecutionContext &context, TableFunctionInitInput &input,
                                                     GlobalTableFunctionState *global) {
	auto &shared = global->Cast<ScanGlobalState>();
	auto state = make_uniq<ScanLocalState>();
	if (input.filters) {
		state->predicates.Initialize(context.client, shared.columns, *input.filters);
	}
	return std::move(state);
}

// 3. Scan

// Takes the next row group that may have rows to give; false when there is none.
static bool NextGroup(ClientContext &context, ScanGlobalState &shared, ScanLocalState &local) {
	local.in_group = false;
	for (;;) {
		if (context.interrupted) {
			throw InterruptException();
		}
		auto ordinal = shared.next.fetch_add(1);
		if (ordinal >= shared.groups.size()) {
			return false;
		}
		local.ordinal = ordinal;
		local.group = shared.groups[ordinal];
		shared.snapshot->Verify(local.group, shared.columns);
		// The filters of a Top-N move while the scan runs: the zone map is asked again here.
		if (!local.predicates.Enter(context, *shared.snapshot, local.group)) {
			continue;
		}
		local.rows = shared.snapshot->Group(local.group).rows;
		if (shared.budget) {
			shared.budget->Spend(local.rows);
		}
		local.visible = shared.snapshot->Group(local.group).visible;
		local.position = 0;
		local.pending = 0;
		local.in_group = true;
		shared.groups_read++;
		shared.rows_read += local.rows;
		local.rows_read += local.rows;
		return true;
	}
}

static void Emit(const ScanGlobalState &shared, const ScanLocalState &local, const Slice &slice, DataChunk &output) {
	for (idx_t i = 0; i < shared.outputs.size(); i++) {
		Decode(*shared.snapshot, local.group, shared.columns[shared.outputs[i]], slice, output.data[i]);
	}
	output.SetCardinality(slice.count);
}

// Hands over the oldest selected rows.
static void EmitPending(const ScanGlobalState &shared, ScanLocalState &local, DataChunk &output) {
	auto count = MinValue<idx_t>(local.pending, STANDARD_VECTOR_SIZE);
	Emit(shared, local, Slice {0, local.selected, count}, output);
	local.pending -= count;
	std::move(local.selected + count, local.selected + count + local.pending, local.selected);
}

// 3a. Rows that the snapshot does not see. `start` is a multiple of 64, and bits past the group's rows may be anything.

static idx_t CountHidden(const uint64_t *visible, idx_t start, idx_t count) {
	idx_t seen = 0;
	auto words = visible + start / 64;
	for (idx_t i = 0; i < count / 64; i++) {
		seen += idx_t(__builtin_popcountll(words[i]));
	}
	if (count % 64 != 0) {
		seen += idx_t(__builtin_popcountll(words[count / 64] & ((uint64_t(1) << (count % 64)) - 1)));
	}
	return count - seen;
}

static idx_t SelectVisible(const uint64_t *visible, idx_t start, idx_t count, sel_t *selected) {
	idx_t found = 0;
	for (idx_t base = start; base < start + count; base += 64) {
		auto word = visible[base / 64];
		auto last = MinValue<idx_t>(64, start + count - base);
		if (last < 64) {
			word &= (uint64_t(1) << last) - 1;
		}
		for (; word != 0; word &= word - 1) {
			selected[found++] = sel_t(base + idx_t(__builtin_ctzll(word)));
		}
	}
	return found;
}

static idx_t KeepVisible(const uint64_t *visible, sel_t *selected, idx_t count) {
	idx_t kept = 0;
	for (idx_t i = 0; i < count; i++) {
		auto row = selected[i];
		selected[kept] = row;
		kept += (visible[row / 64] >> (row % 64)) & 1;
	}
	return kept;
}

// Fills `output` from the current group; leaves it empty when the group has no more rows to give.
static void ScanGroup(ScanGlobalState &shared, ScanLocalState &local, DataChunk &output) {
	while (local.position < local.rows && local.pending < ScanLocalState::ENOUGH) {
		auto start = local.position;
		auto count = MinValue<idx_t>(STANDARD_VECTOR_SIZE, local.rows - start);
		auto hidden = local.visible ? CountHidden(local.visible, start, count) : 0;
		auto target = local.selected + local.pending;
		idx_t found = count;
		if (local.predicates.AlwaysTrue()) {
			if (hidden == 0 && local.pending > 0) {
				break; // what was gathered first: this vector goes as it is
			}
			if (hidden > 0) {
				found = SelectVisible(local.visible, start, count, target);
			}
		} else {
			found = local.predicates.Select(*shared.snapshot, local.group, start, count, target);
			if (hidden > 0) {
				found = KeepVisible(local.visible, target, found);
			}
		}
		local.position += count;
		shared.rows_hidden += hidden;
		if (found == count && local.pending == 0) {
			return Emit(shared, local, Slice {start, nullptr, count}, output);
		}
		local.pending += found;
	}
	if (local.pending > 0) {
		EmitPending(shared, local, output);
	}
}

static void Scan(ClientContext &context, TableFunctionInput &input, DataChunk &output) {
	auto &shared = input.global_state->Cast<ScanGlobalState>();
	auto &local = input.local_state->Cast<ScanLocalState>();
	for (;;) {
		if (local.in_group) {
			ScanGroup(shared, local, output);
			if (output.size() > 0) {
				return;
			}
		}
		if (!NextGroup(context, shared, local)) {
			output.SetCardinality(0);
			return;
		}
	}
}

// 4. What planning and profiling ask

static unique_ptr<BaseStatistics> Statistics(ClientContext &context, TableFunctionGetStatisticsInput &input) {
	auto &bind = input.bind_data->Cast<ScanBindData>();
	if (bind.is_virtual || input.column_index.IsVirtualColumn() || input.column_index.HasChildren()) {
		return nullptr;
	}
	return bind.Known()->ColumnStatistics(input.column_index.GetPrimaryIndex());
}

static unique_ptr<NodeStatistics> Cardinality(ClientContext &context, const FunctionData *bind_data) {
	auto &bind = bind_data->Cast<ScanBindData>();
	if (bind.is_virtual) {
		return nullptr;
	}
	auto rows = bind.Known()->RowCount();
	return bind.facts ? make_uniq<NodeStatistics>(rows) : make_uniq<NodeStatistics>(rows, rows);
}

static InsertionOrderPreservingMap<string> ToText(TableFunctionToStringInput &input) {
	auto &bind = input.bind_data->Cast<ScanBindData>();
	InsertionOrderPreservingMap<string> result;
	result["Relation"] = bind.schema + "." + bind.name;
	return result;
}

static InsertionOrderPreservingMap<string> ToTextAfter(TableFunctionDynamicToStringInput &input) {
	InsertionOrderPreservingMap<string> result;
	if (input.global_state) {
		auto &shared = input.global_state->Cast<ScanGlobalState>();
		auto total = shared.snapshot->GroupCount();
		auto read = shared.groups_read.load();
		result["Row Groups Read"] = std::to_string(read) + " of " + std::to_string(total);
		result["Row Groups Skipped"] = std::to_string(total - read);
		if (shared.snapshot->statistics_version != 0) {
			result["Versions Skipped"] = std::to_string(shared.rows_hidden.load());
		}
	}
	return result;
}

static void Metrics(ClientContext &, const FunctionData *, GlobalTableFunctionState &global,
                    LocalTableFunctionState &local, const profiler_settings_t &wanted, profiler_metrics_t &metrics) {
	if (wanted.find(MetricType::OPERATOR_ROWS_SCANNED) != wanted.end()) {
		metrics[MetricType::OPERATOR_ROWS_SCANNED] = Value::UBIGINT(local.Cast<ScanLocalState>().rows_read);
	}
}

static double Progress(ClientContext &context, const FunctionData *bind, const GlobalTableFunctionState *global) {
	auto &shared = global->Cast<ScanGlobalState>();
	auto total = shared.groups.size();
	return total == 0 ? 100.0 : 100.0 * double(MinValue<idx_t>(shared.next.load(), total)) / double(total);
}

static OperatorPartitionData PartitionData(ClientContext &context, TableFunctionGetPartitionInput &input) {
	return OperatorPartitionData(input.local_state->Cast<ScanLocalState>().ordinal);
}

static BindInfo GetBindInfo(const optional_ptr<FunctionData> bind_data) {
	return BindInfo(*bind_data->Cast<ScanBindData>().entry);
}

static virtual_column_map_t VirtualColumns(ClientContext &context, optional_ptr<FunctionData> bind_data) {
	return bind_data->Cast<ScanBindData>().entry->GetVirtualColumns();
}

static vector<column_t> RowIdColumns(ClientContext &context, optional_ptr<FunctionData> bind_data) {
	return {COLUMN_IDENTIFIER_ROW_ID};
}

static bool PushExpression(ClientContext &context, const LogicalGet &get, Expression &expression) {
	return true;
}

static void SetScanOrder(unique_ptr<RowGroupOrderOptions> order, optional_ptr<FunctionData> bind_data) {
	bind_data->Cast<ScanBindData>().order = std::move(order);
}

// Plans are copied by writing and reading them: the reader looks the relation up again, in the same transaction.
static void Serialize(Serializer &serializer, const optional_ptr<FunctionData> bind_data, const TableFunction &) {
	auto &bind = bind_data->Cast<ScanBindData>();
	serializer.WriteProperty(100, "catalog", bind.catalog);
	serializer.WriteProperty(101, "schema", bind.schema);
	serializer.WriteProperty(102, "table", bind.name);
	serializer.WriteProperty(103, "facts", bind.facts_version);
}

static unique_ptr<FunctionData> Deserialize(Deserializer &deserializer, TableFunction &function) {
	auto catalog = deserializer.ReadProperty<string>(100, "catalog");
	auto schema = deserializer.ReadProperty<string>(101, "schema");
	auto table = deserializer.ReadProperty<string>(102, "table");
	auto &entry = Catalog::GetEntry<TableCatalogEntry>(deserializer.Get<ClientContext &>(), catalog, schema, table);
	auto facts = deserializer.ReadProperty<uint64_t>(103, "facts");
	auto result = make_uniq<ScanBindData>(static_cast<RelationEntry &>(entry));
	// The plan that is copied knows no more than it did.
	result->facts_version = MinValue<uint64_t>(result->facts_version, facts);
	return std::move(result);
}

TableFunction ScanFunction() {
	TableFunction function("lbx_scan", {}, Scan, nullptr, InitGlobal, InitLocal);
	function.statistics_extended = Statistics;
	function.cardinality = Cardinality;
	function.to_string = ToText;
	function.dynamic_to_string = ToTextAfter;
	function.get_metrics = Metrics;
	function.table_scan_progress = Progress;
	function.get_partition_data = PartitionData;
	function.get_partition_stats = ScanPartitionStatistics;
	function.get_bind_info = GetBindInfo;
	function.get_virtual_columns = VirtualColumns;
	function.get_row_id_columns = RowIdColumns;
	function.pushdown_expression = PushExpression;
	function.set_scan_order = SetScanOrder;
	function.serialize = Serialize;
	function.deserialize = Deserialize;
	function.projection_pushdown = true;
	function.filter_pushdown = true;
	function.filter_prune = true;
	function.late_materialization = true;
	return function;
}

} // namespace lbx
