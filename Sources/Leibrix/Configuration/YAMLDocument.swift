// A YAML file as text values with their lines, by libyaml's events. Only what a configuration needs: maps of maps and scalars.
// Aliases and sequences are errors, so that a file cannot grow without bound.
internal import Base
internal import CYAML

struct YAMLDocument {
    struct Entry: Equatable {
        /// Keys from the top, joined by dots: "tls.cert".
        var path: String
        var value: String
        /// From 1.
        var line: Int
    }

    static let depthMax = 8

    /// Every scalar of the file, in order.
    static func entries(of text: [UInt8], file: String) throws(LeibrixError) -> [Entry] {
        var reader = unsafe YAMLReader(text, file: file)
        defer { unsafe reader.end() }
        return try unsafe reader.document()
    }
}

@unsafe private struct YAMLReader {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>
    private let file: String
    private var entries: [YAMLDocument.Entry] = []
    private var keys: [(path: String, line: Int)] = []

    init(_ text: [UInt8], file: String) {
        unsafe parser = .allocate(capacity: 1)
        unsafe input = .allocate(capacity: text.count)
        _ = unsafe input.initialize(from: text)
        unsafe self.file = file
        _ = unsafe yaml_parser_initialize(parser)
        unsafe yaml_parser_set_input_string(parser, UnsafePointer(input.baseAddress), text.count)
    }

    mutating func end() {
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
        unsafe input.deallocate()
    }

    private enum Event { case end, scalar(String), mapStart, mapEnd, other(String), skip }

    private func next() throws(LeibrixError) -> (event: Event, line: Int) {
        var event = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(parser, &event) == 1 else {
            let line = unsafe Int(parser.pointee.problem_mark.line) + 1
            let problem = unsafe parser.pointee.problem.map { unsafe String(cString: $0) } ?? "it cannot be read"
            throw unsafe failure("the file is not YAML: \(problem)", line)
        }
        defer { unsafe yaml_event_delete(&event) }
        let line = unsafe Int(event.start_mark.line) + 1
        switch unsafe event.type {
        case YAML_STREAM_END_EVENT, YAML_NO_EVENT: return (.end, line)
        case YAML_STREAM_START_EVENT, YAML_DOCUMENT_START_EVENT, YAML_DOCUMENT_END_EVENT: return (.skip, line)
        case YAML_MAPPING_START_EVENT: return (.mapStart, line)
        case YAML_MAPPING_END_EVENT: return (.mapEnd, line)
        case YAML_SCALAR_EVENT:
            let scalar = unsafe UnsafeBufferPointer(start: event.data.scalar.value, count: event.data.scalar.length)
            return unsafe (.scalar(String(decoding: scalar, as: UTF8.self)), line)
        case YAML_SEQUENCE_START_EVENT: return (.other("a list"), line)
        default: return (.other("an alias"), line)
        }
    }

    mutating func document() throws(LeibrixError) -> [YAMLDocument.Entry] {
        while true {
            let (event, line) = try unsafe next()
            switch event {
            case .end: return unsafe entries
            case .skip: continue
            case .mapStart: try unsafe map(prefix: "", depth: 1)
            case .scalar(""): continue
            default: throw unsafe failure("the file must be a map of settings", line)
            }
        }
    }

    private mutating func map(prefix: String, depth: Int) throws(LeibrixError) {
        while true {
            let (event, line) = try unsafe next()
            switch event {
            case .mapEnd: return
            case .scalar(let key): try unsafe value(of: prefix.isEmpty ? key : "\(prefix).\(key)", line, depth)
            default: throw unsafe failure("a setting's name must be plain text", line)
            }
        }
    }

    private mutating func value(of path: String, _ line: Int, _ depth: Int) throws(LeibrixError) {
        switch try unsafe next().event {
        case .scalar(let text): unsafe entries.append(YAMLDocument.Entry(path: path, value: text, line: line))
        case .mapStart:
            guard depth < YAMLDocument.depthMax else { throw unsafe failure("maps are nested too deeply", line) }
            try unsafe map(prefix: path, depth: depth + 1)
        case .other(let kind): throw unsafe failure("\(path) cannot be \(kind)", line)
        default: throw unsafe failure("\(path) has no value", line)
        }
    }

    private func failure(_ message: String, _ line: Int) -> LeibrixError {
        LeibrixError(.configuration, message, detail: unsafe "\(file), line \(line)", hint: "docs/operating/configuration.md shows a whole file.")
    }
}
