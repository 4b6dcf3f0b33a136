// DuckDB's C API of exactly the pinned version, and the scan shim of our own.
#pragma once
#include "lbx_arrow.h"

#include <duckdb.h>

#include "lbx_scan.h"
#include "lbx_system.h"
