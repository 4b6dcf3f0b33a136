// The C interface of lbx_scan.h. No C++ exception leaves it.
#include "catalog.hpp"
#include "scan.hpp"
#include "sink.hpp"

#include "duckdb/main/attached_database.hpp"
#include "duckdb/main/connection.hpp"
#include "duckdb/parser/keyword_helper.hpp"
#include "duckdb/parser/parsed_data/create_table_function_info.hpp"
#include "duckdb/storage/storage_extension.hpp"

#include <cstdlib>
#include <cstring>

namespace lbx {

using namespace duckdb;

char *CopyMessage(const string &message) {
	return strdup(message.c_str());
}

// What went wrong, as text for people: without DuckDB's JSON around it.
static char *MessageOf(const std::exception &error) {
	return CopyMessage(ErrorData(error).Message());
}

static duckdb::Connection &ConnectionOf(duckdb_connection connection) {
	return *reinterpret_cast<duckdb::Connection *>(connection);
}

// Holds the C handle for as long as the instance holds the storage extension.
struct RelationStorageInfo final : public StorageExtensionInfo {
	lbx_catalog handle {nullptr};
};

static unique_ptr<Catalog> Attach(optional_ptr<StorageExtensionInfo> info, ClientContext &, AttachedDatabase &db,
                                  const string &, AttachInfo &, AttachOptions &) {
	auto catalog = make_uniq<RelationCatalog>(db);
	static_cast<RelationStorageInfo &>(*info).handle.catalog = catalog.get();
	return std::move(catalog);
}

static unique_ptr<TransactionManager> MakeTransactions(optional_ptr<StorageExtensionInfo>, AttachedDatabase &db,
                                                       Catalog &catalog) {
	return make_uniq<RelationTransactionManager>(db, static_cast<RelationCatalog &>(catalog));
}

// Plans are copied by name, so the scan function needs one in the catalog; it cannot be called there.
static unique_ptr<FunctionData> RefuseCall(ClientContext &, TableFunctionBindInput &, vector<LogicalType> &,
                                           vector<string> &) {
	throw BinderException("lbx_scan is the scan of relations; name the relation instead");
}

static void RegisterScan(ClientContext &context) {
	auto function = ScanFunction();
	function.bind = RefuseCall;
	CreateTableFunctionInfo info(function);
	info.on_conflict = OnCreateConflict::IGNORE_ON_CONFLICT;
	Catalog::GetSystemCatalog(context).CreateTableFunction(context, info);
}

static lbx_catalog *AttachCatalog(duckdb::Connection &connection, const string &name) {
	auto &context = *connection.context;
	context.RunFunctionInTransaction([&]() { RegisterScan(context); });
	auto extension = make_shared_ptr<StorageExtension>();
	auto info = make_shared_ptr<RelationStorageInfo>();
	extension->attach = Attach;
	extension->create_transaction_manager = MakeTransactions;
	extension->storage_info = info;
	// One type a catalog, so that each has a handle of its own.
	auto type = "lbx_" + name;
	StorageExtension::Register(DBConfig::GetConfig(context), type, extension);
	auto result = connection.Query("ATTACH '' AS " + KeywordHelper::WriteQuoted(name, '"') + " (TYPE " +
	                               KeywordHelper::WriteQuoted(type, '"') + ")");
	if (result->HasError()) {
		result->ThrowError();
	}
	return &info->handle;
}

} // namespace lbx

using namespace lbx;

extern "C" {

lbx_snapshot *lbx_snapshot_make(const lbx_relation *relation) {
	try {
		auto snapshot = Snapshot::Make(*relation);
		return snapshot ? new lbx_snapshot {std::move(snapshot)} : nullptr;
	} catch (...) {
		return nullptr;
	}
}

lbx_snapshot *lbx_snapshot_share(const lbx_snapshot *snapshot) {
	return new (std::nothrow) lbx_snapshot {snapshot->snapshot};
}

void lbx_snapshot_release(lbx_snapshot *snapshot) {
	delete snapshot;
}

lbx_catalog *lbx_catalog_attach(duckdb_connection connection, const char *name, char **error) {
	try {
		return AttachCatalog(ConnectionOf(connection), name);
	} catch (std::exception &failure) {
		*error = MessageOf(failure);
	} catch (...) {
		*error = CopyMessage("the catalog could not be attached");
	}
	return nullptr;
}

void lbx_catalog_add_schema(lbx_catalog *catalog, const char *schema) {
	try {
		catalog->catalog->AddSchema(schema);
	} catch (...) {
		// Out of memory: the schema is not there, and lookups say so.
	}
}

uint64_t lbx_catalog_publish(lbx_catalog *catalog, const lbx_change *changes, size_t count, uint64_t overlay,
                             uint64_t ended, char **error) {
	try {
		return catalog->catalog->Publish(changes, count, overlay, ended);
	} catch (std::exception &failure) {
		*error = MessageOf(failure);
	} catch (...) {
		*error = CopyMessage("the relations could not be published");
	}
	return 0;
}

void lbx_catalog_facts_changed(lbx_catalog *catalog) {
	catalog->catalog->FactsChanged();
}

void lbx_connection_set_token(duckdb_connection connection, uint64_t token) {
	ScanContext::Of(*ConnectionOf(connection).context)->token = token;
}

uint64_t lbx_connection_memory(duckdb_connection connection) {
	return BufferManager::GetBufferManager(*ConnectionOf(connection).context).GetUsedMemory();
}

char *lbx_sink_install(duckdb_connection connection) {
	try {
		auto &context = *ConnectionOf(connection).context;
		context.RunFunctionInTransaction([&]() { InstallSink(context); });
		return nullptr;
	} catch (std::exception &failure) {
		return MessageOf(failure);
	} catch (...) {
		return CopyMessage("the sink could not be installed");
	}
}

void lbx_sink_register(const char *key, const lbx_sink *sink) {
	RegisterSink(key, *sink);
}

void lbx_sink_unregister(const char *key) {
	UnregisterSink(key);
}
}
