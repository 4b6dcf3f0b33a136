#include "live.hpp"

#include <cstdlib>

namespace lbx {

using namespace duckdb;

// Takes over what a callback made, or throws its message.
static shared_ptr<Snapshot> Taken(lbx_snapshot *made, char *error) {
	if (!made) {
		string message = error ? error : "rows of a relation could not be made";
		free(error);
		throw InvalidInputException("%s", message);
	}
	auto result = std::move(made->snapshot);
	delete made;
	return result;
}

shared_ptr<Snapshot> LiveRows::Facts() const {
	char *error = nullptr;
	auto made = facts(context, &error);
	return Taken(made, error);
}

shared_ptr<Snapshot> LiveRows::Scan(uint64_t token) const {
	char *error = nullptr;
	auto made = scan(context, token, &error);
	return Taken(made, error);
}

shared_ptr<ScanContext> ScanContext::Of(ClientContext &context) {
	return context.registered_state->GetOrCreate<ScanContext>("lbx_scan");
}

shared_ptr<Snapshot> ScanContext::Scan(const shared_ptr<LiveRows> &rows) {
	std::lock_guard<std::mutex> guard(lock);
	auto &slot = snapshots[rows];
	if (!slot) {
		slot = rows->Scan(token);
	}
	return slot;
}

void ScanContext::QueryEnd() {
	// Let go of after the lock: the snapshots' callbacks may take any time.
	std::map<shared_ptr<LiveRows>, shared_ptr<Snapshot>> ended;
	std::lock_guard<std::mutex> guard(lock);
	ended.swap(snapshots);
}

} // namespace lbx
