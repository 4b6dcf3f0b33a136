// Content codings (RFC 9110, section 8.4.1): gzip and zstd, a piece at a time.
internal import Base
internal import CCompress
internal import Reactor

enum ContentCoding: String {
    case gzip, zstd

    /// What the client accepts, zstd before gzip; `q=0` is a refusal.
    init?(accepting fields: [String]) {
        let accepted = fields.flatMap { $0.split(separator: ",") }.compactMap { item -> String? in
            let parts = item.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
            guard let name = parts.first else { return nil }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            return weight > 0 ? name : nil
        }
        if accepted.contains("zstd") { self = .zstd } else if accepted.contains("gzip") { self = .gzip } else { return nil }
    }

    var kind: Int32 { Int32(self == .gzip ? LBX_GZIP.rawValue : LBX_ZSTD.rawValue) }
}

@safe
struct Compressor: ~Copyable {
    private let handle: OpaquePointer

    init(_ coding: ContentCoding) throws(LeibrixError) {
        guard let handle = unsafe lbx_compressor_new(coding.kind) else { throw LeibrixError(.memoryBudget, "no memory to compress with") }
        unsafe self.handle = handle
    }

    deinit { unsafe lbx_compressor_free(handle) }

    /// Appends the compressed bytes to `out`: at the end all that is left, before it all that the client should have by now.
    func run(_ input: [UInt8], isLast: Bool, into out: ByteBuffer) throws(LeibrixError) {
        var taken = 0
        var done: Int32 = 0
        let mode: Int32 = isLast ? 2 : 1
        while done == 0 {
            var failed = false
            unsafe out.withFreeSpace(32 << 10) { space in
                let written = unsafe lbx_compressor_run(
                    handle, input, input.count, &taken, space.assumingMemoryBound(to: UInt8.self), 32 << 10, mode, &done)
                failed = written < 0
                return Int(max(0, written))
            }
            if failed { throw LeibrixError(.internal, "compression failed") }
        }
    }
}
