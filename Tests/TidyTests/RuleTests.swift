// The rules themselves: each is shown a breach that it must name and a neighbour that it must let pass.
import Testing

@Suite struct RuleTests {
    private func swift(_ text: String, room: String = "Session") -> SourceFile {
        SourceFile(path: "Sources/\(room)/File.swift", text: text)
    }

    static let table = """
        let rooms: [Room] = [
            Room(0, "CThing", .c, links: ["thing"]),
            Room(1, "Base"),
            Room(1, "Reactor", uses: ["CThing", "Base"]),
            Room(3, "Engine", uses: [
                "Base", "Reactor",
            ]),
            Room(6, "tool", .executable, uses: ["Engine"]),
        ]
        let tests = [("X", ["Base"])]
        """
    let house = House(packageFile: table)

    @Test func theTableIsRead() {
        #expect(house.rooms.map(\.name) == ["CThing", "Base", "Reactor", "Engine", "tool"])
        #expect(house.byName["Engine"]?.uses == ["Base", "Reactor"])
        #expect(house.byName["CThing"]?.kind == .c)
        #expect(house.byName["tool"]?.kind == .executable)
        #expect(house.violations().isEmpty)
    }

    @Test func upwardAndUnknownUsesAreFound() {
        let bad = House(packageFile: """
            let rooms: [Room] = [
                Room(0, "CThing", .c),
                Room(1, "Base", uses: ["Right", "CThing"]),
                Room(1, "Right", uses: ["Engine", "Nowhere", "CThing"]),
                Room(3, "Engine"),
            ]
            """)
        let messages = bad.violations().map(\.description).joined(separator: "\n")
        #expect(messages.contains("Base (floor 1) uses Right"))
        #expect(messages.contains("Right (floor 1) uses Engine (floor 3)"))
        #expect(messages.contains("uses Nowhere"))
        #expect(messages.contains("CThing is imported by Base, Right"))
        #expect(bad.violations().first?.path == "Package.swift")
    }

    @Test func importsAreHeld() {
        let rule = ImportRule(house: house)
        let file = swift("import Base\ninternal import Foundation\npublic import tool\n@preconcurrency internal import Glibc\n// import X\n", room: "Engine")
        let found = rule.violations(file)
        #expect(found.map(\.line) == [1, 2, 3])
        #expect(found[1].message.contains("use Platform"))
        #expect(rule.violations(swift("internal import Foundation\ninternal import Engine\n", room: "tool")).isEmpty)
    }

    @Test func longFilesAreFound() {
        #expect(Rules.length(swift(String(repeating: "x\n", count: 801))).count == 1)
        #expect(Rules.length(swift(String(repeating: "x\n", count: 800))).isEmpty)
    }

    @Test(arguments: ["func f() {", "init(a: Int) {", "var x: Int {", "deinit {", "subscript(i: Int) -> Int {", "func g<T>(\n a: T\n) -> Int where T: Hashable {"])
    func longFunctionsAreFound(header: String) {
        func wrapped(_ lines: Int) -> SourceFile {
            swift("struct S {\n    let a = 1\n\(header)\n" + String(repeating: "    if \"}\" == \"{\" { work() } // }\n", count: lines) + "}\n}\n")
        }
        #expect(Rules.functions(wrapped(75)).count == 1)
        #expect(Rules.functions(wrapped(60)).isEmpty)
    }

    @Test func longCFunctionsAreFound() {
        let body = String(repeating: "  if (a == '}') { b(); }\n", count: 80)
        let file = SourceFile(path: "Sources/CThing/a.cpp", text: "namespace x {\nclass A {\n public:\n  int f(int a) const {\n\(body)}\n};\n}\n")
        #expect(Rules.functions(file).map(\.line) == [4])
        let small = SourceFile(path: "Sources/CThing/a.cpp", text: "namespace x {\nint f() { return 1; }\n" + String(repeating: "int g();\n", count: 90) + "}\n")
        #expect(Rules.functions(small).isEmpty)
    }

    @Test func literalsAndCommentsAreNoCode() {
        let text = CodeText(swift("let a = \"x { \\(call(\"}\")) }\" /* { /* } */ { */ + #\"\"{\"# // {\n\"\"\"\n{ \"quoted\" {\n\"\"\"\n}"))
        let code = String(decoding: text.bytes, as: UTF8.self)
        #expect(code.contains("call("))
        #expect(code.filter { $0 == "{" }.isEmpty)
        #expect(code.filter { $0 == "}" }.count == 1)
        #expect(text.lines.count == 5)
    }

    @Test(arguments: [
        "print(1)", "  let t = Date()", "try await Task.sleep(for: .seconds(1))", "DispatchQueue.main.async {}", "let f = Glibc.open(path, 0)",
        "let n = Int.random(in: 0..<4)", "unsafe clock_gettime(CLOCK_MONOTONIC, &t)", "fatalError(\"no\")", "_ = socket(AF_INET, 0, 0)",
    ])
    func bannedCallsAreFound(line: String) {
        let found = Rules.bannedCalls(swift("internal import Glibc\nfunc f() {\n\(line)\n}"))
        #expect(found.count == 1)
        #expect(found.first?.line == 3)
        #expect(found.first?.message.contains("use ") == true)
    }

    @Test(arguments: ["blueprint(1)", "// print(1)", "let s = \"print(1)\"", "file.open(path)", "func open(_ path: String) {}", "reopen(1)", "options.random", "case time(Int64)", "let time = 3", "accept(.comma)"])
    func neighboursPass(line: String) { #expect(Rules.bannedCalls(swift(line)).isEmpty) }

    @Test func callsAreFreeAtHome() {
        #expect(Rules.bannedCalls(swift("connect(1)")).isEmpty)
        #expect(Rules.bannedCalls(swift("internal import Glibc\nfunc connect(_ a: Int) {}\nconnect(1)")).isEmpty)
        #expect(Rules.bannedCalls(swift("print(1)", room: "leibrix-cli")).isEmpty)
        #expect(Rules.bannedCalls(swift("unsafe clock_gettime(a, b)", room: "Platform")).isEmpty)
    }

    @Test func openWordsAreFound() {
        for word in Rules.unfinished { #expect(Rules.unfinishedWords(swift("// \(word) later")).count == 1) }
        #expect(Rules.unfinishedWords(swift("// mastodon\nlet autodoc = 1")).isEmpty)
        for word in Rules.foreign { #expect(Rules.foreignWords(SourceFile(path: "README.md", text: "see \(word)")).count == 1) }
        #expect(Rules.foreignWords(SourceFile(path: "README.md", text: "the network tree")).isEmpty)
    }

    @Test func missingPagesAreFound() {
        #expect(Rules.internalsPages(house, paths: ["docs/internals/Base.md"]).map(\.path) == ["docs/internals/Reactor.md", "docs/internals/Engine.md", "docs/internals/tool.md"])
    }

    @Test func gapsBetweenDecisionsAreFound() {
        func page(_ name: String, _ text: String = "# Title") -> SourceFile { SourceFile(path: "docs/adr/\(name).md", text: text) }
        #expect(Rules.decisions([page("0001-a"), page("0002-b")]).isEmpty)
        #expect(Rules.decisions([page("0001-a"), page("0003-b")]).count == 1)
        #expect(Rules.decisions([page("0001-a"), page("0001-b")]).count == 1)
        #expect(Rules.decisions([page("0001-a", "no heading")]).count == 1)
    }

    @Test func codesWithoutStatusesOrDocumentsAreFound() {
        let declarations = SourceFile(path: "E.swift", text: "static let a = ErrorCode(rawValue: \"LBX-0001\")\nstatic let b = ErrorCode(rawValue: \"LBX-0000\")\n")
        #expect(Rules.errorCodes(declarations: declarations, page: nil).count == 2)
        let page = SourceFile(path: "docs/operating/errors.md", text: "| LBX-0001 | XX000 | internal |")
        #expect(Rules.errorCodes(declarations: declarations, page: page).map(\.line) == [2])
    }
}
