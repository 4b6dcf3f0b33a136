#include "catalog.hpp"
#include "scan.hpp"

#include "duckdb/main/attached_database.hpp"
#include "duckdb/parser/parsed_data/alter_info.hpp"
#include "duckdb/parser/parsed_data/alter_table_info.hpp"
#include "duckdb/parser/parsed_data/create_index_info.hpp"
#include "duckdb/parser/parsed_data/create_schema_info.hpp"
#include "duckdb/parser/parsed_data/create_sequence_info.hpp"
#include "duckdb/parser/parsed_data/create_table_info.hpp"
#include "duckdb/parser/parsed_data/create_type_info.hpp"
#include "duckdb/parser/parsed_data/create_view_info.hpp"
#include "duckdb/parser/parsed_data/drop_info.hpp"
#include "duckdb/parser/statement/create_statement.hpp"
#include "duckdb/planner/operator/logical_create_table.hpp"
#include "duckdb/planner/operator/logical_delete.hpp"
#include "duckdb/planner/operator/logical_insert.hpp"
#include "duckdb/planner/operator/logical_update.hpp"
#include "duckdb/planner/parsed_data/bound_create_table_info.hpp"
#include "duckdb/storage/table_storage_info.hpp"

namespace lbx {

using namespace duckdb;

// 1. Refusals

[[noreturn]] static void Refuse(const string &what, const string &name) {
	throw PermissionException("%s \"%s\": relations of this catalog are read-only here", what, name);
}

optional_ptr<CatalogEntry> RelationCatalog::CreateSchema(CatalogTransaction, CreateSchemaInfo &info) {
	Refuse("cannot create schema", info.schema);
}
void RelationCatalog::DropSchema(ClientContext &, DropInfo &info) {
	Refuse("cannot drop schema", info.name);
}
PhysicalOperator &RelationCatalog::PlanCreateTableAs(ClientContext &, PhysicalPlanGenerator &, LogicalCreateTable &op,
                                                     PhysicalOperator &) {
	Refuse("cannot create table", op.info->Base().table);
}
PhysicalOperator &RelationCatalog::PlanInsert(ClientContext &, PhysicalPlanGenerator &, LogicalInsert &op,
                                              optional_ptr<PhysicalOperator>) {
	Refuse("cannot insert into", op.table.name);
}
PhysicalOperator &RelationCatalog::PlanDelete(ClientContext &, PhysicalPlanGenerator &, LogicalDelete &op,
                                              PhysicalOperator &) {
	Refuse("cannot delete from", op.table.name);
}
PhysicalOperator &RelationCatalog::PlanUpdate(ClientContext &, PhysicalPlanGenerator &, LogicalUpdate &op,
                                              PhysicalOperator &) {
	Refuse("cannot update", op.table.name);
}
unique_ptr<LogicalOperator> RelationCatalog::BindCreateIndex(Binder &, CreateStatement &, TableCatalogEntry &table,
                                                             unique_ptr<LogicalOperator>) {
	Refuse("cannot create an index on", table.name);
}
unique_ptr<LogicalOperator> RelationCatalog::BindAlterAddIndex(Binder &, TableCatalogEntry &table,
                                                               unique_ptr<LogicalOperator>, unique_ptr<CreateIndexInfo>,
                                                               unique_ptr<AlterTableInfo>) {
	Refuse("cannot alter", table.name);
}

optional_ptr<CatalogEntry> RelationSchema::CreateIndex(CatalogTransaction, CreateIndexInfo &info, TableCatalogEntry &) {
	Refuse("cannot create index", info.index_name);
}
optional_ptr<CatalogEntry> RelationSchema::CreateFunction(CatalogTransaction, CreateFunctionInfo &) {
	Refuse("cannot create a function in schema", name);
}
optional_ptr<CatalogEntry> RelationSchema::CreateTable(CatalogTransaction, BoundCreateTableInfo &info) {
	Refuse("cannot create table", info.Base().table);
}
optional_ptr<CatalogEntry> RelationSchema::CreateView(CatalogTransaction, CreateViewInfo &info) {
	Refuse("cannot create view", info.view_name);
}
optional_ptr<CatalogEntry> RelationSchema::CreateSequence(CatalogTransaction, CreateSequenceInfo &info) {
	Refuse("cannot create sequence", info.name);
}
optional_ptr<CatalogEntry> RelationSchema::CreateTableFunction(CatalogTransaction, CreateTableFunctionInfo &) {
	Refuse("cannot create a function in schema", name);
}
optional_ptr<CatalogEntry> RelationSchema::CreateCopyFunction(CatalogTransaction, CreateCopyFunctionInfo &) {
	Refuse("cannot create a function in schema", name);
}
optional_ptr<CatalogEntry> RelationSchema::CreatePragmaFunction(CatalogTransaction, CreatePragmaFunctionInfo &) {
	Refuse("cannot create a function in schema", name);
}
optional_ptr<CatalogEntry> RelationSchema::CreateCollation(CatalogTransaction, CreateCollationInfo &) {
	Refuse("cannot create a collation in schema", name);
}
optional_ptr<CatalogEntry> RelationSchema::CreateType(CatalogTransaction, CreateTypeInfo &info) {
	Refuse("cannot create type", info.name);
}
void RelationSchema::DropEntry(ClientContext &, DropInfo &info) {
	Refuse("cannot drop", info.name);
}
void RelationSchema::Alter(CatalogTransaction, AlterInfo &info) {
	Refuse("cannot alter", info.name);
}

// 2. Schemas

RelationSchema::RelationSchema(RelationCatalog &catalog, CreateSchemaInfo &info, string source)
    : SchemaCatalogEntry(catalog, info), relations(catalog), source(std::move(source)) {
}

// Tables and views share their names; who asks for one kind looks at the entry's own type.
static bool IsRelation(CatalogType type) {
	return type == CatalogType::TABLE_ENTRY || type == CatalogType::VIEW_ENTRY;
}

const RelationSchema::Entries *RelationSchema::EntriesOf(const Schemas &schemas) const {
	auto found = schemas.find(source);
	if (found == schemas.end()) {
		return nullptr;
	}
	return source == name ? &found->second->entries : &found->second->aliases;
}

optional_ptr<CatalogEntry> RelationSchema::LookupEntry(CatalogTransaction transaction, const EntryLookupInfo &lookup) {
	if (!IsRelation(lookup.GetCatalogType()) || !transaction.transaction) {
		return nullptr;
	}
	auto &own = transaction.transaction->Cast<RelationTransaction>();
	auto overlay = transaction.context ? own.CurrentOverlay(*transaction.context) : nullptr;
	for (auto schemas : {overlay ? &overlay->schemas : nullptr, &own.state->schemas}) {
		auto entries = schemas ? EntriesOf(*schemas) : nullptr;
		if (!entries) {
			continue;
		}
		auto found = entries->find(lookup.GetEntryName());
		if (found != entries->end()) {
			return found->second.get();
		}
	}
	return nullptr;
}

void RelationSchema::Scan(ClientContext &context, CatalogType type,
                          const std::function<void(CatalogEntry &)> &callback) {
	if (!IsRelation(type)) {
		return;
	}
	auto &own = RelationTransaction::Get(context, catalog);
	auto overlay = own.CurrentOverlay(context);
	auto mine = overlay ? EntriesOf(overlay->schemas) : nullptr;
	for (auto entries : {mine, EntriesOf(own.state->schemas)}) {
		if (!entries) {
			continue;
		}
		for (auto &entry : *entries) {
			bool is_hidden = entries != mine && mine && mine->count(entry.first);
			if (entry.second && !is_hidden) {
				callback(*entry.second);
			}
		}
	}
}

void RelationSchema::Scan(CatalogType type, const std::function<void(CatalogEntry &)> &callback) {
	auto state = relations.State();
	auto entries = IsRelation(type) ? EntriesOf(state->schemas) : nullptr;
	if (!entries) {
		return;
	}
	for (auto &entry : *entries) {
		callback(*entry.second);
	}
}

// 3. Relations

RelationEntry::RelationEntry(RelationCatalog &catalog, RelationSchema &schema, CreateTableInfo &info,
                             Relation relation_p)
    : TableCatalogEntry(catalog, schema, info), relation(std::move(relation_p)) {
}

unique_ptr<BaseStatistics> RelationEntry::GetStatistics(ClientContext &context, column_t column_id) {
	if (relation.live) {
		return relation.live->Facts()->ColumnStatistics(column_id);
	}
	return relation.snapshot ? relation.snapshot->ColumnStatistics(column_id) : nullptr;
}

TableFunction RelationEntry::GetScanFunction(ClientContext &context, unique_ptr<FunctionData> &bind_data) {
	bind_data = make_uniq<ScanBindData>(*this);
	return ScanFunction();
}

TableStorageInfo RelationEntry::GetStorageInfo(ClientContext &context) {
	TableStorageInfo info;
	auto known = relation.live ? relation.live->Facts() : relation.snapshot;
	info.cardinality = known ? known->RowCount() : 0;
	return info;
}

virtual_column_map_t RelationEntry::GetVirtualColumns() const {
	virtual_column_map_t result;
	result.insert(make_pair(COLUMN_IDENTIFIER_ROW_ID, TableColumn("rowid", LogicalType::ROW_TYPE)));
	result.insert(make_pair(COLUMN_IDENTIFIER_EMPTY, TableColumn("", LogicalType::BOOLEAN)));
	return result;
}

} // namespace lbx
