// How far those who write into tables from elsewhere have come: a number a name, committed with the rows that it stands for, in the
// same record of the log. After a crash the writer asks for the number and goes on behind it: nothing is written twice.
public import Base
internal import Synchronization

final class SinkEpochs: Sendable {
    struct Edit: Hashable {
        var name: String
        /// nil: the name goes.
        var epoch: UInt64?
    }

    /// Versions by commit, ascending: more than one while an older snapshot may be asked for.
    private let versions = Mutex<[String: [(number: UInt64, epoch: UInt64?)]]>([:])

    func newest(_ name: String, at snapshot: UInt64) -> UInt64? {
        versions.withLock { $0[name]?.last { $0.number <= snapshot }?.epoch }
    }

    /// Under the commit lock. Throws 40001 where another writer of the same name was faster.
    func require(_ edits: [Edit]) throws(LeibrixError) {
        guard !edits.isEmpty else { return }
        let late = versions.withLock { versions in
            edits.first { edit in
                guard let epoch = edit.epoch, let there = versions[edit.name]?.last?.epoch else { return false }
                return there >= epoch
            }
        }
        guard let late else { return }
        throw LeibrixError(
            .serializationFailure, "epoch \(late.epoch!) of sink \"\(late.name)\" was committed before",
            hint: "Ask how far the sink is and go on behind that.")
    }

    /// Under the commit lock.
    func add(_ number: UInt64, _ edits: [Edit], horizon: UInt64) {
        guard !edits.isEmpty else { return }
        versions.withLock { versions in
            for edit in edits {
                var list = versions[edit.name] ?? []
                list.append((number, edit.epoch))
                while list.count > 1, list[1].number <= horizon { list.removeFirst() }
                versions[edit.name] = list.count == 1 && edit.epoch == nil ? nil : list
            }
        }
    }

    /// The commit failed.
    func remove(_ number: UInt64, _ edits: [Edit]) {
        guard !edits.isEmpty else { return }
        versions.withLock { versions in
            for edit in edits { versions[edit.name]?.removeAll { $0.number == number } }
        }
    }

    func all(at snapshot: UInt64) -> [(name: String, epoch: UInt64)] {
        versions.withLock { versions in
            versions.compactMap { name, list in list.last { $0.number <= snapshot }?.epoch.map { (name, $0) } }.sorted { $0.0 < $1.0 }
        }
    }
}

extension TableTransaction {
    /// Commits `epoch` for a sink's name with the rows of this transaction. The commit throws 40001 when the sink is there already or
    /// further: somebody else has written these rows.
    public func setSinkEpoch(_ name: String, _ epoch: UInt64) throws(LeibrixError) {
        try requireWritable()
        sinkEdits.append(SinkEpochs.Edit(name: name, epoch: epoch))
    }

    /// Forgets a sink.
    public func dropSinkEpoch(_ name: String) throws(LeibrixError) {
        try requireWritable()
        sinkEdits.append(SinkEpochs.Edit(name: name, epoch: nil))
    }
}

extension TableEngine {
    /// How far a sink is, as last committed; nil for one that never wrote.
    public func sinkEpoch(_ name: String) -> UInt64? { sinkEpochs.newest(name, at: snapshot) }
}
