// Row groups in files, whose pages come into memory when they are read. Those that were scanned longest ago are let go of once all
// that were scanned since are more than the bound; addresses stay valid, so no reader is told.
internal import Columnar
internal import ColumnStore
internal import Synchronization

extension TableEngine {
    /// Lets go of pages beyond what the bound leaves beside `used`.
    func releaseCold(used: Int) {
        guard let most = memory.bytesMax else { return }
        let room = max(most - used, most / 8)
        var warm: [(group: RowGroupStore, file: MappedSegment)] = []
        for store in everyStore.withLock({ $0 }) {
            store.value?.locked { state in
                for group in state.groups where group.isWarm {
                    if case .file(let file)? = group.frozen?.place { warm.append((group, file)) }
                }
            }
        }
        var bytes = warm.reduce(0) { $0 + $1.file.bytes }
        guard bytes > room else { return }
        for (group, file) in warm.sorted(by: { $0.group.lastScan < $1.group.lastScan }) where bytes > room {
            group.cool()
            file.release()
            bytes -= file.bytes
        }
    }
}
