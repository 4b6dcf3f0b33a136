#include "predicate.hpp"

#include "mask.hpp"

#include "duckdb/planner/filter/bloom_filter.hpp"
#include "duckdb/planner/filter/conjunction_filter.hpp"
#include "duckdb/planner/filter/constant_filter.hpp"
#include "duckdb/planner/filter/dynamic_filter.hpp"
#include "duckdb/planner/filter/expression_filter.hpp"
#include "duckdb/planner/filter/in_filter.hpp"
#include "duckdb/planner/filter/optional_filter.hpp"
#include "duckdb/planner/filter/selectivity_optional_filter.hpp"
#include "duckdb/storage/table/column_segment.hpp"

#include <algorithm>

namespace lbx {

using namespace duckdb;

// 1. Taking filters apart

// A join's bound that lets this much through costs more than it saves: what passes must be gathered.
static const double OPTIONAL_SHARE_MAX = 0.75;

static int CostOf(const TableFilter &filter) {
	switch (filter.filter_type) {
	case TableFilterType::CONSTANT_COMPARISON:
	case TableFilterType::IS_NULL:
	case TableFilterType::IS_NOT_NULL:
		return 0;
	case TableFilterType::OPTIONAL_FILTER: // a Bloom filter of a join
		return 1;
	default:
		return 2;
	}
}

void Predicates::Initialize(ClientContext &context, const vector<column_t> &columns_p, TableFilterSet &filters) {
	columns = columns_p;
	for (auto &entry : filters.filters) {
		AddLeaves(context, entry.first, *entry.second, false);
	}
	std::stable_sort(leaves.begin(), leaves.end(), [](const Leaf &a, const Leaf &b) { return a.cost < b.cost; });
}

// `optional`: rows that fail may be dropped, and need not be.
void Predicates::AddLeaves(ClientContext &context, idx_t slot, const TableFilter &filter, bool optional) {
	if (filter.filter_type == TableFilterType::CONJUNCTION_AND) {
		for (auto &child : filter.Cast<ConjunctionAndFilter>().child_filters) {
			AddLeaves(context, slot, *child, optional);
		}
		return;
	}
	Leaf leaf;
	leaf.slot = slot;
	leaf.filter = &filter;
	leaf.optional = optional;
	leaf.cost = CostOf(filter);
	if (filter.filter_type == TableFilterType::OPTIONAL_FILTER) {
		auto selective = dynamic_cast<const SelectivityOptionalFilter *>(&filter);
		auto &child = *filter.Cast<OptionalFilter>().child_filter;
		if (child.filter_type == TableFilterType::CONJUNCTION_AND ||
		    child.filter_type == TableFilterType::CONSTANT_COMPARISON) {
			return AddLeaves(context, slot, child, true);
		}
		leaf.moving = child.filter_type == TableFilterType::DYNAMIC_FILTER;
		if (selective) {
			leaf.state = TableFilterState::Initialize(context, filter);
		}
		// Others are for zone maps alone.
	} else if (filter.filter_type == TableFilterType::DYNAMIC_FILTER) {
		leaf.moving = true;
	} else if (filter.filter_type != TableFilterType::IN_FILTER) {
		leaf.state = TableFilterState::Initialize(context, filter);
	} else if (!optional) {
		throw InternalException("scan: an IN filter that is not optional");
	}
	leaves.push_back(std::move(leaf));
}

// 2. Intervals

// A constant of a comparison as its bits and whether the type is signed.
static uint64_t BitsOf(const Value &constant) {
	switch (constant.type().InternalType()) {
	case PhysicalType::INT8:
		return uint64_t(int64_t(constant.GetValueUnsafe<int8_t>()));
	case PhysicalType::INT16:
		return uint64_t(int64_t(constant.GetValueUnsafe<int16_t>()));
	case PhysicalType::INT32:
		return uint64_t(int64_t(constant.GetValueUnsafe<int32_t>()));
	case PhysicalType::INT64:
		return uint64_t(constant.GetValueUnsafe<int64_t>());
	case PhysicalType::UINT8:
		return constant.GetValueUnsafe<uint8_t>();
	case PhysicalType::UINT16:
		return constant.GetValueUnsafe<uint16_t>();
	case PhysicalType::UINT32:
		return constant.GetValueUnsafe<uint32_t>();
	default:
		return constant.GetValueUnsafe<uint64_t>();
	}
}

using Wide = __int128;

struct Interval {
	Wide low, high;
};

static Interval DomainOf(PhysicalType type) {
	auto bits = GetTypeIdSize(type) * 8;
	bool is_signed = type == PhysicalType::INT8 || type == PhysicalType::INT16 || type == PhysicalType::INT32 ||
	                 type == PhysicalType::INT64;
	Wide one = 1;
	return is_signed ? Interval {-(one << (bits - 1)), (one << (bits - 1)) - 1} : Interval {0, (one << bits) - 1};
}

static Interval IntervalOf(const ConstantFilter &filter, PhysicalType type) {
	auto result = DomainOf(type);
	auto bits = BitsOf(filter.constant);
	Wide value = result.low < 0 ? Wide(int64_t(bits)) : Wide(bits);
	switch (filter.comparison_type) {
	case ExpressionType::COMPARE_EQUAL:
		return Interval {value, value};
	case ExpressionType::COMPARE_LESSTHAN:
		result.high = value - 1;
		return result;
	case ExpressionType::COMPARE_LESSTHANOREQUALTO:
		result.high = value;
		return result;
	case ExpressionType::COMPARE_GREATERTHAN:
		result.low = value + 1;
		return result;
	case ExpressionType::COMPARE_GREATERTHANOREQUALTO:
		result.low = value;
		return result;
	default:
		throw InternalException("scan: a comparison without an interval");
	}
}

// The interval of stored values; false when it is empty. Stored values of a frame are value - base, of plain ones the
// value's own bits; both wrap in the stored width, so low and span are taken modulo it.
static bool StoredRange(const lbx_column &column, Interval interval, column_t index, Predicates::Range &range) {
	if (column.encoding == LBX_FRAME) {
		interval.low -= column.base;
		interval.high -= column.base;
		Wide top = (Wide(1) << (column.width * 8)) - 1;
		interval.low = std::max<Wide>(interval.low, 0);
		interval.high = std::min<Wide>(interval.high, top);
	}
	if (interval.low > interval.high) {
		return false;
	}
	range.column = index;
	range.low = uint64_t(interval.low);
	range.span = uint64_t(interval.high - interval.low);
	return true;
}

// 3. Settling them for a row group

bool Predicates::Enter(ClientContext &context, const Snapshot &snapshot, idx_t group) {
	ranges.clear();
	always_true = true;
	for (auto &leaf : leaves) {
		leaf.way = Way::DROPPED;
		auto statistics = snapshot.GroupStatistics(group, columns[leaf.slot]);
		auto verdict = leaf.filter->CheckStatistics(statistics);
		if (verdict == FilterPropagateResult::FILTER_ALWAYS_FALSE ||
		    verdict == FilterPropagateResult::FILTER_FALSE_OR_NULL) {
			return false;
		}
		if (verdict == FilterPropagateResult::FILTER_ALWAYS_TRUE && !leaf.moving) {
			continue;
		}
		if (!Settle(context, snapshot, group, leaf)) {
			return false;
		}
		always_true = always_true && leaf.way == Way::DROPPED;
	}
	return true;
}

static bool IsDeterministic(const TableFilter &filter) {
	switch (filter.filter_type) {
	case TableFilterType::EXPRESSION_FILTER: {
		auto &expression = *filter.Cast<ExpressionFilter>().expr;
		return !expression.IsVolatile() && !expression.CanThrow();
	}
	case TableFilterType::CONJUNCTION_OR:
		for (auto &child : filter.Cast<ConjunctionOrFilter>().child_filters) {
			if (!IsDeterministic(*child)) {
				return false;
			}
		}
		return true;
	default:
		return true;
	}
}

// Integers of up to 64 bits whose stored form is comparable by interval.
static bool HasIntervals(const LogicalType &type, const lbx_column &column) {
	if (column.encoding != LBX_PLAIN && column.encoding != LBX_FRAME) {
		return false;
	}
	switch (type.InternalType()) {
	case PhysicalType::INT8:
	case PhysicalType::INT16:
	case PhysicalType::INT32:
	case PhysicalType::INT64:
	case PhysicalType::UINT8:
	case PhysicalType::UINT16:
	case PhysicalType::UINT32:
	case PhysicalType::UINT64:
		return true;
	default:
		return false;
	}
}

// The part of a column's range of values that a comparison lets through, as if they were spread evenly.
static double ShareOf(const Predicates::Leaf &leaf, PhysicalType type, const lbx_column &column) {
	auto &known = column.statistics;
	if (known.kind != LBX_BOUND_INTEGER) {
		return 0;
	}
	auto interval = IntervalOf(leaf.filter->Cast<ConstantFilter>(), type);
	auto low = (Wide(known.min.high) << 64) + Wide(known.min.low);
	auto high = (Wide(known.max.high) << 64) + Wide(known.max.low);
	auto through = std::min(high, interval.high) - std::max(low, interval.low) + 1;
	return through <= 0 ? 0 : double(through) / double(high - low + 1);
}

// False when no row of the group can pass.
bool Predicates::Settle(ClientContext &context, const Snapshot &snapshot, idx_t group, Leaf &leaf) {
	auto index = columns[leaf.slot];
	bool is_real = index < snapshot.ColumnCount();
	auto column = is_real ? &snapshot.Group(group).columns[index] : nullptr;
	if (leaf.moving) {
		// A row is dropped only where that is certain to be right: NULLs may belong to the Top-N.
		bool usable = is_real && !column->validity && HasIntervals(snapshot.types[index], *column);
		leaf.way = usable ? Way::RANGE : Way::DROPPED;
		return true;
	}
	if (!leaf.state) {
		return !is_real || SettleIn(snapshot, group, leaf); // others are for zone maps alone
	}
	auto type = leaf.filter->filter_type;
	if (is_real && (type == TableFilterType::IS_NULL || type == TableFilterType::IS_NOT_NULL)) {
		leaf.way = Way::NULLS;
		return true;
	}
	if (is_real && type == TableFilterType::CONSTANT_COMPARISON && HasIntervals(snapshot.types[index], *column) &&
	    leaf.filter->Cast<ConstantFilter>().comparison_type != ExpressionType::COMPARE_NOTEQUAL) {
		if (leaf.optional && ShareOf(leaf, snapshot.types[index].InternalType(), *column) >= OPTIONAL_SHARE_MAX) {
			return true;
		}
		leaf.way = Way::RANGE;
		return AddRange(snapshot, group, leaf);
	}
	if (is_real && column->encoding == LBX_DICTIONARY && IsDeterministic(*leaf.filter)) {
		return SettleTable(context, snapshot, group, leaf);
	}
	leaf.way = Way::GENERAL;
	return true;
}

// Evaluates the filter on the dictionary. A join's filter is taken out of its selectivity guard: a table costs little.
bool Predicates::SettleTable(ClientContext &context, const Snapshot &snapshot, idx_t group, Leaf &leaf) {
	auto &strings = snapshot.Dictionary(group, columns[leaf.slot]);
	auto filter = leaf.filter;
	if (filter->filter_type == TableFilterType::OPTIONAL_FILTER) {
		filter = filter->Cast<OptionalFilter>().child_filter.get();
	}
	auto state = TableFilterState::Initialize(context, *filter);
	auto size = strings->size.GetIndex();
	leaf.table.assign(snapshot.Group(group).columns[columns[leaf.slot]].dictionary_count + 1, 0);
	idx_t passing = 0;
	for (idx_t start = 0; start < size; start += STANDARD_VECTOR_SIZE) {
		auto count = MinValue<idx_t>(STANDARD_VECTOR_SIZE, size - start);
		Vector part(strings->data, start, start + count);
		UnifiedVectorFormat format;
		part.ToUnifiedFormat(count, format);
		SelectionVector selection;
		idx_t approved = count;
		ColumnSegment::FilterSelection(selection, part, format, *filter, *state, count, approved);
		for (idx_t i = 0; i < approved; i++) {
			leaf.table[start + selection.get_index(i)] = 1;
		}
		passing += approved;
	}
	leaf.way = passing == size ? Way::DROPPED : Way::TABLE;
	return passing > 0;
}

// Joins intervals over one column into one: both are sub-intervals of one domain without wrapping once shifted by the
// smaller low, so the intersection is found in wide arithmetic.
bool Predicates::AddRange(const Snapshot &snapshot, idx_t group, const Leaf &leaf) {
	auto index = columns[leaf.slot];
	auto type = snapshot.types[index].InternalType();
	auto interval = IntervalOf(leaf.filter->Cast<ConstantFilter>(), type);
	for (auto &other : leaves) {
		if (&other == &leaf) {
			break;
		}
		if (other.way == Way::RANGE && !other.moving && other.slot == leaf.slot) {
			auto also = IntervalOf(other.filter->Cast<ConstantFilter>(), type);
			interval.low = std::max(interval.low, also.low);
			interval.high = std::min(interval.high, also.high);
		}
	}
	Range range;
	if (!StoredRange(snapshot.Group(group).columns[index], interval, index, range)) {
		return false;
	}
	for (auto &known : ranges) {
		if (known.column == index) {
			known = range;
			return true;
		}
	}
	ranges.push_back(range);
	return true;
}

// The boundary of a Top-N as it is now; nothing when it is not known yet.
static bool MovingInterval(const TableFilter &filter, PhysicalType type, Interval &interval) {
	auto &dynamic = filter.filter_type == TableFilterType::OPTIONAL_FILTER
	                    ? filter.Cast<OptionalFilter>().child_filter->Cast<DynamicFilter>()
	                    : filter.Cast<DynamicFilter>();
	auto &data = dynamic.filter_data;
	if (!data || !data->initialized) {
		return false;
	}
	lock_guard<mutex> guard(data->lock);
	if (!data->filter || data->filter->constant.type().InternalType() != type ||
	    data->filter->comparison_type == ExpressionType::COMPARE_NOTEQUAL) {
		return false;
	}
	interval = IntervalOf(*data->filter, type);
	return true;
}

// 4. IN lists

// An IN list, which DuckDB pushes as optional, where it costs one look-up a row: strings of a dictionary, and integers
// stored in one byte.
bool Predicates::SettleIn(const Snapshot &snapshot, idx_t group, Leaf &leaf) {
	if (leaf.filter->filter_type != TableFilterType::OPTIONAL_FILTER) {
		return true;
	}
	auto &child = *leaf.filter->Cast<OptionalFilter>().child_filter;
	auto index = columns[leaf.slot];
	auto &column = snapshot.Group(group).columns[index];
	bool strings = column.encoding == LBX_DICTIONARY;
	bool bytes = column.width == 1 && HasIntervals(snapshot.types[index], column);
	if (child.filter_type != TableFilterType::IN_FILTER || (!strings && !bytes)) {
		return true;
	}
	leaf.table.assign(strings ? column.dictionary_count + 1 : 257, 0);
	idx_t passing = 0;
	auto &values = child.Cast<InFilter>().values;
	for (auto &value : values) {
		if (bytes) {
			auto stored = BitsOf(value) - uint64_t(column.encoding == LBX_FRAME ? column.base : 0);
			bool fits = column.encoding == LBX_PLAIN || stored < 256;
			passing += fits ? (leaf.table[stored & 255] = 1) : 0;
			continue;
		}
		auto wanted = string_t(StringValue::Get(value));
		auto entries = FlatVector::GetData<string_t>(snapshot.Dictionary(group, index)->data);
		for (idx_t code = 0; code < column.dictionary_count; code++) {
			if (entries[code] == wanted) {
				passing += leaf.table[code] = 1;
			}
		}
	}
	leaf.way = Way::TABLE;
	return passing > 0;
}

// 5. Evaluation

// Evaluates RANGE, TABLE and NULLS; false when there are none.
bool Predicates::FillMask(const Snapshot &snapshot, idx_t group, idx_t start, idx_t count) {
	bool filled = false;
	auto &rows = snapshot.Group(group);
	for (auto &range : ranges) {
		auto &column = rows.columns[range.column];
		MaskRange(column.data, column.width, start, count, range.low, range.span, filled, mask);
		if (column.validity) {
			MaskValidity(column, true, start, count, true, mask);
		}
		filled = true;
	}
	for (auto &leaf : leaves) {
		auto index = columns[leaf.slot];
		if (leaf.way == Way::TABLE) {
			MaskTable(rows.columns[index], leaf.table.data(), start, count, filled, mask);
		} else if (leaf.way == Way::NULLS) {
			bool wanted = leaf.filter->filter_type == TableFilterType::IS_NOT_NULL;
			MaskValidity(rows.columns[index], wanted, start, count, filled, mask);
		} else if (leaf.way == Way::RANGE && leaf.moving) {
			Interval interval;
			Range range;
			if (!MovingInterval(*leaf.filter, snapshot.types[index].InternalType(), interval)) {
				continue;
			}
			auto &column = rows.columns[index];
			if (StoredRange(column, interval, index, range)) {
				MaskRange(column.data, column.width, start, count, range.low, range.span, filled, mask);
			} else {
				std::fill_n(mask, count, 0);
			}
		} else {
			continue;
		}
		filled = true;
	}
	return filled;
}

// DuckDB's evaluation on the `count` rows in `selected` (or all from `start`, when `dense`), decoded densely.
idx_t Predicates::SelectGeneral(const Snapshot &snapshot, idx_t group, Leaf &leaf, idx_t start, sel_t *selected,
                                idx_t count, bool dense) {
	if (leaf.filter->filter_type == TableFilterType::OPTIONAL_FILTER &&
	    !leaf.state->Cast<SelectivityOptionalFilterState>().stats.IsActive()) {
		return count;
	}
	auto index = columns[leaf.slot];
	auto type = index < snapshot.ColumnCount() ? snapshot.types[index] : LogicalType::BIGINT;
	if (!leaf.values) {
		leaf.cache = make_uniq<VectorCache>(Allocator::DefaultAllocator(), type);
		leaf.values = make_uniq<Vector>(*leaf.cache);
	}
	leaf.values->ResetFromCache(*leaf.cache);
	Slice slice {start, dense ? nullptr : selected, count};
	Decode(snapshot, group, index, slice, *leaf.values);
	UnifiedVectorFormat format;
	leaf.values->ToUnifiedFormat(count, format);
	SelectionVector passing;
	idx_t approved = count;
	ColumnSegment::FilterSelection(passing, *leaf.values, format, *leaf.filter, *leaf.state, count, approved);
	if (approved == count) {
		return count;
	}
	// DuckDB's comparisons of nested values select out of order.
	if (!std::is_sorted(passing.data(), passing.data() + approved)) {
		std::sort(passing.data(), passing.data() + approved);
	}
	for (idx_t i = 0; i < approved; i++) {
		// Ascending, so that no row number is overwritten before it is read.
		selected[i] = selected[passing[i]];
	}
	return approved;
}

idx_t Predicates::Select(const Snapshot &snapshot, idx_t group, idx_t start, idx_t count, sel_t *selected) {
	idx_t found = count;
	bool dense = true;
	if (FillMask(snapshot, group, start, count)) {
		found = MaskToRows(mask, start, count, selected);
		dense = found == count;
	} else {
		for (idx_t i = 0; i < count; i++) {
			selected[i] = sel_t(start + i);
		}
	}
	for (auto &leaf : leaves) {
		if (found == 0) {
			break;
		}
		if (leaf.way == Way::GENERAL) {
			found = SelectGeneral(snapshot, group, leaf, start, selected, found, dense);
			dense = dense && found == count;
		}
	}
	return found;
}

} // namespace lbx
