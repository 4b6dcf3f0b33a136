// What a benchmark found: every figure beside its peer's from the same run, as a table for people and as JSON to keep.
internal import Base
internal import Foundation

public struct BenchFigure: Sendable {
    /// What was measured: `load lineitem`, `Q9 in-process`.
    public var name: String
    public var unit: String
    public var ours: Double
    /// The peer's figure for the same work in the same run; nil where there is none.
    public var peer: Double?
    public var peerName: String
    /// The bound that `ratio` (ours to the peer's), or ours where there is no peer, must keep; nil where none is set.
    public var atMost: Double?
    public var atLeast: Double?

    public init(
        _ name: String, unit: String, ours: Double, peer: Double? = nil, peerName: String = "", atMost: Double? = nil, atLeast: Double? = nil
    ) {
        self.name = name
        self.unit = unit
        self.ours = ours
        self.peer = peer
        self.peerName = peerName
        self.atMost = atMost
        self.atLeast = atLeast
    }

    public var ratio: Double? { peer.flatMap { $0 == 0 ? nil : ours / $0 } }

    /// Nil where no bound is set.
    public var holds: Bool? {
        let value = ratio ?? ours
        if let atMost { return value <= atMost }
        if let atLeast { return value >= atLeast }
        return nil
    }
}

public struct BenchReport: Sendable {
    public var name: String
    public var settings: [(name: String, value: String)]
    public var figures: [BenchFigure] = []

    public init(name: String, settings: [(name: String, value: String)]) {
        self.name = name
        self.settings = settings
    }

    public var holds: Bool { figures.allSatisfy { $0.holds ?? true } }

    public var table: String {
        let rows = [["", "ours", "peer", "", "ratio", "bound", ""]] + figures.map(row)
        let widths = (0..<7).map { column in rows.map { $0[column].count }.max() ?? 0 }
        let lines = rows.map { row in
            row.enumerated().map { index, cell in
                let space = String(repeating: " ", count: widths[index] - cell.count)
                return index == 0 || index == 3 ? cell + space : space + cell
            }.joined(separator: "  ")
        }
        let head = "\(name): " + settings.map { "\($0.name) \($0.value)" }.joined(separator: ", ")
        return ([head] + lines).joined(separator: "\n")
    }

    private func row(_ figure: BenchFigure) -> [String] {
        let bound = figure.atMost.map { "<= \(Self.short($0))" } ?? figure.atLeast.map { ">= \(Self.short($0))" } ?? ""
        return [
            figure.name, "\(Self.short(figure.ours)) \(figure.unit)", figure.peer.map { "\(Self.short($0)) \(figure.unit)" } ?? "", figure.peerName,
            figure.ratio.map(Self.short) ?? "", bound, figure.holds.map { $0 ? "holds" : "FAILS" } ?? "",
        ]
    }

    static func short(_ value: Double) -> String {
        switch value.magnitude {
        case 0: "0"
        case 1_000_000...: "\((value / 10_000).rounded() / 100)M"
        case 100...: "\(Int(value.rounded()))"
        case 10...: "\((value * 10).rounded() / 10)"
        default: "\((value * 1000).rounded() / 1000)"
        }
    }

    var json: JSON {
        let rows = figures.map { figure -> JSON in
            .object([
                "name": .string(figure.name), "unit": .string(figure.unit), "ours": .number(figure.ours), "peer": figure.peer.map { .number($0) } ?? .null,
                "peer_name": .string(figure.peerName), "ratio": figure.ratio.map { .number($0) } ?? .null,
                "at_most": figure.atMost.map { .number($0) } ?? .null, "at_least": figure.atLeast.map { .number($0) } ?? .null,
                "holds": figure.holds.map { .bool($0) } ?? .null,
            ])
        }
        let pairs = settings.map { JSON.Member($0.name, .string($0.value)) }
        return .object(["bench": .string(name), "settings": .object(pairs), "figures": .array(rows)])
    }

    /// Keeps the run as `FOLDER/NAME.json`.
    public func save(to folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try "\(json.text(indent: true))\n".write(toFile: "\(folder)/\(name).json", atomically: true, encoding: .utf8)
    }
}
