#pragma once
#include "engine.hpp"

namespace lbx {

// Needs an active transaction.
void InstallSink(ClientContext &context);
void RegisterSink(const string &key, const lbx_sink &sink);
void UnregisterSink(const string &key);

} // namespace lbx
