// The checkout held to the rules of the house. One test a rule; a failure lists every breach as file:line.
import Testing

@Suite struct HouseTests {
    let tree = SourceTree.checkout
    let house = House(packageFile: SourceTree.checkout.file("Package.swift").map { String(decoding: $0.text, as: UTF8.self) } ?? "")

    private func expectNone(_ violations: [Violation], _ location: Testing.SourceLocation = #_sourceLocation) {
        let list = violations.map(\.description).joined(separator: "\n")
        #expect(violations.isEmpty, "\(violations.count) breaches:\n\(list)", sourceLocation: location)
    }

    @Test func theTreeIsSeen() {
        #expect(tree.swift.count > 30)
        #expect(house.rooms.count >= 20)
    }

    @Test func floors() { expectNone(house.violations()) }
    @Test func imports() {
        let rule = ImportRule(house: house)
        expectNone(tree.swift.flatMap(rule.violations))
    }
    @Test func everyRoomHasItsFolder() {
        let folders = Set(tree.files.compactMap(\.room))
        expectNone(folders.subtracting(house.byName.keys).sorted().map { Violation(path: "Sources/\($0)", line: 1, message: "no row in Package.swift") })
    }
    @Test func fileLength() { expectNone(tree.code.flatMap(Rules.length)) }
    @Test func functionLength() { expectNone(tree.code.flatMap(Rules.functions)) }
    @Test func medianFile() { #expect(Rules.median(tree.files) <= Rules.medianFileLines) }
    @Test func bannedCalls() { expectNone(tree.swift.flatMap(Rules.bannedCalls)) }
    @Test func nothingLeftOpen() { expectNone(tree.files.flatMap(Rules.unfinishedWords)) }
    @Test func nothingOfTheWorkplace() { expectNone(tree.files.flatMap(Rules.foreignWords)) }
    @Test func aPageATarget() { expectNone(Rules.internalsPages(house, paths: Set(tree.files.map(\.path)))) }
    @Test func decisionsAreNumbered() { expectNone(Rules.decisions(tree.files)) }
    @Test func errorCodesAreDocumented() throws {
        let declarations = try #require(tree.file("Sources/Base/Errors/ErrorCode.swift"))
        expectNone(Rules.errorCodes(declarations: declarations, page: tree.file("docs/operating/errors.md")))
    }
}
