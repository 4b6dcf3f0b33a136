/// When a stream's results leave.
///
/// | mode | windows | groups without a window |
/// | --- | --- | --- |
/// | `onWindowClose` | one row a group and window, once no row can enter it any more: at its end plus the lateness | refused |
/// | `onWatermark` | one row at the window's end; each row that comes within the lateness corrects it (-1, +1) | refused |
/// | `onUpdate` | after each row, the new result of its group | the same |
/// | `changes` | after each row that changes its group's result, the old one with -1 and the new with +1 | the same |
/// | `every` | at each tick of the interval, the groups that changed since the last | the same |
/// | `final` | as `onWindowClose`; also when the input ends | once, when the input ends |
public enum EmitMode: Hashable, Sendable {
    case onWindowClose, onWatermark, onUpdate, changes, final
    case every(micros: Int64)

    /// Whether results may be taken back: rows carry +1 and -1.
    func retracts(lateness: Int64) -> Bool { self == .changes || self == .onWatermark && lateness > 0 }
}
