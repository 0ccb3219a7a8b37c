import Domain
import Testing
import Vocabulary

@testable import CommandLineTool

@Suite struct `Following executions` {
    @Test func `what has ended is shown once, oldest first`() throws {
        var feed = ExecutionFeed(status: nil)
        let page = try entries([execution(2, "failed", at: 2), execution(1, "completed", at: 1)])
        #expect(feed.begin(with: page, isWhole: true).map(\.status) == [.completed, .failed])
        #expect(feed.accept(page).isEmpty)
        #expect(feed.underWay.isEmpty)
    }

    @Test func `what is under way is asked for until it ends`() throws {
        var feed = ExecutionFeed(status: nil)
        #expect(feed.begin(with: try entries([execution(1, "pending", at: 1)]), isWhole: true).isEmpty)
        #expect(feed.underWay.map { "\($0)" } == [executionID(1)])
        #expect(feed.accept(try entries([execution(1, "running", at: 1)])).isEmpty)
        #expect(feed.accept(try entries([execution(1, "completed", at: 1)])).count == 1)
        #expect(feed.underWay.isEmpty)
        #expect(feed.accept(try entries([execution(1, "completed", at: 1)])).isEmpty)
    }

    @Test func `what waits for a person is shown, and again when it ends`() throws {
        var feed = ExecutionFeed(status: nil)
        let waiting = try entries([execution(1, "running", at: 1, waiting: "needs attention")])
        #expect(feed.accept(waiting).count == 1)
        #expect(feed.accept(waiting).isEmpty)
        #expect(feed.accept(try entries([execution(1, "cancelled", at: 1)])).count == 1)
    }

    @Test func `a status that is asked for is reached later`() throws {
        var feed = ExecutionFeed(status: .failed)
        #expect(feed.begin(with: try entries([execution(1, "running", at: 1)]), isWhole: true).isEmpty)
        #expect(feed.accept(try entries([execution(1, "failed", at: 1), execution(2, "completed", at: 2)])).map(\.status) == [.failed])
    }

    @Test func `lists overlap but never reach behind the first`() throws {
        var feed = ExecutionFeed(status: nil)
        #expect(feed.since == nil)
        let first = try entries([execution(2, "completed", at: 100), execution(1, "completed", at: 90)])
        _ = feed.begin(with: first, isWhole: false)
        #expect(feed.since == first[1].createdAt)
        let later = try entries([execution(3, "completed", at: 300)])
        _ = feed.accept(later)
        #expect(feed.since == later[0].createdAt + .seconds(-30))
    }

    @Test func `one that becomes visible late is still shown`() throws {
        var feed = ExecutionFeed(status: nil)
        _ = feed.begin(with: try entries([execution(2, "completed", at: 100)]), isWhole: true)
        #expect(feed.accept(try entries([execution(1, "completed", at: 80)])).count == 1)
    }

    @Test func `a line says when, which, how and why`() throws {
        let failure: JSONValue = ["name": "TypeError", "message": "x is\nnot a function"]
        let entry = try #require(ExecutionEntry(execution(7, "failed", logs: ["one", "two\nlines"], error: failure)))
        #expect(entry.line(on: .output) == "2023-11-14T22:13:20Z  \(executionID(7))  failed  orders@3  12 ms  TypeError: x is not a function")
        #expect(entry.console(on: .output) == ["    one\n", "    two\n    lines\n"])
    }

    private func entries(_ rows: [JSONValue]) throws -> [ExecutionEntry] { try rows.map { try #require(ExecutionEntry($0)) } }
}
