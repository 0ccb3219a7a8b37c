import HTTPClientDriver

/// Decides what follows a response that points elsewhere. Sources: RFC 9110, section 15.4; WHATWG Fetch, "HTTP-redirect fetch".
enum Redirect {
    /// How many hops are followed: real services need two or three, and twenty only help a loop.
    static let maximumCount = 5

    /// Fields that may follow to another origin; any other could be a secret that was meant for the first one.
    private static let harmlessNames: Set<String> = ["accept", "accept-language", "content-type", "user-agent"]

    /// The request that `response` asks for instead, or nil if it is an answer like others.
    static func next(after response: OutboundResponse, to request: OutboundRequest) throws(ConnectorError) -> OutboundRequest? {
        guard [301, 302, 303, 307, 308].contains(response.status), let location = response.header("location") else { return nil }
        var next = request
        do throws(HTTPClientError) {
            next.url = try request.url.resolving(location)
        } catch {
            throw ConnectorError(.redirectRefused, "the host redirects to something that is not an http or https URL")
        }
        guard request.url.scheme == "http" || next.url.scheme == "https" else {
            throw ConnectorError(.redirectRefused, "the host redirects from https to http")
        }
        if losesBody(response.status, request.method) {
            next.method = "GET"
            next.body = nil
            next.headers.removeAll { $0.name.lowercased().hasPrefix("content-") }
        }
        if !next.url.hasSameOrigin(as: request.url) {
            next.headers.removeAll { !harmlessNames.contains($0.name.lowercased()) }
        }
        return next
    }

    private static func losesBody(_ status: Int, _ method: String) -> Bool {
        status == 303 && method != "GET" && method != "HEAD" || (status == 301 || status == 302) && method == "POST"
    }
}
