import Testing
import Vocabulary

@Suite struct `A JSON pointer` {
    /// The document of RFC 6901 section 5, with a list in a list.
    private static let document: JSONValue = [
        "foo": ["bar", "baz"], "": 0, "a/b": 1, "m~n": 8, "e": ["x": ["y": "z"]], "lists": [[1, 2], [3]],
    ]

    @Test(arguments: [
        ("/foo/0", "bar"), ("/", 0), ("/a~1b", 1), ("/m~0n", 8), ("/e/x/y", "z"), ("/lists/1/0", 3), ("/foo", ["bar", "baz"]),
    ] as [(String, JSONValue)])
    func `leads to the value`(pointer: String, value: JSONValue) {
        #expect(JSONPointer.value(at: pointer, in: Self.document) == value)
        #expect(JSONPointer.problem(of: pointer, at: "/subject") == nil)
    }

    @Test(arguments: ["/foo/2", "/foo/00", "/foo/-", "/foo/bar", "/e/x/y/z", "/nothing", "/m~n"])
    func `leads nowhere where there is nothing`(pointer: String) {
        #expect(JSONPointer.value(at: pointer, in: Self.document) == nil)
    }

    @Test(arguments: ["", "foo", "customer.email", "/a~2", "/" + String(repeating: "x", count: Limits.nameLength)])
    func `is refused where it names no part of a document`(pointer: String) {
        #expect(JSONPointer.problem(of: pointer, at: "/subject")?.pointer == "/subject")
    }
}
