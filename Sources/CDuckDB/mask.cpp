#include "mask.hpp"

#include <cstring>

namespace lbx {

// 1. Ranges

template <class STORED>
static void RangeOf(const STORED *__restrict stored, STORED low, STORED span, idx_t count, bool and_it,
                    uint8_t *__restrict mask) {
	if (and_it) {
		for (idx_t i = 0; i < count; i++) {
			mask[i] &= uint8_t(STORED(stored[i] - low) <= span);
		}
	} else {
		for (idx_t i = 0; i < count; i++) {
			mask[i] = uint8_t(STORED(stored[i] - low) <= span);
		}
	}
}

void MaskRange(const void *stored, uint8_t width, idx_t start, idx_t count, uint64_t low, uint64_t span, bool and_it,
               uint8_t *mask) {
	switch (width) {
	case 1:
		return RangeOf<uint8_t>(static_cast<const uint8_t *>(stored) + start, low, span, count, and_it, mask);
	case 2:
		return RangeOf<uint16_t>(static_cast<const uint16_t *>(stored) + start, low, span, count, and_it, mask);
	case 4:
		return RangeOf<uint32_t>(static_cast<const uint32_t *>(stored) + start, low, span, count, and_it, mask);
	default:
		return RangeOf<uint64_t>(static_cast<const uint64_t *>(stored) + start, low, span, count, and_it, mask);
	}
}

// 2. Tables

static inline bool Valid(const uint64_t *validity, idx_t row) {
	return (validity[row >> 6] >> (row & 63)) & 1;
}

template <class CODE>
static void TableOf(const lbx_column &column, const uint8_t *table, idx_t start, idx_t count, bool and_it,
                    uint8_t *mask) {
	auto codes = static_cast<const CODE *>(column.data) + start;
	idx_t null_code = column.encoding == LBX_DICTIONARY ? column.dictionary_count : 256;
	uint8_t keep = and_it ? 0 : 1;
	if (column.validity) {
		for (idx_t i = 0; i < count; i++) {
			auto passes = Valid(column.validity, start + i) ? table[codes[i]] : table[null_code];
			mask[i] = passes & (mask[i] | keep);
		}
	} else if (and_it) {
		for (idx_t i = 0; i < count; i++) {
			mask[i] &= table[codes[i]];
		}
	} else {
		for (idx_t i = 0; i < count; i++) {
			mask[i] = table[codes[i]];
		}
	}
}

void MaskTable(const lbx_column &column, const uint8_t *table, idx_t start, idx_t count, bool and_it, uint8_t *mask) {
	switch (column.width) {
	case 1:
		return TableOf<uint8_t>(column, table, start, count, and_it, mask);
	case 2:
		return TableOf<uint16_t>(column, table, start, count, and_it, mask);
	default:
		return TableOf<uint32_t>(column, table, start, count, and_it, mask);
	}
}

// 3. Validity

void MaskValidity(const lbx_column &column, bool wanted, idx_t start, idx_t count, bool and_it, uint8_t *mask) {
	bool all_null = column.encoding == LBX_ALL_NULL;
	uint8_t keep = and_it ? 0 : 1;
	for (idx_t i = 0; i < count; i++) {
		bool valid = !all_null && (!column.validity || Valid(column.validity, start + i));
		mask[i] = uint8_t(valid == wanted) & (mask[i] | keep);
	}
}

// 4. Row numbers

idx_t MaskToRows(const uint8_t *mask, idx_t start, idx_t count, sel_t *selected) {
	idx_t found = 0, i = 0;
	for (; i + 8 <= count; i += 8) {
		uint64_t eight;
		memcpy(&eight, mask + i, 8);
		if (eight == 0) {
			continue;
		}
		if (eight == 0x0101010101010101ull) {
			for (idx_t k = 0; k < 8; k++) {
				selected[found + k] = sel_t(start + i + k);
			}
			found += 8;
			continue;
		}
		for (idx_t k = 0; k < 8; k++) {
			selected[found] = sel_t(start + i + k);
			found += mask[i + k];
		}
	}
	for (; i < count; i++) {
		selected[found] = sel_t(start + i);
		found += mask[i];
	}
	return found;
}

} // namespace lbx
