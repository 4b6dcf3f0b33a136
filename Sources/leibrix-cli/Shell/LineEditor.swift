internal import CEdit
internal import Glibc

/// Lines from a terminal, with history and completion.
@safe
final class LineEditor {
    enum Line { case text(String), end, interrupted }

    /// Candidates for the text before the cursor, and how many of its last bytes they replace.
    typealias Completer = (String) -> (candidates: [String], wordBytes: Int)

    private let handle: OpaquePointer
    private let context: Unmanaged<Context>

    private final class Context {
        let complete: Completer
        init(_ complete: @escaping Completer) { self.complete = complete }
    }

    init?(historyFile: String?, complete: @escaping Completer) {
        let context = unsafe Unmanaged.passRetained(Context(complete))
        unsafe self.context = context
        let opened = unsafe lbx_editor_open(
            "leibrix", historyFile,
            { line, word, context in
                let owner = unsafe Unmanaged<Context>.fromOpaque(context!).takeUnretainedValue()
                let (candidates, bytes) = unsafe owner.complete(String(cString: line!))
                guard !candidates.isEmpty else { return nil }
                unsafe word!.pointee = Int32(bytes)
                return unsafe strdup(candidates.joined(separator: "\n"))
            }, context.toOpaque())
        guard let opened = unsafe opened else {
            unsafe context.release()
            return nil
        }
        unsafe handle = opened
    }

    deinit {
        unsafe lbx_editor_close(handle)
        unsafe context.release()
    }

    func read(_ prompt: String) -> Line {
        var line: UnsafePointer<CChar>?
        switch unsafe lbx_editor_read(handle, prompt, &line) {
        case LBX_LINE_TEXT: return unsafe .text(String(cString: line!))
        case LBX_LINE_INTERRUPTED: return .interrupted
        default: return .end
        }
    }

    func remember(_ text: String) { unsafe lbx_editor_remember(handle, text) }
}
