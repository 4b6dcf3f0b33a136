// The C interface of lbx_system.h. DuckDB makes its own entries of the system catalog only when they are first asked
// for, and lets an internal entry replace another, so ours win whenever they come. No C++ exception leaves this file.
#include "engine.hpp" // before any of DuckDB's headers

#include "lbx_system.h"

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/schema_catalog_entry.hpp"
#include "duckdb/function/cast/cast_function_set.hpp"
#include "duckdb/main/config.hpp"
#include "duckdb/main/connection.hpp"
#include "duckdb/parser/parsed_data/create_macro_info.hpp"
#include "duckdb/parser/parsed_data/create_type_info.hpp"
#include "duckdb/parser/parsed_data/create_view_info.hpp"
#include "duckdb/parser/parser.hpp"
#include "duckdb/parser/statement/create_statement.hpp"

#include <cstring>

namespace lbx {

using namespace duckdb;

static char *InTransaction(duckdb_connection connection, const std::function<void(ClientContext &, Catalog &)> &body) {
	try {
		auto &context = *reinterpret_cast<Connection *>(connection)->context;
		context.RunFunctionInTransaction([&]() { body(context, Catalog::GetSystemCatalog(context)); });
		return nullptr;
	} catch (const std::exception &error) {
		return strdup(ErrorData(error).Message().c_str());
	}
}

static void MakeInternal(CreateInfo &info, const string &schema) {
	info.catalog = SYSTEM_CATALOG;
	info.schema = schema;
	info.temporary = true;
	info.internal = true;
	info.on_conflict = OnCreateConflict::REPLACE_ON_CONFLICT;
}

static const LogicalType &TypeOf(duckdb_logical_type type) {
	return *reinterpret_cast<LogicalType *>(type);
}

// A type as it lies in memory: aliases taken off, in lists too.
static LogicalType WithoutAlias(const LogicalType &type) {
	if (type.id() == LogicalTypeId::LIST) {
		return LogicalType::LIST(WithoutAlias(ListType::GetChildType(type)));
	}
	return type.HasAlias() ? LogicalType(type.id()) : type;
}

static BoundCastInfo BindPlainCast(BindCastInput &input, const LogicalType &source, const LogicalType &target) {
	return input.GetCastFunction(WithoutAlias(source), WithoutAlias(target));
}

} // namespace lbx

using namespace lbx;

char *lbx_system_view(duckdb_connection connection, const char *schema, const char *name, const char *query) {
	return InTransaction(connection, [&](ClientContext &context, Catalog &catalog) {
		auto info = make_uniq<CreateViewInfo>();
		MakeInternal(*info, schema);
		info->view_name = name;
		info->sql = query;
		info = CreateViewInfo::FromSelect(context, std::move(info));
		catalog.GetSchema(context, schema).CreateView(catalog.GetCatalogTransaction(context), *info);
	});
}

char *lbx_system_type(duckdb_connection connection, const char *name, duckdb_logical_type type) {
	return InTransaction(connection, [&](ClientContext &context, Catalog &catalog) {
		CreateTypeInfo info(name, TypeOf(type));
		MakeInternal(info, DEFAULT_SCHEMA);
		catalog.CreateType(context, info);
	});
}

char *lbx_system_macro(duckdb_connection connection, const char *statement) {
	return InTransaction(connection, [&](ClientContext &context, Catalog &catalog) {
		Parser parser(context.GetParserOptions());
		parser.ParseQuery(statement);
		if (parser.statements.size() != 1 || parser.statements[0]->type != StatementType::CREATE_STATEMENT) {
			throw ParserException("not one CREATE MACRO statement: %s", statement);
		}
		auto &info = parser.statements[0]->Cast<CreateStatement>().info->Cast<CreateMacroInfo>();
		MakeInternal(info, DEFAULT_SCHEMA);
		catalog.CreateFunction(context, info);
	});
}

char *lbx_system_cast(duckdb_connection connection, duckdb_logical_type source, duckdb_logical_type target,
                      int64_t implicit_cost) {
	return InTransaction(connection, [&](ClientContext &context, Catalog &) {
		auto &casts = DBConfig::GetConfig(context).GetCastFunctions();
		casts.RegisterCastFunction(TypeOf(source), TypeOf(target), BindPlainCast, implicit_cost);
	});
}

char *lbx_system_list_cast(duckdb_connection connection, duckdb_logical_type source) {
	return InTransaction(connection, [&](ClientContext &context, Catalog &) {
		auto &casts = DBConfig::GetConfig(context).GetCastFunctions();
		casts.RegisterCastFunction(TypeOf(source), LogicalType::LIST(LogicalType::ANY), BindPlainCast, 1);
		// Otherwise the type itself would be found as a list of anything, no cheaper than any list.
		casts.RegisterCastFunction(TypeOf(source), TypeOf(source), BindPlainCast, 0);
	});
}
