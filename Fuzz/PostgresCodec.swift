// fuzzes: PostgresDoor
// longest: 4096
// Any bytes as a client of the PostgreSQL door: decoded and put through the machine without a crash, always getting on, and never
// holding more memory than was sent. The first byte says how far the connection had come.
internal import PostgresDoor
internal import Reactor

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPostgresCodec(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    guard let data, count > 1 else { return 0 }
    let sent = [UInt8](UnsafeBufferPointer(start: data + 1, count: count - 1))
    let buffer = ByteBuffer()
    buffer.append(bytes: sent)
    let capacity = buffer.capacityBytes
    var machine = ConnectionMachine(isEncrypted: data[0] & 4 != 0)
    if data[0] & 1 != 0 { _ = machine.received(.startup(minor: 0, parameters: []), offersTLS: true) }
    if data[0] & 2 != 0 { machine.authenticated() }
    while machine.isStartingUp, let packet = try? FrontendDecoder.startup(buffer) { _ = machine.received(packet, offersTLS: data[0] & 8 != 0) }
    while true {
        let before = buffer.count
        guard let message = try? FrontendDecoder.next(buffer, isAuthenticated: machine.phase != .authenticating) else { break }
        precondition(buffer.count < before)
        switch machine.received(message) {
        case .execute where data[0] & 16 != 0: machine.copyInBegan()
        case .copyDone, .copyFail: machine.copyInEnded()
        case .bind where data[0] & 32 != 0: machine.extendedFailed()
        default: break
        }
    }
    precondition(buffer.capacityBytes == capacity)
    return 0
}
