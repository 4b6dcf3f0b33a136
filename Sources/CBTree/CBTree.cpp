#include "CBTree.h"
#include <absl/container/btree_map.h>

struct lbx_btree {
    absl::btree_map<uint64_t, uint64_t> map;
};

lbx_btree *lbx_btree_new(void) { return new lbx_btree(); }
void lbx_btree_free(lbx_btree *tree) { delete tree; }

int lbx_btree_insert(lbx_btree *tree, uint64_t key, uint64_t value) { return tree->map.try_emplace(key, value).second; }

int lbx_btree_find(const lbx_btree *tree, uint64_t key, uint64_t *value) {
    auto found = tree->map.find(key);
    if (found == tree->map.end()) return 0;
    *value = found->second;
    return 1;
}

int lbx_btree_erase(lbx_btree *tree, uint64_t key) { return (int)tree->map.erase(key); }

uint64_t lbx_btree_sum(const lbx_btree *tree, uint64_t key, int64_t limit) {
    uint64_t sum = 0;
    for (auto entry = tree->map.lower_bound(key); limit > 0 && entry != tree->map.end(); ++entry, --limit) sum += entry->second;
    return sum;
}

void lbx_btree_load(lbx_btree *tree, const uint64_t *keys, int64_t count) {
    for (int64_t index = 0; index < count; index++) tree->map.insert(tree->map.end(), {keys[index], keys[index]});
}
