// The loops of decoding, over raw memory.
#pragma once
#include "decode.hpp"

namespace lbx {

inline bool IsValid(const lbx_column &column, idx_t row) {
	return !column.validity || (column.validity[row >> 6] >> (row & 63)) & 1;
}

// LBX_PLAIN, copied.
void CopyPlain(const lbx_column &column, const Slice &slice, void *target);
// LBX_STRINGS of a column of `rows` values: string_t's that point into the heap where they are longer than 12 bytes.
void MakeStrings(const lbx_column &column, idx_t rows, const Slice &slice, string_t *target);
// LBX_DICTIONARY: the codes; NULL has the code `dictionary_count`.
void ReadCodes(const lbx_column &column, const Slice &slice, sel_t *target);

} // namespace lbx
