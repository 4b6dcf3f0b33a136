import Base
@testable import PostgresDoor
import Session
import Testing

@Suite struct MachineTests {
    private func ready() -> ConnectionMachine {
        var machine = ConnectionMachine()
        _ = machine.received(.startup(minor: 0, parameters: []), offersTLS: false)
        machine.authenticated()
        return machine
    }

    @Test func startupWithEveryDetour() {
        var machine = ConnectionMachine()
        #expect(machine.received(.gssRequest, offersTLS: true) == .reply(UInt8(ascii: "N")))
        #expect(machine.received(.sslRequest, offersTLS: true) == .replyThenStartTLS)
        machine.tlsStarted()
        #expect(machine.phase == .startup(isEncrypted: true, gssRefused: true))
        #expect(machine.received(.startup(minor: 2, parameters: []), offersTLS: true) == .authenticate(minor: 2, parameters: []))
        #expect(machine.received(.authentication([1])) == .continueAuthentication([1]))
        machine.authenticated()
        #expect(machine.phase == .ready)
    }

    @Test func startupThatIsRefused() {
        var machine = ConnectionMachine(isEncrypted: true)
        guard case .fail = machine.received(.sslRequest, offersTLS: true) else { return #expect(Bool(false)) }
        #expect(machine.phase == .closed)
        var asking = ConnectionMachine()
        #expect(asking.received(.sslRequest, offersTLS: false) == .reply(UInt8(ascii: "N")))
        _ = asking.received(.gssRequest, offersTLS: false)
        guard case .fail = asking.received(.gssRequest, offersTLS: false) else { return #expect(Bool(false)) }
        var cancelling = ConnectionMachine()
        let key = CancelKey(processID: 1, secret: 2)
        #expect(cancelling.received(.cancel(key), offersTLS: false) == .cancel(key))
        #expect(cancelling.phase == .closed)
    }

    @Test func passwordsComeOnlyWhenAsked() {
        var machine = ready()
        guard case .fail(let error) = machine.received(.authentication([])) else { return #expect(Bool(false)) }
        #expect(error.code == .protocolViolation)
        var early = ConnectionMachine()
        _ = early.received(.startup(minor: 0, parameters: []), offersTLS: false)
        guard case .fail = early.received(.query("SELECT 1")) else { return #expect(Bool(false)) }
    }

    @Test func anErrorSkipsUntilSync() {
        var machine = ready()
        #expect(machine.received(.parse(name: "", sql: "x", types: [])) == .parse(name: "", sql: "x", types: []))
        #expect(machine.phase == .extended)
        machine.extendedFailed()
        #expect(machine.received(.describe(.portal(""))) == .ignore)
        #expect(machine.received(.execute(portal: "", rowsMax: 0)) == .ignore)
        #expect(machine.received(.query("SELECT 1")) == .ignore)
        #expect(machine.received(.flush) == .ignore)
        #expect(machine.received(.unreadable(type: 0, LeibrixError(.syntax, ""))) == .ignore)
        #expect(machine.received(.sync) == .sync(failed: true))
        #expect(machine.received(.sync) == .sync(failed: false))
        #expect(machine.received(.query("SELECT 1")) == .simpleQuery("SELECT 1"))
    }

    @Test func unreadableMessages() {
        let error = LeibrixError(.protocolViolation, "bad")
        var simple = ready()
        #expect(simple.received(.unreadable(type: UInt8(ascii: "Q"), error)) == .refuse(error, thenReady: true))
        #expect(simple.phase == .ready)
        #expect(simple.received(.unreadable(type: UInt8(ascii: "B"), error)) == .refuse(error, thenReady: false))
        #expect(simple.phase == .failed)
        guard case .refuse(_, true) = { var machine = ready()
            return machine.received(.functionCall) }() else { return #expect(Bool(false)) }
    }

    @Test func copyIn() {
        var machine = ready()
        _ = machine.received(.bind(BindMessage(portal: "", statement: "", parameterFormats: [], parameters: [], resultFormats: [])))
        machine.copyInBegan()
        #expect(machine.received(.copyData([1])) == .copyData([1]))
        #expect(machine.received(.sync) == .ignore)
        #expect(machine.received(.flush) == .ignore)
        guard case .copyFail(let error) = machine.received(.copyFail("stop")) else { return #expect(Bool(false)) }
        #expect(error.message == "COPY from stdin failed: stop")
        machine.copyInEnded()
        #expect(machine.phase == .extended)
        machine.copyInBegan()
        #expect(machine.received(.copyDone) == .copyDone)
        guard case .copyFail = machine.received(.query("SELECT 1")) else { return #expect(Bool(false)) }
        machine.copyInEnded()
        #expect(machine.received(.copyData([1])) == .ignore)
        #expect(machine.received(.terminate) == .terminate)
        #expect(machine.phase == .closed)
    }
}
