#include "statistics.hpp"

#include "duckdb/storage/statistics/numeric_stats.hpp"
#include "duckdb/storage/statistics/string_stats.hpp"

#include <algorithm>
#include <cmath>

namespace lbx {

using namespace duckdb;

template <class T>
static void SetIntegerBounds(BaseStatistics &statistics, const lbx_statistics &known) {
	NumericStats::SetMin<T>(statistics, static_cast<T>(known.min.low));
	NumericStats::SetMax<T>(statistics, static_cast<T>(known.max.low));
}

static void SetIntegers(BaseStatistics &statistics, const lbx_statistics &known) {
	switch (statistics.GetType().InternalType()) {
	case PhysicalType::BOOL:
		NumericStats::SetMin<bool>(statistics, known.min.low != 0);
		return NumericStats::SetMax<bool>(statistics, known.max.low != 0);
	case PhysicalType::INT8:
		return SetIntegerBounds<int8_t>(statistics, known);
	case PhysicalType::INT16:
		return SetIntegerBounds<int16_t>(statistics, known);
	case PhysicalType::INT32:
		return SetIntegerBounds<int32_t>(statistics, known);
	case PhysicalType::INT64:
		return SetIntegerBounds<int64_t>(statistics, known);
	case PhysicalType::UINT8:
		return SetIntegerBounds<uint8_t>(statistics, known);
	case PhysicalType::UINT16:
		return SetIntegerBounds<uint16_t>(statistics, known);
	case PhysicalType::UINT32:
		return SetIntegerBounds<uint32_t>(statistics, known);
	case PhysicalType::UINT64:
		return SetIntegerBounds<uint64_t>(statistics, known);
	case PhysicalType::INT128:
		NumericStats::SetMin<hugeint_t>(statistics, hugeint_t(known.min.high, known.min.low));
		return NumericStats::SetMax<hugeint_t>(statistics, hugeint_t(known.max.high, known.max.low));
	case PhysicalType::UINT128:
		NumericStats::SetMin<uhugeint_t>(statistics, uhugeint_t(uint64_t(known.min.high), known.min.low));
		return NumericStats::SetMax<uhugeint_t>(statistics, uhugeint_t(uint64_t(known.max.high), known.max.low));
	default:
		return;
	}
}

static void SetDoubles(BaseStatistics &statistics, const lbx_statistics &known) {
	switch (statistics.GetType().InternalType()) {
	case PhysicalType::FLOAT:
		NumericStats::SetMin<float>(statistics, static_cast<float>(known.min.real));
		return NumericStats::SetMax<float>(statistics, static_cast<float>(known.max.real));
	case PhysicalType::DOUBLE:
		NumericStats::SetMin<double>(statistics, known.min.real);
		return NumericStats::SetMax<double>(statistics, known.max.real);
	default:
		return;
	}
}

// The longest string lets DuckDB keep short sort and group keys in integers. A dictionary is short enough to look at.
static void SetLength(BaseStatistics &statistics, const lbx_column &column, Lengths lengths) {
	uint32_t longest = 0;
	const uint32_t *offsets = column.dictionary_offsets;
	if (column.statistics.max_length_plus_one != 0) {
		longest = column.statistics.max_length_plus_one - 1;
	} else if (column.encoding == LBX_DICTIONARY && lengths == Lengths::READ) {
		for (uint32_t i = 0; i < column.dictionary_count; i++) {
			longest = std::max(longest, offsets[i + 1] - offsets[i]);
		}
	} else {
		return;
	}
	StringStats::SetMaxStringLength(statistics, longest);
}

static void SetStrings(BaseStatistics &statistics, const lbx_column &column, Lengths lengths) {
	auto &known = column.statistics;
	if (known.kind == LBX_BOUND_STRING) {
		StringStats::SetMin(statistics, string_t(known.min.text, known.min.length));
		StringStats::SetMax(statistics, string_t(known.max.text, known.max.length));
	}
	if (lengths != Lengths::NONE) {
		SetLength(statistics, column, lengths);
	}
}

BaseStatistics StatisticsOf(const LogicalType &type, const lbx_column &column, idx_t rows, Lengths lengths) {
	auto result = BaseStatistics::CreateUnknown(type);
	auto &known = column.statistics;
	bool all_null = column.encoding == LBX_ALL_NULL;
	switch (result.GetStatsType()) {
	case StatisticsType::NUMERIC_STATS:
		if (known.kind == LBX_BOUND_INTEGER && !all_null) {
			SetIntegers(result, known);
		} else if (known.kind == LBX_BOUND_DOUBLE && !all_null) {
			SetDoubles(result, known);
		}
		break;
	case StatisticsType::STRING_STATS:
		if (!all_null) {
			SetStrings(result, column, lengths);
		}
		break;
	default:
		return result; // nested: nothing is claimed, not even the absence of NULL
	}
	bool counted = known.null_count != LBX_NULLS_UNKNOWN;
	if (all_null || (counted && rows > 0 && known.null_count >= rows)) {
		result.Set(StatsInfo::CANNOT_HAVE_VALID_VALUES);
	} else if (known.null_count == 0 && column.validity == nullptr) {
		result.Set(StatsInfo::CANNOT_HAVE_NULL_VALUES);
	}
	result.SetDistinctCount(known.distinct);
	return result;
}

DistinctSample SampleOf(const lbx_column &column, idx_t rows) {
	auto &known = column.statistics;
	DistinctSample sample;
	idx_t nulls = known.null_count == LBX_NULLS_UNKNOWN ? 0 : known.null_count;
	sample.rows = double(rows - std::min<idx_t>(rows, nulls));
	sample.distinct = double(known.distinct);
	sample.ranged = known.kind == LBX_BOUND_INTEGER || known.kind == LBX_BOUND_DOUBLE;
	sample.lower = sample.upper = 0;
	if (known.kind == LBX_BOUND_INTEGER) {
		sample.lower = double(known.min.high) * 18446744073709551616.0 + double(known.min.low);
		sample.upper = double(known.max.high) * 18446744073709551616.0 + double(known.max.low);
	} else if (known.kind == LBX_BOUND_DOUBLE) {
		sample.lower = known.min.real;
		sample.upper = known.max.real;
	}
	return sample;
}

// The size of the population of which `rows` uniform draws show `distinct` values: D (1 - exp(-rows / D)) = distinct,
// by bisection. Almost all distinct means an unbounded population.
static double PopulationOf(double rows, double distinct) {
	if (distinct >= rows * 0.98) {
		return 1e18;
	}
	double low = distinct, high = distinct * 64;
	for (int step = 0; step < 40; step++) {
		double middle = (low + high) / 2;
		(middle * (1 - std::exp(-rows / middle)) < distinct ? low : high) = middle;
	}
	return (low + high) / 2;
}

// Groups whose ranges do not overlap add up; groups over one range are draws from one population. `clusters` is how
// often the average group's range fits into the whole: between one (all overlap) and the number of groups (none do).
idx_t EstimateDistinct(const vector<DistinctSample> &samples) {
	double rows = 0, distinct = 0, most = 0, widths = 0, lower = 0, upper = 0;
	idx_t counted = 0;
	bool ranged = true;
	for (auto &sample : samples) {
		if (sample.rows == 0) {
			continue;
		}
		if (sample.distinct == 0) {
			return 0;
		}
		rows += sample.rows;
		distinct += sample.distinct;
		most = std::max(most, sample.distinct);
		widths += sample.upper - sample.lower + 1;
		lower = counted == 0 ? sample.lower : std::min(lower, sample.lower);
		upper = counted == 0 ? sample.upper : std::max(upper, sample.upper);
		ranged = ranged && sample.ranged;
		counted++;
	}
	if (counted <= 1) {
		return idx_t(distinct);
	}
	double groups = double(counted);
	double clusters = ranged ? (upper - lower + 1) / (widths / groups) : 1;
	clusters = std::min(std::max(clusters, 1.0), groups);
	double population = PopulationOf(rows / groups, distinct / groups);
	double drawn = rows / clusters;
	double per_cluster = population > 1e17 ? drawn : population * (1 - std::exp(-drawn / population));
	return idx_t(std::min(std::max(per_cluster * clusters, most), distinct));
}

} // namespace lbx
