public import Base
public import Catalog
public import Columnar
public import Platform

/// What a statement says of a source's or sink's connector: `FROM KIND (options) FORMAT format`.
public struct ConnectorSpec: Sendable {
    /// The source's or sink's name.
    public var name: String
    /// The connector's, without regard to case.
    public var kind: String
    public var options: [SpecOption]
    /// FORMAT's name; nil where the statement has none.
    public var format: String?
    /// The source's columns, or those of the stream a sink takes.
    public var columns: [DataType.Field]

    public init(name: String, kind: String, options: [SpecOption] = [], format: String? = nil, columns: [DataType.Field]) {
        self.name = name
        self.kind = kind
        self.options = options
        self.format = format
        self.columns = columns
    }
}

/// What the host gives connectors.
public struct ConnectorContext: Sendable {
    /// Where bad records of sources that say nothing else go, as NAME.jsonl; nil: they are counted and the last is shown.
    public var deadLetterFolder: String?
    /// Checkpoints are made: sinks show rows when one is durable. Without, they show them at once.
    public var hasCheckpoints = false
    /// The source or sink is made by a statement, and not again after a restart: files that are there are somebody else's.
    public var isNew = true
    /// The stream a sink takes may take rows back.
    public var hasChanges = false
    /// What `${NAME}` in options stands for.
    public var variables: [String: String] = [:]
    /// Formats the host has an engine for, by name in lower case (`parquet`).
    public var tableFormats: [String: any TableFileFormat] = [:]
    public var clock = Clock.system

    public init() {}
}

extension ConnectorSpec {
    /// The options with their variables replaced.
    func expanded(_ variables: [String: String]) throws(LeibrixError) -> [SpecOption] {
        var result: [SpecOption] = []
        for var option in options {
            if case .string(let text) = option.value { option.value = .string(try ConfigVariables.expand(text, variables)) }
            result.append(option)
        }
        return result
    }
}

/// `${NAME}` in texts. `$${` stands for `${` itself.
public enum ConfigVariables {
    /// Throws `streamConfiguration` for a name that is not set and a brace that is not closed.
    public static func expand(_ text: String, _ variables: [String: String]) throws(LeibrixError) -> String {
        var result = ""
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[dollar...]
            if rest.hasPrefix("$${") {
                result += "${"
                rest = rest.dropFirst(3)
            } else if rest.hasPrefix("${") {
                guard let close = rest.firstIndex(of: "}") else {
                    throw LeibrixError(.streamConfiguration, "\"\(text)\" opens a variable and does not close it", hint: "Write ${NAME}, or $${ for the characters themselves.")
                }
                let name = String(rest[rest.index(rest.startIndex, offsetBy: 2)..<close])
                guard let value = variables[name] else {
                    throw LeibrixError(
                        .streamConfiguration, "the variable ${\(name)} is not set",
                        hint: variables.isEmpty ? "No variable is." : "Those set are: \(variables.keys.sorted().joined(separator: ", ")).")
                }
                result += value
                rest = rest[rest.index(after: close)...]
            } else {
                result += "$"
                rest = rest.dropFirst()
            }
        }
        return result + rest
    }
}
