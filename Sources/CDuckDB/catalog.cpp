#include "catalog.hpp"

#include "duckdb/catalog/catalog_entry/view_catalog_entry.hpp"
#include "duckdb/main/attached_database.hpp"
#include "duckdb/parser/constraints/not_null_constraint.hpp"
#include "duckdb/parser/parsed_data/create_schema_info.hpp"
#include "duckdb/parser/keyword_helper.hpp"
#include "duckdb/parser/parsed_data/create_table_info.hpp"
#include "duckdb/parser/parsed_data/create_view_info.hpp"
#include "duckdb/parser/parser.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
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

// The columns are found out when the view is first used.
static shared_ptr<CatalogEntry> MakeView(RelationCatalog &catalog, RelationSchema &schema, const lbx_change &change) {
	Parser parser;
	parser.ParseQuery(change.view);
	if (parser.statements.size() != 1 || parser.statements[0]->type != StatementType::SELECT_STATEMENT) {
		throw BinderException("a view is made of one query");
	}
	CreateViewInfo info;
	info.schema = schema.name;
	info.view_name = change.name;
	info.query = unique_ptr_cast<SQLStatement, SelectStatement>(std::move(parser.statements[0]));
	info.sql = "CREATE VIEW " + KeywordHelper::WriteOptionallyQuoted(change.name) + " AS " + change.view;
	return make_shared_ptr<ViewCatalogEntry>(catalog, schema, info);
}

static Relation RelationOf(const lbx_change &change) {
	Relation relation;
	if (change.scan) {
		relation.live = make_shared_ptr<LiveRows>(change.facts, change.scan, change.context, change.release_context);
		relation.columns = change.columns_of->snapshot;
	} else if (change.materialize) {
		relation.rows = make_shared_ptr<VirtualRows>(change.materialize, change.context, change.release_context);
		relation.columns = change.columns_of->snapshot;
	} else if (change.snapshot) {
		relation.snapshot = change.snapshot->snapshot;
		relation.columns = relation.snapshot;
	}
	return relation;
}

// An overlay keeps names that were dropped, without an entry, so that they hide the state's.
void RelationCatalog::PutLocked(const lbx_change &change, const Relation &relation, SchemaState &schema,
                                bool keeps_dropped) {
	bool is_public = StringUtil::CIEquals(change.schema, PUBLIC_SCHEMA);
	if (change.view) {
		schema.entries[change.name] = MakeView(*this, SchemaLocked(change.schema), change);
		if (is_public) {
			schema.aliases[change.name] = MakeView(*this, SchemaLocked(ALIAS_SCHEMA), change);
		}
	} else if (relation.columns) {
		schema.entries[change.name] = MakeEntry(*this, SchemaLocked(change.schema), change.name, relation);
		if (is_public) {
			schema.aliases[change.name] = MakeEntry(*this, SchemaLocked(ALIAS_SCHEMA), change.name, relation);
		}
	} else if (keeps_dropped) {
		schema.entries[change.name] = nullptr;
		schema.aliases[change.name] = nullptr;
	} else {
		schema.entries.erase(change.name);
		schema.aliases.erase(change.name);
	}
}

uint64_t RelationCatalog::Publish(const lbx_change *changes, size_t count, uint64_t overlay, uint64_t ended) {
	// First, so that every context is taken over whatever happens after.
	vector<Relation> relations;
	for (size_t i = 0; i < count; i++) {
		relations.push_back(RelationOf(changes[i]));
	}
	// Retired states are let go of after the lock: their snapshots' callbacks may take any time.
	shared_ptr<const CatalogState> retired;
	std::lock_guard<std::mutex> guard(lock);
	auto next = CopyOf(*state);
	auto own = make_shared_ptr<Overlay>();
	auto before = next->overlays.find(overlay);
	if (overlay != 0 && before != next->overlays.end()) {
		own->schemas = before->second->schemas;
	}
	auto &schemas = overlay == 0 ? next->schemas : own->schemas;
	case_insensitive_map_t<shared_ptr<SchemaState>> changed;
	for (size_t i = 0; i < count; i++) {
		auto &schema = changed[changes[i].schema];
		if (!schema) {
			auto old = schemas.find(changes[i].schema);
			schema = old == schemas.end() ? make_shared_ptr<SchemaState>() : make_shared_ptr<SchemaState>(*old->second);
		}
		PutLocked(changes[i], relations[i], *schema, overlay != 0);
	}
	for (auto &schema : changed) {
		schemas[schema.first] = std::move(schema.second);
	}
	if (overlay != 0) {
		own->version = next->version;
		next->overlays[overlay] = std::move(own);
	}
	next->overlays.erase(ended);
	auto version = next->version;
	retired = std::move(state);
	state = std::move(next);
	return version;
}

// 2. What DuckDB asks of a catalog

optional_idx RelationCatalog::GetCatalogVersion(ClientContext &context) {
	auto &transaction = RelationTransaction::Get(context, *this);
	auto overlay = transaction.CurrentOverlay(context);
	auto relations = CombineHash(Hash<uint64_t>(transaction.state->version), Hash<uint64_t>(overlay ? overlay->version : 0));
	// One bit less: the largest number means that there is no version.
	return optional_idx(CombineHash(relations, Hash<uint64_t>(facts_version)) >> 1);
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

const Overlay *RelationTransaction::CurrentOverlay(ClientContext &context) {
	auto token = ScanContext::Of(context)->token.load();
	if (token == 0) {
		return nullptr;
	}
	auto now = manager.GetDB().GetCatalog().Cast<RelationCatalog>().State();
	auto found = now->overlays.find(token);
	if (found == now->overlays.end()) {
		return nullptr;
	}
	if (overlays.empty() || overlays.back() != found->second) {
		overlays.push_back(found->second);
	}
	return found->second.get();
}

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
