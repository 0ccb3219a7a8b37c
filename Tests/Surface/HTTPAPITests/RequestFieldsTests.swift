@testable import HTTPAPI
import Testing
import Vocabulary

@Suite struct `Members of a request` {
    private func fields(_ text: String) throws -> RequestFields {
        RequestFields(try #require(try JSONValue(parsing: text).object))
    }

    /// Pointers of everything that is wrong.
    private func pointers(_ fields: inout RequestFields) -> [String] {
        do { try fields.finish() } catch { return error.problems.map(\.pointer) }
        return []
    }

    @Test func `are told all at once when they are wrong`() throws {
        var fields = try fields(#"{"name": 1, "count": "x", "nested": {"flag": "yes"}}"#)
        _ = (fields.requiredString("name"), fields.integer("count"), fields.requiredString("missing"))
        _ = fields.nested("nested") { $0.bool("flag") }
        #expect(pointers(&fields) == ["/name", "/count", "/missing", "/nested/flag"])
    }

    @Test func `that nobody knows are refused with their place`() throws {
        var fields = try fields(#"{"nmae": "x", "a/b~c": 1, "list": [{"odd": 1}]}"#)
        _ = fields.each("list") { inner, _ in inner.string("even") }
        #expect(pointers(&fields) == ["/list/0/odd", "/nmae", "/a~1b~0c"])
    }

    @Test func `count as missing when they are null`() throws {
        var fields = try fields(#"{"name": null}"#)
        #expect(fields.string("name") == nil)
        #expect(pointers(&fields) == [])
    }

    @Test func `may be words in any case of letters`() throws {
        var fields = try fields(#"{"place": "PATH"}"#)
        let place: ErrorPlace? = fields.choice("place")
        #expect(place == .path)
        var others = try self.fields(#"{"place": "moon"}"#)
        let none: ErrorPlace? = others.choice("place")
        #expect(none == nil)
        #expect(others.problems.first?.message == "must be one of path, query")
    }

    private enum ErrorPlace: String, CaseIterable { case path, query }
}

@Suite struct `Parameters of a query` {
    private func pointers(_ query: String, allowing names: [String], _ read: (inout QueryFields) -> Void = { _ in }) -> [String] {
        var fields = QueryFields(query, allowing: names)
        read(&fields)
        do { try fields.finish() } catch { return error.problems.map(\.pointer) }
        return []
    }

    @Test func `are decoded`() {
        let fields = QueryFields("a=x%20y+z&b=", allowing: ["a", "b"])
        #expect(fields.text("a") == "x y z")
        #expect(fields.text("b") == nil)
    }

    @Test func `that are unknown or repeated are refused`() {
        #expect(pointers("a=1&stauts=x&a=2", allowing: ["a"]) == ["/stauts", "/a"])
    }

    @Test(arguments: ["limit=0", "limit=201", "limit=many", "cursor=nonsense"])
    func `that place no page are refused`(query: String) throws {
        var fields = QueryFields(query, allowing: ["limit", "cursor"])
        let error = #expect(throws: APIError.self) { try fields.page() }
        #expect(error?.problems.map(\.pointer) == ["/\(query.prefix { $0 != "=" })"])
    }

    @Test(arguments: ["%", "%2", "%zz", "%ff"]) func `that are not encoded properly are refused`(text: String) {
        #expect(PercentCoding.decode(text) == nil)
        #expect(pointers("a=\(text)", allowing: ["a"]) == [""])
    }

    @Test func `that are no times, days or ids are refused`() {
        let found = pointers("since=yesterday&from=2026-02-30&id=7", allowing: ["since", "from", "id"]) { fields in
            _ = (fields.time("since"), fields.day("from"), fields.id("id", of: Subject.Run.self))
        }
        #expect(found == ["/since", "/from", "/id"])
    }
}

@Suite struct `A date in a header` {
    @Test func `is written as HTTP wants it`() {
        #expect(HTTPDate.text(of: 784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
    }
}
