// DuckDB's C++ headers of exactly the pinned version, and the few names every file of the shim uses.
//
// The package builds debug configurations with DEBUG defined; DuckDB's headers would then declare other class layouts
// than the library was built with. It is undefined here, before the first of them, in every translation unit.
#pragma once
#undef DEBUG

#include "duckdb.hpp"
#include "duckdb/catalog/catalog_entry/table_catalog_entry.hpp"
#include "duckdb/common/case_insensitive_map.hpp"
#include "duckdb/function/table_function.hpp"
#include "duckdb/storage/statistics/base_statistics.hpp"

#include "lbx_scan.h"

namespace lbx {

using duckdb::BaseStatistics;
using duckdb::ClientContext;
using duckdb::column_t;
using duckdb::DataChunk;
using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::make_shared_ptr;
using duckdb::make_uniq;
using duckdb::optional_ptr;
using duckdb::PhysicalType;
using duckdb::sel_t;
using duckdb::SelectionVector;
using duckdb::shared_ptr;
using duckdb::string_t;
using duckdb::unique_ptr;
using duckdb::ValidityMask;
using duckdb::Vector;
using duckdb::vector;
using duckdb::VectorType;
using duckdb::weak_ptr;
using std::string;

// A malloc'ed copy of a message, for the C side to free.
char *CopyMessage(const string &message);

} // namespace lbx
