#include "catalog.hpp"

#include "duckdb/main/attached_database.hpp"
#include "duckdb/parser/constraints/not_null_constraint.hpp"
#include "duckdb/parser/parsed_data/create_schema_info.hpp"
#include "duckdb/parser/parsed_data/create_table_info.hpp"
#include "duckdb/storage/database_size.hpp"

namespace lbx {

using namespace duckdb;

static const char *const PUBLIC_SCHEMA = "public";
static const char *const ALIAS_SCHEMA = "main";

// 1. The state and its publication

RelationCatalog::RelationCatalog(AttachedDatabase &db) : Catalog(db) {
	auto first = make_shared_ptr<CatalogState>();
	first->schemas[PUBLIC_SCHEMA] = make_shared_ptr<const SchemaState>();
	state = std::move(first);
	SchemaLocked(PUBLIC_SCHEMA);
	SchemaLocked(ALIAS_SCHEMA);
}

RelationCatalog::~RelationCatalog() = default;

shared_ptr<const CatalogState> RelationCatalog::State() const {
	std::lock_guard<std::mutex> guard(lock);
	return state;
}

RelationSchema &RelationCatalog::SchemaLocked(const string &name) {
	auto &slot = schemas[name];
	if (!slot) {
		CreateSchemaInfo info;
		info.schema = name;
		info.internal = name == ALIAS_SCHEMA;
		slot = make_uniq<RelationSchema>(*this, info, name == ALIAS_SCHEMA ? PUBLIC_SCHEMA : name);
	}
	return *slot;
}

static shared_ptr<CatalogState> CopyOf(const CatalogState &state) {
	auto next = make_shared_ptr<CatalogState>(state);
	next->version++;
	return next;
}

void RelationCatalog::AddSchema(const string &name) {
	shared_ptr<const CatalogState> retired;
	std::lock_guard<std::mutex> guard(lock);
	if (state->schemas.count(name) || name == ALIAS_SCHEMA) {
		return;
	}
	SchemaLocked(name);
	auto next = CopyOf(*state);
	next->schemas[name] = make_shared_ptr<const SchemaState>();
	retired = std::move(state);
	state = std::move(next);
}

static shared_ptr<RelationEntry> MakeEntry(RelationCatalog &catalog, RelationSchema &schema, const string &name,
                                           const Relation &relation) {
	CreateTableInfo info;
	info.schema = schema.name;
	info.table = name;
	for (idx_t i = 0; i < relation.columns->ColumnCount(); i++) {
		info.columns.AddColumn(ColumnDefinition(relation.columns->names[i], relation.columns->types[i]));
		if (relation.columns->not_null[i]) {
			info.constraints.push_back(make_uniq<NotNullConstraint>(LogicalIndex(i)));
		}
	}
	return make_shared_ptr<RelationEntry>(catalog, schema, info, relation);
}

static Relation RelationOf(const lbx_change &change) {
	Relation relation;
	if (change.materialize) {
		relation.rows = make_shared_ptr<VirtualRows>(change.materialize, change.context, change.release_context);
		relation.columns = change.columns_of->snapshot;
	} else if (change.snapshot) {
		relation.snapshot = change.snapshot->snapshot;
		relation.columns = relation.snapshot;
	}
	return relation;
}

uint64_t RelationCatalog::Publish(const lbx_change *changes, size_t count) {
	// First, so that every context is taken over whatever happens after.
	vector<Relation> relations;
	for (size_t i = 0; i < count; i++) {
		relations.push_back(RelationOf(changes[i]));
	}
	// Retired states are let go of after the lock: their snapshots' callbacks may take any time.
	shared_ptr<const CatalogState> retired;
	std::lock_guard<std::mutex> guard(lock);
	auto next = CopyOf(*state);
	case_insensitive_map_t<shared_ptr<SchemaState>> changed;
	for (size_t i = 0; i < count; i++) {
		auto &change = changes[i];
		auto &schema = changed[change.schema];
		if (!schema) {
			auto old = next->schemas.find(change.schema);
			schema = old == next->schemas.end() ? make_shared_ptr<SchemaState>()
			                                    : make_shared_ptr<SchemaState>(*old->second);
		}
		bool is_public = StringUtil::CIEquals(change.schema, PUBLIC_SCHEMA);
		if (!change.snapshot && !change.materialize) {
			schema->entries.erase(change.name);
			schema->aliases.erase(change.name);
			continue;
		}
		auto &relation = relations[i];
		schema->entries[change.name] = MakeEntry(*this, SchemaLocked(change.schema), change.name, relation);
		if (is_public) {
			schema->aliases[change.name] = MakeEntry(*this, SchemaLocked(ALIAS_SCHEMA), change.name, relation);
		}
	}
	for (auto &schema : changed) {
		next->schemas[schema.first] = std::move(schema.second);
	}
	auto version = next->version;
	retired = std::move(state);
	state = std::move(next);
	return version;
}

// 2. What DuckDB asks of a catalog

optional_idx RelationCatalog::GetCatalogVersion(ClientContext &context) {
	return optional_idx(RelationTransaction::Get(context, *this).state->version);
}

DatabaseSize RelationCatalog::GetDatabaseSize(ClientContext &context) {
	return DatabaseSize();
}

optional_ptr<SchemaCatalogEntry> RelationCatalog::LookupSchema(CatalogTransaction transaction,
                                                               const EntryLookupInfo &lookup,
                                                               OnEntryNotFound if_not_found) {
	auto &name = lookup.GetEntryName();
	{
		std::lock_guard<std::mutex> guard(lock);
		auto found = schemas.find(name);
		if (found != schemas.end()) {
			return found->second.get();
		}
	}
	if (if_not_found == OnEntryNotFound::RETURN_NULL) {
		return nullptr;
	}
	throw CatalogException(lookup.GetErrorContext(), "Schema with name \"%s\" does not exist!", name);
}

void RelationCatalog::ScanSchemas(ClientContext &context, std::function<void(SchemaCatalogEntry &)> callback) {
	vector<reference<SchemaCatalogEntry>> found;
	{
		std::lock_guard<std::mutex> guard(lock);
		for (auto &schema : schemas) {
			if (!StringUtil::CIEquals(schema.first, ALIAS_SCHEMA)) {
				found.push_back(*schema.second);
			}
		}
	}
	for (auto &schema : found) {
		callback(schema.get());
	}
}

// 3. Transactions

Transaction &RelationTransactionManager::StartTransaction(ClientContext &context) {
	auto transaction = make_uniq<RelationTransaction>(*this, context, catalog.State());
	auto &result = *transaction;
	std::lock_guard<std::mutex> guard(lock);
	transactions[result] = std::move(transaction);
	return result;
}

ErrorData RelationTransactionManager::CommitTransaction(ClientContext &context, Transaction &transaction) {
	RollbackTransaction(transaction); // nothing was written: both only let go of the state
	return ErrorData();
}

void RelationTransactionManager::RollbackTransaction(Transaction &transaction) {
	unique_ptr<RelationTransaction> ended;
	std::lock_guard<std::mutex> guard(lock);
	auto found = transactions.find(transaction);
	if (found != transactions.end()) {
		ended = std::move(found->second);
		transactions.erase(found);
	}
}

} // namespace lbx
