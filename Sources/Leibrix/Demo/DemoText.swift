// Numbers and columns for people.
internal import Base
internal import Synchronization

/// Lines that stay, and one line at the bottom that is written over on a terminal.
final class DemoProgress: Sendable {
    private let say: @Sendable (String) -> Void
    private let isTerminal = Terminal.isOutput
    private let hasStatus = Mutex(false)

    init(_ say: @escaping @Sendable (String) -> Void) { self.say = say }

    func line(_ text: String) {
        clear()
        say(text + "\n")
    }

    func status(_ text: String) {
        guard isTerminal else { return }
        hasStatus.withLock { $0 = true }
        say("\r\u{1B}[K  \(text)")
    }

    private func clear() {
        hasStatus.withLock { hasStatus in
            if hasStatus { say("\r\u{1B}[K") }
            hasStatus = false
        }
    }

    func end() { clear() }
}

func padRight(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }
func padLeft(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - text.count)) + text }

/// 6001215 as "6,001,215".
func grouped(_ number: Int) -> String {
    var out = ""
    let digits = String(number.magnitude)
    for (index, digit) in digits.enumerated() {
        if index > 0, (digits.count - index) % 3 == 0 { out += "," }
        out.append(digit)
    }
    return (number < 0 ? "-" : "") + out
}

func decimal(_ value: Double, _ places: Int) -> String {
    var factor = 1
    for _ in 0..<places { factor *= 10 }
    let scaled = Int((value * Double(factor)).rounded())
    guard places > 0 else { return String(scaled) }
    return "\(scaled / factor).\(padded(abs(scaled % factor), places))"
}
