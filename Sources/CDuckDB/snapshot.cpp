#include "snapshot.hpp"

#include "duckdb/storage/statistics/numeric_stats.hpp"
#include "statistics.hpp"

#include <cstring>

namespace lbx {

using namespace duckdb;

// 1. Shapes

static bool IsInteger(PhysicalType type) {
	switch (type) {
	case PhysicalType::INT8:
	case PhysicalType::INT16:
	case PhysicalType::INT32:
	case PhysicalType::INT64:
	case PhysicalType::INT128:
	case PhysicalType::UINT8:
	case PhysicalType::UINT16:
	case PhysicalType::UINT32:
	case PhysicalType::UINT64:
	case PhysicalType::UINT128:
		return true;
	default:
		return false;
	}
}

static bool IsNested(PhysicalType type) {
	return type == PhysicalType::STRUCT || type == PhysicalType::LIST || type == PhysicalType::ARRAY;
}

static bool ChildrenFit(const LogicalType &type, const lbx_column &column) {
	switch (type.InternalType()) {
	case PhysicalType::LIST:
		return column.child_count == 1 && ShapeFits(ListType::GetChildType(type), column.children[0]);
	case PhysicalType::ARRAY:
		return column.child_count == 1 && ShapeFits(ArrayType::GetChildType(type), column.children[0]);
	case PhysicalType::STRUCT: {
		auto &fields = StructType::GetChildTypes(type);
		if (fields.size() != column.child_count) {
			return false;
		}
		for (idx_t i = 0; i < fields.size(); i++) {
			if (!ShapeFits(fields[i].second, column.children[i])) {
				return false;
			}
		}
		return true;
	}
	default:
		return false;
	}
}

bool ShapeFits(const LogicalType &type, const lbx_column &column) {
	auto physical = type.InternalType();
	bool code = column.width == 1 || column.width == 2 || column.width == 4;
	switch (column.encoding) {
	case LBX_ALL_NULL:
		return true;
	case LBX_PLAIN:
		return !IsNested(physical) && physical != PhysicalType::VARCHAR && column.data &&
		       column.width == GetTypeIdSize(physical);
	case LBX_CONSTANT:
		return !IsNested(physical) && column.data;
	case LBX_FRAME:
		return IsInteger(physical) && (code || column.width == 8) && column.data && column.width < GetTypeIdSize(physical);
	case LBX_DICTIONARY:
		return physical == PhysicalType::VARCHAR && code && column.data && column.dictionary_offsets && column.heap &&
		       column.dictionary_count > 0;
	case LBX_STRINGS:
		return physical == PhysicalType::VARCHAR && column.data && column.heap;
	case LBX_LIST:
		return physical == PhysicalType::LIST && column.data && ChildrenFit(type, column);
	case LBX_STRUCT:
		return physical == PhysicalType::STRUCT && ChildrenFit(type, column);
	case LBX_ARRAY:
		return physical == PhysicalType::ARRAY && ChildrenFit(type, column);
	default:
		return false;
	}
}

// 2. Making and unmaking

shared_ptr<Snapshot> Snapshot::Make(const lbx_relation &relation) {
	auto result = make_shared_ptr<Snapshot>();
	for (uint32_t i = 0; i < relation.column_count; i++) {
		result->names.push_back(relation.column_names[i]);
		result->types.push_back(*reinterpret_cast<LogicalType *>(relation.column_types[i]));
		result->not_null.push_back(relation.column_not_null && relation.column_not_null[i]);
	}
	result->starts.push_back(0);
	for (uint64_t g = 0; g < relation.row_group_count; g++) {
		auto group = relation.row_groups[g];
		if (group->column_count != relation.column_count || group->rows == 0 || group->rows > LBX_ROW_GROUP_ROWS) {
			return nullptr;
		}
		for (uint32_t i = 0; i < group->column_count; i++) {
			if (!ShapeFits(result->types[i], group->columns[i])) {
				return nullptr;
			}
		}
		result->groups.push_back(group);
		result->starts.push_back(result->starts.back() + group->rows);
	}
	result->dictionaries.reset(new DictionarySlot[result->groups.size() * relation.column_count]);
	result->statistics_version = relation.statistics_version;
	if (relation.facts) {
		result->TakeFacts(relation);
	} else if (relation.statistics_version == 0) {
		result->SumStatistics();
	}
	// Last, so that a failure above leaves the memory with the caller.
	result->owner = relation.owner;
	result->release = relation.release;
	return result;
}

Snapshot::~Snapshot() {
	dictionaries.reset();
	if (release) {
		release(owner);
	}
}

void Snapshot::SumStatistics() {
	for (idx_t i = 0; i < types.size(); i++) {
		auto sum = BaseStatistics::CreateEmpty(types[i]);
		vector<DistinctSample> samples;
		for (auto group : groups) {
			auto lengths = group->verify ? Lengths::KNOWN : Lengths::READ;
			sum.Merge(StatisticsOf(types[i], group->columns[i], group->rows, lengths));
			samples.push_back(SampleOf(group->columns[i], group->rows));
		}
		if (groups.empty()) {
			sum.Copy(BaseStatistics::CreateUnknown(types[i]));
		}
		sum.SetDistinctCount(EstimateDistinct(samples));
		statistics.push_back(sum.ToUnique());
	}
}

// A live relation's facts are of more rows than a group has, and never claim that a column is all NULL.
void Snapshot::TakeFacts(const lbx_relation &relation) {
	facts_rows = relation.facts_rows;
	for (idx_t i = 0; i < types.size(); i++) {
		statistics.push_back(StatisticsOf(types[i], relation.facts[i], 0, Lengths::KNOWN).ToUnique());
	}
}

// 3. Reading

void Snapshot::Verify(idx_t group, const vector<column_t> &columns) const {
	auto &content = *groups[group];
	if (!content.verify) {
		return;
	}
	for (auto column : columns) {
		if (column >= types.size()) {
			continue;
		}
		if (auto error = content.verify(content.context, uint32_t(column))) {
			string message = error;
			free(error);
			throw InvalidInputException("%s", message);
		}
	}
}

BaseStatistics Snapshot::GroupStatistics(idx_t group, column_t column) const {
	if (column < types.size()) {
		return StatisticsOf(types[column], groups[group]->columns[column], groups[group]->rows, Lengths::NONE);
	}
	auto result = BaseStatistics::CreateUnknown(LogicalType::BIGINT);
	NumericStats::SetMin<int64_t>(result, FirstRowID(group));
	NumericStats::SetMax<int64_t>(result, FirstRowID(group) + int64_t(groups[group]->rows) - 1);
	result.Set(StatsInfo::CANNOT_HAVE_NULL_VALUES);
	return result;
}

unique_ptr<BaseStatistics> Snapshot::ColumnStatistics(column_t column) const {
	return column < statistics.size() ? statistics[column]->ToUnique() : nullptr;
}

const buffer_ptr<VectorChildBuffer> &Snapshot::Dictionary(idx_t group, idx_t column) const {
	auto &slot = dictionaries[group * types.size() + column];
	std::call_once(slot.once, [&]() {
		auto &source = groups[group]->columns[column];
		idx_t count = source.dictionary_count;
		idx_t size = count + (source.validity ? 1 : 0);
		auto strings = DictionaryVector::CreateReusableDictionary(types[column], size);
		auto target = FlatVector::GetData<string_t>(strings->data);
		auto heap = reinterpret_cast<const char *>(source.heap);
		for (idx_t i = 0; i < count; i++) {
			auto start = source.dictionary_offsets[i];
			target[i] = string_t(heap + start, source.dictionary_offsets[i + 1] - start);
		}
		if (source.validity) {
			target[count] = string_t(uint32_t(0)); // what a reader that looks before it checks validity finds
			FlatVector::SetNull(strings->data, count, true);
		}
		slot.strings = std::move(strings);
	});
	return slot.strings;
}

} // namespace lbx
