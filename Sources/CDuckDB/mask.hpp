// Loops of filters: one byte a row, and from bytes to row numbers.
#pragma once
#include "snapshot.hpp"

namespace lbx {

// mask[i] = (stored[start + i] - low) <= span, in the arithmetic of `width` bytes; with `and_it`, mask[i] &= that.
void MaskRange(const void *stored, uint8_t width, idx_t start, idx_t count, uint64_t low, uint64_t span, bool and_it,
               uint8_t *mask);
// mask[i] = table[code or stored byte], NULLs having the place after the last code, or after the 256 bytes.
void MaskTable(const lbx_column &column, const uint8_t *table, idx_t start, idx_t count, bool and_it, uint8_t *mask);
// mask[i] = the row is valid (or is not, when `wanted` is false).
void MaskValidity(const lbx_column &column, bool wanted, idx_t start, idx_t count, bool and_it, uint8_t *mask);
// The numbers start + i of the rows whose mask is set; returns how many. `selected` has room for `count`.
idx_t MaskToRows(const uint8_t *mask, idx_t start, idx_t count, sel_t *selected);

} // namespace lbx
