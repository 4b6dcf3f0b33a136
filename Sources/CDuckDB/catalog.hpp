// Relations under real names: a catalog attached to a DuckDB instance, whose whole content is one immutable state.
//
// Invariants:
// - A `CatalogState` never changes after it was published; publishing swaps the pointer to a new one.
// - A DuckDB transaction binds to the state that is current at its first use of the catalog and holds it strongly to its
//   end. Whatever it looks up (entries, their snapshots) lives at least that long, and is of one moment.
// - Schema entries are made once a name and live as long as the catalog; table entries belong to states.
// - Plans hold snapshots weakly (see scan.hpp). The catalog's version tells states, overlays and facts apart, so a
//   prepared plan of an older one is planned again before it runs.
// - An overlay is what one scan token sees differently: relations that a transaction made, changed or dropped and has not
//   committed. It is looked up anew at each use, and held by the transactions that found it.
#pragma once
#include "live.hpp"
#include "snapshot.hpp"

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/schema_catalog_entry.hpp"
#include "duckdb/transaction/transaction.hpp"
#include "duckdb/transaction/transaction_manager.hpp"

namespace lbx {

class RelationEntry;
class RelationSchema;

// Rows made when a statement executes. `release_context` runs when neither a state nor a scan refers to it any more.
struct VirtualRows {
	VirtualRows(lbx_materialize materialize, void *context, void (*release_context)(void *))
	    : materialize(materialize), context(context), release_context(release_context) {
	}
	VirtualRows(const VirtualRows &) = delete;

	const lbx_materialize materialize;
	void *const context;
	void (*const release_context)(void *context);

	~VirtualRows() {
		if (release_context) {
			release_context(context);
		}
	}
};

// What a name stands for. Exactly one of `snapshot`, `rows` and `live` is the source of its rows; `columns` gives its
// columns.
struct Relation {
	shared_ptr<Snapshot> snapshot;
	shared_ptr<VirtualRows> rows;
	shared_ptr<LiveRows> live;
	shared_ptr<Snapshot> columns;
};

// Entries of one schema: relations, and DuckDB's own entries for views. `aliases` are the same as entries of the alias
// `main`; only public has them.
struct SchemaState {
	duckdb::case_insensitive_map_t<shared_ptr<duckdb::CatalogEntry>> entries;
	duckdb::case_insensitive_map_t<shared_ptr<duckdb::CatalogEntry>> aliases;
};

// In an overlay's schemas a name without an entry is one that was dropped.
struct Overlay {
	uint64_t version = 0; // that of the state it came with
	duckdb::case_insensitive_map_t<shared_ptr<const SchemaState>> schemas;
};

struct CatalogState {
	uint64_t version = 1;
	duckdb::case_insensitive_map_t<shared_ptr<const SchemaState>> schemas;
	std::map<uint64_t, shared_ptr<const Overlay>> overlays;
};

class RelationCatalog final : public duckdb::Catalog {
public:
	explicit RelationCatalog(duckdb::AttachedDatabase &db);
	~RelationCatalog() override;

	// Any thread.
	shared_ptr<const CatalogState> State() const;
	void AddSchema(const string &name);
	uint64_t Publish(const lbx_change *changes, size_t count, uint64_t overlay, uint64_t ended);
	void FactsChanged() {
		facts_version++;
	}

	void Initialize(bool load_builtin) override {
	}
	string GetCatalogType() override {
		return "lbx";
	}
	duckdb::optional_idx GetCatalogVersion(ClientContext &context) override;
	bool CheckAmbiguousCatalogOrSchema(ClientContext &context, const string &schema) override {
		return false; // a schema may be called as a catalog is
	}
	string GetDefaultSchema() const override {
		return "public";
	}
	bool InMemory() override {
		return true;
	}
	string GetDBPath() override {
		return string();
	}
	duckdb::DatabaseSize GetDatabaseSize(ClientContext &context) override;
	optional_ptr<duckdb::SchemaCatalogEntry> LookupSchema(duckdb::CatalogTransaction transaction,
	                                                      const duckdb::EntryLookupInfo &lookup,
	                                                      duckdb::OnEntryNotFound if_not_found) override;
	void ScanSchemas(ClientContext &context, std::function<void(duckdb::SchemaCatalogEntry &)> callback) override;

	// Everything that would write is refused.
	optional_ptr<duckdb::CatalogEntry> CreateSchema(duckdb::CatalogTransaction, duckdb::CreateSchemaInfo &) override;
	duckdb::PhysicalOperator &PlanCreateTableAs(ClientContext &, duckdb::PhysicalPlanGenerator &,
	                                            duckdb::LogicalCreateTable &, duckdb::PhysicalOperator &) override;
	duckdb::PhysicalOperator &PlanInsert(ClientContext &, duckdb::PhysicalPlanGenerator &, duckdb::LogicalInsert &,
	                                     optional_ptr<duckdb::PhysicalOperator>) override;
	duckdb::PhysicalOperator &PlanDelete(ClientContext &, duckdb::PhysicalPlanGenerator &, duckdb::LogicalDelete &,
	                                     duckdb::PhysicalOperator &) override;
	duckdb::PhysicalOperator &PlanUpdate(ClientContext &, duckdb::PhysicalPlanGenerator &, duckdb::LogicalUpdate &,
	                                     duckdb::PhysicalOperator &) override;
	// DuckDB's own binding of an index takes every scan's bind data for that of its tables, and writes into it.
	unique_ptr<duckdb::LogicalOperator> BindCreateIndex(duckdb::Binder &, duckdb::CreateStatement &,
	                                                    duckdb::TableCatalogEntry &,
	                                                    unique_ptr<duckdb::LogicalOperator>) override;
	unique_ptr<duckdb::LogicalOperator> BindAlterAddIndex(duckdb::Binder &, duckdb::TableCatalogEntry &,
	                                                      unique_ptr<duckdb::LogicalOperator>,
	                                                      unique_ptr<duckdb::CreateIndexInfo>,
	                                                      unique_ptr<duckdb::AlterTableInfo>) override;

private:
	void DropSchema(ClientContext &context, duckdb::DropInfo &info) override;
	RelationSchema &SchemaLocked(const string &name);
	void PutLocked(const lbx_change &change, const Relation &relation, SchemaState &schema, bool keeps_dropped);

	mutable std::mutex lock;
	std::atomic<uint64_t> facts_version {0};
	shared_ptr<const CatalogState> state;
	duckdb::case_insensitive_map_t<unique_ptr<RelationSchema>> schemas;
};

class RelationSchema final : public duckdb::SchemaCatalogEntry {
public:
	// `source` is the schema whose relations this one shows: its own name, or public for main.
	RelationSchema(RelationCatalog &catalog, duckdb::CreateSchemaInfo &info, string source);

	void Scan(ClientContext &context, duckdb::CatalogType type,
	          const std::function<void(duckdb::CatalogEntry &)> &callback) override;
	void Scan(duckdb::CatalogType type, const std::function<void(duckdb::CatalogEntry &)> &callback) override;
	optional_ptr<duckdb::CatalogEntry> LookupEntry(duckdb::CatalogTransaction transaction,
	                                               const duckdb::EntryLookupInfo &lookup) override;

	optional_ptr<duckdb::CatalogEntry> CreateIndex(duckdb::CatalogTransaction, duckdb::CreateIndexInfo &,
	                                               duckdb::TableCatalogEntry &) override;
	optional_ptr<duckdb::CatalogEntry> CreateFunction(duckdb::CatalogTransaction, duckdb::CreateFunctionInfo &) override;
	optional_ptr<duckdb::CatalogEntry> CreateTable(duckdb::CatalogTransaction, duckdb::BoundCreateTableInfo &) override;
	optional_ptr<duckdb::CatalogEntry> CreateView(duckdb::CatalogTransaction, duckdb::CreateViewInfo &) override;
	optional_ptr<duckdb::CatalogEntry> CreateSequence(duckdb::CatalogTransaction, duckdb::CreateSequenceInfo &) override;
	optional_ptr<duckdb::CatalogEntry> CreateTableFunction(duckdb::CatalogTransaction,
	                                                       duckdb::CreateTableFunctionInfo &) override;
	optional_ptr<duckdb::CatalogEntry> CreateCopyFunction(duckdb::CatalogTransaction,
	                                                      duckdb::CreateCopyFunctionInfo &) override;
	optional_ptr<duckdb::CatalogEntry> CreatePragmaFunction(duckdb::CatalogTransaction,
	                                                        duckdb::CreatePragmaFunctionInfo &) override;
	optional_ptr<duckdb::CatalogEntry> CreateCollation(duckdb::CatalogTransaction,
	                                                   duckdb::CreateCollationInfo &) override;
	optional_ptr<duckdb::CatalogEntry> CreateType(duckdb::CatalogTransaction, duckdb::CreateTypeInfo &) override;
	void DropEntry(ClientContext &context, duckdb::DropInfo &info) override;
	void Alter(duckdb::CatalogTransaction transaction, duckdb::AlterInfo &info) override;

private:
	using Entries = duckdb::case_insensitive_map_t<shared_ptr<duckdb::CatalogEntry>>;
	using Schemas = duckdb::case_insensitive_map_t<shared_ptr<const SchemaState>>;
	const Entries *EntriesOf(const Schemas &schemas) const;

	RelationCatalog &relations;
	const string source;
};

// A relation as DuckDB's binder sees it. Lives as long as a state refers to it.
class RelationEntry final : public duckdb::TableCatalogEntry {
public:
	RelationEntry(RelationCatalog &catalog, RelationSchema &schema, duckdb::CreateTableInfo &info, Relation relation);

	unique_ptr<BaseStatistics> GetStatistics(ClientContext &context, column_t column_id) override;
	duckdb::TableFunction GetScanFunction(ClientContext &context, unique_ptr<duckdb::FunctionData> &bind_data) override;
	duckdb::TableStorageInfo GetStorageInfo(ClientContext &context) override;
	duckdb::virtual_column_map_t GetVirtualColumns() const override;

	const Relation relation;
};

class RelationTransaction final : public duckdb::Transaction {
public:
	RelationTransaction(duckdb::TransactionManager &manager, ClientContext &context,
	                    shared_ptr<const CatalogState> state)
	    : Transaction(manager, context), state(std::move(state)) {
	}
	static RelationTransaction &Get(ClientContext &context, duckdb::Catalog &catalog) {
		return Transaction::Get(context, catalog).Cast<RelationTransaction>();
	}
	// What the connection's scan token sees differently now, or null. Lives to the transaction's end.
	const Overlay *CurrentOverlay(ClientContext &context);

	const shared_ptr<const CatalogState> state;

private:
	vector<shared_ptr<const Overlay>> overlays;
};

class RelationTransactionManager final : public duckdb::TransactionManager {
public:
	RelationTransactionManager(duckdb::AttachedDatabase &db, RelationCatalog &catalog)
	    : TransactionManager(db), catalog(catalog) {
	}
	duckdb::Transaction &StartTransaction(ClientContext &context) override;
	duckdb::ErrorData CommitTransaction(ClientContext &context, duckdb::Transaction &transaction) override;
	void RollbackTransaction(duckdb::Transaction &transaction) override;
	void Checkpoint(ClientContext &context, bool force) override {
	}

private:
	RelationCatalog &catalog;
	std::mutex lock;
	duckdb::reference_map_t<duckdb::Transaction, unique_ptr<RelationTransaction>> transactions;
};

} // namespace lbx

// The C handle. Owned by the catalog's storage extension, which lives as long as the instance.
struct lbx_catalog {
	lbx::RelationCatalog *catalog;
};
