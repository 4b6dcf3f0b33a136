#include "decode.hpp"

#include "decode_values.hpp"

#include <cstring>

namespace lbx {

using namespace duckdb;

static void SetNullConstant(Vector &result) {
	result.SetVectorType(VectorType::CONSTANT_VECTOR);
	ConstantVector::SetNull(result, true);
}

// 1. Validity

// Copies the bits: vectors above may write into a mask that is theirs.
static void SetValidity(const lbx_column &column, const Slice &slice, Vector &result) {
	if (!column.validity) {
		return;
	}
	auto &mask = FlatVector::Validity(result);
	if (!slice.rows && slice.start % 64 == 0) {
		mask.Initialize(MaxValue<idx_t>(mask.Capacity(), slice.count));
		memcpy(mask.GetData(), column.validity + slice.start / 64, ValidityMask::ValidityMaskSize(slice.count));
		return;
	}
	for (idx_t i = 0; i < slice.count; i++) {
		auto row = slice.rows ? slice.rows[i] : slice.start + i;
		if (!IsValid(column, row)) {
			mask.SetInvalid(i);
		}
	}
}

// 2. Constants

// The single value's string, for a column of strings.
static string_t ConstantString(const lbx_column &column) {
	auto offsets = static_cast<const uint32_t *>(column.data);
	return string_t(reinterpret_cast<const char *>(column.heap) + offsets[0], offsets[1] - offsets[0]);
}

static void FillConstant(const LogicalType &type, const lbx_column &column, idx_t count, Vector &result) {
	auto target = FlatVector::GetData(result);
	if (type.InternalType() == PhysicalType::VARCHAR) {
		auto value = ConstantString(column);
		for (idx_t i = 0; i < count; i++) {
			reinterpret_cast<string_t *>(target)[i] = value;
		}
		return;
	}
	auto width = GetTypeIdSize(type.InternalType());
	for (idx_t i = 0; i < count; i++) {
		memcpy(target + i * width, column.data, width);
	}
}

static void SetConstant(const LogicalType &type, const lbx_column &column, Vector &result) {
	FillConstant(type, column, 1, result);
	result.SetVectorType(VectorType::CONSTANT_VECTOR);
}

// 3. Nested values

static void DecodeList(const LogicalType &type, const lbx_column &column, const Slice &slice, Vector &result) {
	auto offsets = static_cast<const uint32_t *>(column.data);
	auto entries = FlatVector::GetData<list_entry_t>(result);
	vector<sel_t> elements;
	for (idx_t i = 0; i < slice.count; i++) {
		auto row = slice.rows ? slice.rows[i] : slice.start + i;
		entries[i] = list_entry_t(elements.size(), offsets[row + 1] - offsets[row]);
		for (auto element = offsets[row]; element < offsets[row + 1]; element++) {
			elements.push_back(element);
		}
	}
	ListVector::Reserve(result, elements.size());
	Slice children {0, elements.data(), elements.size()};
	DecodeCopy(ListType::GetChildType(type), column.children[0], children, ListVector::GetEntry(result));
	ListVector::SetListSize(result, elements.size());
}

static void DecodeArray(const LogicalType &type, const lbx_column &column, const Slice &slice, Vector &result) {
	auto size = ArrayType::GetSize(type);
	vector<sel_t> elements;
	for (idx_t i = 0; i < slice.count; i++) {
		auto row = slice.rows ? slice.rows[i] : slice.start + i;
		for (idx_t k = 0; k < size; k++) {
			elements.push_back(sel_t(row * size + k));
		}
	}
	Slice children {0, elements.data(), elements.size()};
	DecodeCopy(ArrayType::GetChildType(type), column.children[0], children, ArrayVector::GetEntry(result));
}

static void DecodeStruct(const LogicalType &type, const lbx_column &column, const Slice &slice, Vector &result) {
	auto &fields = StructType::GetChildTypes(type);
	auto &children = StructVector::GetEntries(result);
	for (idx_t i = 0; i < children.size(); i++) {
		DecodeCopy(fields[i].second, column.children[i], slice, *children[i]);
		// DuckDB expects a NULL structure's fields to be NULL.
		for (idx_t k = 0; column.validity && k < slice.count; k++) {
			if (!IsValid(column, slice.rows ? slice.rows[k] : slice.start + k)) {
				FlatVector::SetNull(*children[i], k, true);
			}
		}
	}
}

// 4. Any column

static void DecodeDictionaryCopy(const lbx_column &column, const Slice &slice, Vector &result) {
	auto target = FlatVector::GetData<string_t>(result);
	auto heap = reinterpret_cast<const char *>(column.heap);
	for (idx_t i = 0; i < slice.count; i++) {
		sel_t code;
		sel_t row = sel_t(slice.rows ? slice.rows[i] : slice.start + i);
		ReadCodes(column, Slice {row, nullptr, 1}, &code);
		if (code >= column.dictionary_count) {
			target[i] = string_t(uint32_t(0)); // NULL
			continue;
		}
		auto start = column.dictionary_offsets[code];
		target[i] = string_t(heap + start, column.dictionary_offsets[code + 1] - start);
	}
}

static idx_t RowsOf(const Slice &slice) {
	idx_t most = 0;
	for (idx_t i = 0; slice.rows && i < slice.count; i++) {
		most = MaxValue<idx_t>(most, slice.rows[i] + 1);
	}
	return slice.rows ? most : slice.start + slice.count;
}

void DecodeCopy(const LogicalType &type, const lbx_column &column, const Slice &slice, Vector &result) {
	switch (column.encoding) {
	case LBX_PLAIN:
		CopyPlain(column, slice, FlatVector::GetData(result));
		break;
	case LBX_FRAME:
		Widen(column, type.InternalType(), slice, FlatVector::GetData(result));
		break;
	case LBX_CONSTANT:
		FillConstant(type, column, slice.count, result);
		break;
	case LBX_DICTIONARY:
		DecodeDictionaryCopy(column, slice, result);
		break;
	case LBX_STRINGS:
		MakeStrings(column, RowsOf(slice), slice, FlatVector::GetData<string_t>(result));
		break;
	case LBX_LIST:
		DecodeList(type, column, slice, result);
		break;
	case LBX_STRUCT:
		DecodeStruct(type, column, slice, result);
		break;
	case LBX_ARRAY:
		DecodeArray(type, column, slice, result);
		break;
	default:
		for (idx_t i = 0; i < slice.count; i++) {
			FlatVector::SetNull(result, i, true);
		}
		return;
	}
	SetValidity(column, slice, result);
}

// 5. A snapshot's column

static void DecodeVirtual(const Snapshot &snapshot, idx_t group, column_t column, const Slice &slice, Vector &result) {
	if (column != COLUMN_IDENTIFIER_ROW_ID) {
		SetNullConstant(result);
		return;
	}
	auto first = snapshot.FirstRowID(group);
	auto target = FlatVector::GetData<int64_t>(result);
	for (idx_t i = 0; i < slice.count; i++) {
		target[i] = first + int64_t(slice.rows ? slice.rows[i] : slice.start + i);
	}
}

static void DecodeDictionary(const Snapshot &snapshot, idx_t group, column_t column, const Slice &slice,
                             Vector &result) {
	auto &source = snapshot.Group(group).columns[column];
	if (source.width == sizeof(sel_t) && !slice.rows && !source.validity) {
		auto codes = static_cast<const sel_t *>(source.data) + slice.start;
		result.Dictionary(snapshot.Dictionary(group, column), SelectionVector(const_cast<sel_t *>(codes)));
		return;
	}
	SelectionVector codes(MaxValue<idx_t>(slice.count, 1));
	ReadCodes(source, slice, codes.data());
	result.Dictionary(snapshot.Dictionary(group, column), codes);
}

void Decode(const Snapshot &snapshot, idx_t group, column_t index, const Slice &slice, Vector &result) {
	if (index >= snapshot.ColumnCount()) {
		return DecodeVirtual(snapshot, group, index, slice, result);
	}
	auto &rows = snapshot.Group(group);
	auto &column = rows.columns[index];
	auto &type = snapshot.types[index];
	switch (column.encoding) {
	case LBX_ALL_NULL:
		return SetNullConstant(result);
	case LBX_CONSTANT:
		if (!column.validity) {
			return SetConstant(type, column, result);
		}
		FillConstant(type, column, slice.count, result);
		break;
	case LBX_DICTIONARY:
		return DecodeDictionary(snapshot, group, index, slice, result);
	case LBX_PLAIN:
		if (slice.rows) {
			CopyPlain(column, slice, FlatVector::GetData(result));
		} else {
			auto values = static_cast<const uint8_t *>(column.data) + slice.start * column.width;
			FlatVector::SetData(result, const_cast<data_ptr_t>(values));
		}
		break;
	case LBX_FRAME:
		Widen(column, type.InternalType(), slice, FlatVector::GetData(result));
		break;
	case LBX_STRINGS:
		MakeStrings(column, rows.rows, slice, FlatVector::GetData<string_t>(result));
		break;
	default:
		return DecodeCopy(type, column, slice, result);
	}
	SetValidity(column, slice, result);
}

} // namespace lbx
