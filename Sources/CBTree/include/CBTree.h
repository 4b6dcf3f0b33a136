// absl::btree_map (Debian's libabsl-dev), the peer of `leibrix bench index`. For the benchmark only.
#pragma once
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

typedef struct lbx_btree lbx_btree;

lbx_btree *lbx_btree_new(void);
void lbx_btree_free(lbx_btree *tree);
// 1 when the key is new.
int lbx_btree_insert(lbx_btree *tree, uint64_t key, uint64_t value);
// 1 when the key is there; its value goes to `value`.
int lbx_btree_find(const lbx_btree *tree, uint64_t key, uint64_t *value);
int lbx_btree_erase(lbx_btree *tree, uint64_t key);
// Adds up the values of at most `limit` entries from `key` on.
uint64_t lbx_btree_sum(const lbx_btree *tree, uint64_t key, int64_t limit);
// Appends keys in ascending order, with the hint that makes it linear.
void lbx_btree_load(lbx_btree *tree, const uint64_t *keys, int64_t count);

#ifdef __cplusplus
}
#endif
