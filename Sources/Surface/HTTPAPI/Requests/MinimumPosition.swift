import Projections
import Vocabulary

/// The place in the log that a reader has seen already, so that what he is shown must not be older: the `fastn-position` of a write.
struct MinimumPosition {
    static let parameter = "minPosition"
    static let header = "fastn-min-position"
    /// Says where a write's last event is.
    static let writeHeader = "fastn-position"
    /// Says that the answer may be older than was asked for.
    static let staleHeader = (name: "fastn-stale", value: "true")
    /// How long a read waits for its views; they follow within milliseconds unless something is wrong.
    private static let patience = Duration.seconds(2)

    private let position: LogPosition
    private let views: [ProjectionName]

    /// Nil when the request names none, or its route reads no view. The header and the parameter must not contradict each other.
    init?(of head: RequestHead, _ query: QueryFields, on route: Route) throws(APIError) {
        guard !route.views.isEmpty else { return nil }
        let (inHeader, inQuery) = (try head.headers.single(Self.header), query.text(Self.parameter))
        if let inHeader, let inQuery, inHeader != inQuery {
            throw .invalid("/\(Self.parameter)", "contradicts the header \(Self.header); send one of them")
        }
        guard let text = inHeader ?? inQuery else { return nil }
        guard let position = LogPosition(text) else {
            let remedy = "must be the \(Self.writeHeader) of a write's answer, such as 12:345"
            throw inQuery == nil ? APIError(.validationFailed, "the header \(Self.header) \(remedy)") : .invalid("/\(Self.parameter)", remedy)
        }
        self.position = position
        views = route.views
    }

    /// Waits, within bounds, until the views have it.
    func isReached(in projections: Projections) async -> Bool {
        await projections.wait(for: position, in: views, timeout: Self.patience)
    }
}
