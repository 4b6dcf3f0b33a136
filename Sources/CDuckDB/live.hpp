// Live relations: rows that change while plans over them are kept, read at the scan token of a connection.
#pragma once
#include "snapshot.hpp"

#include "duckdb/main/client_context.hpp"
#include "duckdb/main/client_context_state.hpp"

#include <atomic>
#include <map>
#include <mutex>

namespace lbx {

// Where a live relation's facts and rows come from. `release_context` runs when neither a state nor a scan refers to it.
struct LiveRows {
	LiveRows(lbx_live_facts facts, lbx_live_scan scan, void *context, void (*release_context)(void *))
	    : facts(facts), scan(scan), context(context), release_context(release_context) {
	}
	LiveRows(const LiveRows &) = delete;
	~LiveRows() {
		if (release_context) {
			release_context(context);
		}
	}

	// Throw what the callbacks say.
	shared_ptr<Snapshot> Facts() const;
	shared_ptr<Snapshot> Scan(uint64_t token) const;

private:
	const lbx_live_facts facts;
	const lbx_live_scan scan;
	void *const context;
	void (*const release_context)(void *context);
};

// What a connection's statements read at. One snapshot a relation and query: the scans of one query agree.
class ScanContext final : public duckdb::ClientContextState {
public:
	static shared_ptr<ScanContext> Of(ClientContext &context);

	shared_ptr<Snapshot> Scan(const shared_ptr<LiveRows> &rows);
	void QueryEnd() override;

	std::atomic<uint64_t> token {0};

private:
	std::mutex lock;
	std::map<shared_ptr<LiveRows>, shared_ptr<Snapshot>> snapshots;
};

} // namespace lbx
