import EventSourcing
import Projections
import Vocabulary

/// Usage for billing: events, executions and run seconds by tenant and day (UTC).
enum UsageRoutes {
    /// Days that are told when the request names none.
    private static let defaultDays: Int64 = 30
    /// Days of one answer; a year and the day it began with.
    private static let longestSpan: Int64 = 366

    static let all = [
        Route(
            "GET", "/api/v1/tenants/{tid}/usage", "getTenantUsage", Permission(.billing, .read), "Read a tenant's usage by day",
            query: ["from", "to"], views: [.usage], output: "Usage", handler: { try await usage($0, $1, in: try $0.signedIn.scope) }),
        Route(
            "GET", "/api/v1/billing/usage", "getBillingUsage", Permission(.billing, .read), "Read the space's usage by tenant and day",
            query: ["from", "to"], views: [.usage], output: "Usage", handler: { try await usage($0, $1, in: .space(try $0.signedIn.space)) }),
    ]

    private static func usage(_ request: APIRequest, _ services: APIServices, in scope: ReadScope) async throws -> APIResponse {
        var query = request.query
        let through = query.day("to") ?? services.ids.now().day
        let from = query.day("from") ?? CalendarDay(daysSince1970: through.daysSince1970 - defaultDays + 1)
        try query.finish()
        let span = through.daysSince1970 - from.daysSince1970
        guard span >= 0, span < longestSpan else {
            throw APIError.invalid("/from", "must not be after \"to\" (\(through)), nor more than \(longestSpan) days before it")
        }
        let rows = try await services.reads.usage(scope, from: from, to: through)
        return .json(["from": .string("\(from)"), "to": .string("\(through)"), "data": .array(rows.map(\.json))])
    }
}
