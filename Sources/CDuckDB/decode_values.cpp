// Fixed-width values and strings: the loops that every byte of a scan goes through.
#include "decode_values.hpp"

#include <cstring>

namespace lbx {

using namespace duckdb;

// 1. Integers

template <class STORED, class VALUE>
static void WidenDense(const STORED *__restrict source, VALUE base, idx_t count, VALUE *__restrict target) {
	for (idx_t i = 0; i < count; i++) {
		target[i] = VALUE(base + VALUE(source[i]));
	}
}

template <class STORED, class VALUE>
static void WidenRows(const STORED *source, VALUE base, const sel_t *rows, idx_t count, VALUE *target) {
	for (idx_t i = 0; i < count; i++) {
		target[i] = VALUE(base + VALUE(source[rows[i]]));
	}
}

template <class STORED, class VALUE>
static void WidenTo(const lbx_column &column, const Slice &slice, void *target) {
	auto source = static_cast<const STORED *>(column.data);
	auto base = static_cast<VALUE>(column.base);
	if (slice.rows) {
		WidenRows<STORED, VALUE>(source, base, slice.rows, slice.count, static_cast<VALUE *>(target));
	} else {
		WidenDense<STORED, VALUE>(source + slice.start, base, slice.count, static_cast<VALUE *>(target));
	}
}

// 128 bits as the two words of DuckDB's hugeint and uhugeint. The base is signed, the sum of both types' bits the same.
template <class STORED>
static void WidenToHuge(const lbx_column &column, const Slice &slice, void *target) {
	auto source = static_cast<const STORED *>(column.data);
	auto words = static_cast<unsigned __int128 *>(target);
	auto base = static_cast<unsigned __int128>(static_cast<__int128>(column.base));
	for (idx_t i = 0; i < slice.count; i++) {
		auto row = slice.rows ? slice.rows[i] : slice.start + i;
		words[i] = base + source[row];
	}
}

template <class STORED>
static void WidenFrom(const lbx_column &column, PhysicalType type, const Slice &slice, void *target) {
	// Unsigned arithmetic wraps to the right bits for signed types as well.
	switch (GetTypeIdSize(type)) {
	case 1:
		return WidenTo<STORED, uint8_t>(column, slice, target);
	case 2:
		return WidenTo<STORED, uint16_t>(column, slice, target);
	case 4:
		return WidenTo<STORED, uint32_t>(column, slice, target);
	case 8:
		return WidenTo<STORED, uint64_t>(column, slice, target);
	default:
		return WidenToHuge<STORED>(column, slice, target);
	}
}

void Widen(const lbx_column &column, PhysicalType type, const Slice &slice, void *target) {
	switch (column.width) {
	case 1:
		return WidenFrom<uint8_t>(column, type, slice, target);
	case 2:
		return WidenFrom<uint16_t>(column, type, slice, target);
	case 4:
		return WidenFrom<uint32_t>(column, type, slice, target);
	default:
		return WidenFrom<uint64_t>(column, type, slice, target);
	}
}

// 2. Plain values

template <class VALUE>
static void GatherOf(const void *source, const Slice &slice, void *target) {
	auto from = static_cast<const VALUE *>(source);
	auto to = static_cast<VALUE *>(target);
	for (idx_t i = 0; i < slice.count; i++) {
		to[i] = from[slice.rows[i]];
	}
}

void CopyPlain(const lbx_column &column, const Slice &slice, void *target) {
	if (!slice.rows) {
		memcpy(target, static_cast<const char *>(column.data) + slice.start * column.width, slice.count * column.width);
		return;
	}
	switch (column.width) {
	case 1:
		return GatherOf<uint8_t>(column.data, slice, target);
	case 2:
		return GatherOf<uint16_t>(column.data, slice, target);
	case 4:
		return GatherOf<uint32_t>(column.data, slice, target);
	case 8:
		return GatherOf<uint64_t>(column.data, slice, target);
	default:
		return GatherOf<unsigned __int128>(column.data, slice, target);
	}
}

// 3. Strings

// For lengths 0 to 12: which bytes of a string_t's words belong to the string. The first word's low half is the length.
static const uint64_t FIRST_MASK[13] = {
    0x00000000FFFFFFFF, 0x000000FFFFFFFFFF, 0x0000FFFFFFFFFFFF, 0x00FFFFFFFFFFFFFF, ~0ull, ~0ull, ~0ull,
    ~0ull,              ~0ull,              ~0ull,              ~0ull,              ~0ull, ~0ull};
static const uint64_t SECOND_MASK[13] = {0,
                                         0,
                                         0,
                                         0,
                                         0,
                                         0xFF,
                                         0xFFFF,
                                         0xFFFFFF,
                                         0xFFFFFFFF,
                                         0xFFFFFFFFFF,
                                         0xFFFFFFFFFFFF,
                                         0xFFFFFFFFFFFFFF,
                                         ~0ull};

// Twelve bytes are read at `text` whatever the length: the caller knows that they are readable.
static inline void MakeString(const char *text, uint32_t length, uint64_t *target) {
	uint32_t prefix;
	uint64_t rest;
	memcpy(&prefix, text, 4);
	if (length > string_t::INLINE_LENGTH) {
		target[0] = uint64_t(length) | (uint64_t(prefix) << 32);
		target[1] = uint64_t(reinterpret_cast<uintptr_t>(text));
		return;
	}
	memcpy(&rest, text + 4, 8);
	target[0] = (uint64_t(length) | (uint64_t(prefix) << 32)) & FIRST_MASK[length];
	target[1] = rest & SECOND_MASK[length];
}

template <bool DENSE>
static void StringsAt(const uint32_t *offsets, const char *heap, uint32_t safe, const Slice &slice, string_t *target) {
	for (idx_t i = 0; i < slice.count; i++) {
		auto row = DENSE ? slice.start + i : slice.rows[i];
		auto start = offsets[row];
		auto length = offsets[row + 1] - start;
		if (start < safe) {
			MakeString(heap + start, length, reinterpret_cast<uint64_t *>(target + i));
		} else {
			target[i] = string_t(heap + start, length);
		}
	}
}

void MakeStrings(const lbx_column &column, idx_t rows, const Slice &slice, string_t *target) {
	auto offsets = static_cast<const uint32_t *>(column.data);
	auto heap = reinterpret_cast<const char *>(column.heap);
	// Below this offset twelve bytes can be read without leaving the heap.
	auto end = offsets[rows];
	uint32_t safe = end >= 12 ? end - 11 : 0;
	if (slice.rows) {
		StringsAt<false>(offsets, heap, safe, slice, target);
	} else {
		StringsAt<true>(offsets, heap, safe, slice, target);
	}
}

// 4. Codes

template <class CODE>
static void CodesOf(const lbx_column &column, const Slice &slice, sel_t *target) {
	auto codes = static_cast<const CODE *>(column.data);
	if (!slice.rows) {
		auto from = codes + slice.start;
		for (idx_t i = 0; i < slice.count; i++) {
			target[i] = from[i];
		}
		return;
	}
	for (idx_t i = 0; i < slice.count; i++) {
		target[i] = codes[slice.rows[i]];
	}
}

void ReadCodes(const lbx_column &column, const Slice &slice, sel_t *target) {
	switch (column.width) {
	case 1:
		CodesOf<uint8_t>(column, slice, target);
		break;
	case 2:
		CodesOf<uint16_t>(column, slice, target);
		break;
	default:
		CodesOf<uint32_t>(column, slice, target);
		break;
	}
	if (!column.validity) {
		return;
	}
	for (idx_t i = 0; i < slice.count; i++) {
		auto row = slice.rows ? slice.rows[i] : slice.start + i;
		target[i] = IsValid(column, row) ? target[i] : column.dictionary_count;
	}
}

} // namespace lbx
