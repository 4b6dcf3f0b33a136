import Base
import Testing

@Suite struct JSONTests {
    @Test func textIsEscaped() {
        let json: JSON = ["a": ["x\"\n\u{1}", 1, true, nil], "b": .number(0.5)]
        #expect(json.text() == #"{"a":["x\"\n\u0001",1,true,null],"b":0.5}"#)
        #expect(JSON.array([]).text(indent: true) == "[]")
    }
}
