// COPY (query) TO 'key' (FORMAT lbx_sink): the rows of a query, handed to callbacks on all of DuckDB's threads.
#include "engine.hpp"

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/function/copy_function.hpp"
#include "duckdb/parser/parsed_data/copy_info.hpp"
#include "duckdb/parser/parsed_data/create_copy_function_info.hpp"
#include "sink.hpp"

#include <mutex>

namespace lbx {

using namespace duckdb;

// 1. Sinks by key

static std::mutex registry_lock;

static case_insensitive_map_t<lbx_sink> &Registry() {
	static case_insensitive_map_t<lbx_sink> sinks;
	return sinks;
}

void RegisterSink(const string &key, const lbx_sink &sink) {
	std::lock_guard<std::mutex> guard(registry_lock);
	Registry()[key] = sink;
}

void UnregisterSink(const string &key) {
	std::lock_guard<std::mutex> guard(registry_lock);
	Registry().erase(key);
}

static lbx_sink FindSink(const string &key) {
	std::lock_guard<std::mutex> guard(registry_lock);
	auto found = Registry().find(key);
	if (found == Registry().end()) {
		throw InvalidInputException("no sink is registered as \"%s\"", key);
	}
	return found->second;
}

// 2. The states of a statement

struct SinkBindData final : public FunctionData {
	explicit SinkBindData(const lbx_sink &sink) : sink(sink) {
	}
	unique_ptr<FunctionData> Copy() const override {
		return make_uniq<SinkBindData>(sink);
	}
	bool Equals(const FunctionData &other) const override {
		return sink.context == other.Cast<SinkBindData>().sink.context;
	}
	const lbx_sink sink;
};

struct SinkGlobalState final : public GlobalFunctionData {
	std::mutex finishing;
};

// A state that was opened is finished or, when the statement fails, abandoned: exactly one of both.
struct SinkLocalState final : public LocalFunctionData {
	explicit SinkLocalState(const lbx_sink &sink) : sink(sink), state(sink.open(sink.context)) {
	}
	~SinkLocalState() override {
		if (state) {
			sink.abandon(sink.context, state);
		}
	}
	const lbx_sink sink;
	void *state;
};

static void ThrowIfSet(char *error) {
	if (!error) {
		return;
	}
	string message(error);
	free(error);
	throw InvalidInputException("%s", message);
}

// 3. Chunks as the C API reads them: flat at every level

static void FlattenDeep(Vector &column, idx_t count) {
	column.Flatten(count);
	switch (column.GetType().InternalType()) {
	case PhysicalType::LIST:
		return FlattenDeep(ListVector::GetEntry(column), ListVector::GetListSize(column));
	case PhysicalType::ARRAY:
		return FlattenDeep(ArrayVector::GetEntry(column), ArrayType::GetSize(column.GetType()) * count);
	case PhysicalType::STRUCT:
		for (auto &field : StructVector::GetEntries(column)) {
			FlattenDeep(*field, count);
		}
		return;
	default:
		return;
	}
}

// 4. The format

static unique_ptr<FunctionData> Bind(ClientContext &, CopyFunctionBindInput &input, const vector<string> &,
                                     const vector<LogicalType> &) {
	return make_uniq<SinkBindData>(FindSink(input.info.file_path));
}

static unique_ptr<GlobalFunctionData> InitGlobal(ClientContext &, FunctionData &, const string &) {
	return make_uniq<SinkGlobalState>();
}

static unique_ptr<LocalFunctionData> InitLocal(ExecutionContext &, FunctionData &bind) {
	return make_uniq<SinkLocalState>(bind.Cast<SinkBindData>().sink);
}

static void Consume(ExecutionContext &, FunctionData &, GlobalFunctionData &, LocalFunctionData &local_p,
                    DataChunk &input) {
	auto &local = local_p.Cast<SinkLocalState>();
	for (auto &column : input.data) {
		FlattenDeep(column, input.size());
	}
	auto chunk = reinterpret_cast<duckdb_data_chunk>(&input);
	ThrowIfSet(local.sink.consume(local.sink.context, local.state, chunk));
}

static void Combine(ExecutionContext &, FunctionData &, GlobalFunctionData &global, LocalFunctionData &local_p) {
	auto &local = local_p.Cast<SinkLocalState>();
	std::lock_guard<std::mutex> guard(global.Cast<SinkGlobalState>().finishing);
	auto state = local.state;
	local.state = nullptr;
	ThrowIfSet(local.sink.finish(local.sink.context, state));
}

static void Finalize(ClientContext &, FunctionData &, GlobalFunctionData &) {
}

static CopyFunctionExecutionMode Mode(bool, bool) {
	return CopyFunctionExecutionMode::PARALLEL_COPY_TO_FILE;
}

void InstallSink(ClientContext &context) {
	CopyFunction function("lbx_sink");
	function.copy_to_bind = Bind;
	function.copy_to_initialize_global = InitGlobal;
	function.copy_to_initialize_local = InitLocal;
	function.copy_to_sink = Consume;
	function.copy_to_combine = Combine;
	function.copy_to_finalize = Finalize;
	function.execution_mode = Mode;
	function.extension = "lbx_sink";
	CreateCopyFunctionInfo info(function);
	info.on_conflict = OnCreateConflict::IGNORE_ON_CONFLICT;
	Catalog::GetSystemCatalog(context).CreateCopyFunction(context, info);
}

} // namespace lbx
