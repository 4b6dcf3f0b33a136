// Zone maps as DuckDB's statistics, and the estimate of a relation's distinct values from those of its row groups.
#pragma once
#include "engine.hpp"

namespace lbx {

// What is known of a column over one row group. `lengths`: with the longest string too, which takes a look at every entry
// of a dictionary; zone maps do not need it.
BaseStatistics StatisticsOf(const LogicalType &type, const lbx_column &column, idx_t rows, bool lengths);

// One row group's part in the estimate of a column's distinct values.
struct DistinctSample {
	double rows;     // not null
	double distinct; // an estimate; 0 is unknown
	bool ranged;     // lower and upper are known
	double lower;
	double upper;
};

// An estimate for the union of the samples; 0 is unknown. O(samples).
idx_t EstimateDistinct(const vector<DistinctSample> &samples);
DistinctSample SampleOf(const lbx_column &column, idx_t rows);

} // namespace lbx
