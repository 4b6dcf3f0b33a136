// Zone maps as DuckDB's statistics, and the estimate of a relation's distinct values from those of its row groups.
#pragma once
#include "engine.hpp"

namespace lbx {

// Whether the longest string is wanted, too: zone maps do not need it. READ looks at every entry of a dictionary whose
// statistics do not have it, KNOWN reads no content.
enum class Lengths { NONE, KNOWN, READ };

// What is known of a column over one row group.
BaseStatistics StatisticsOf(const LogicalType &type, const lbx_column &column, idx_t rows, Lengths lengths);

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
