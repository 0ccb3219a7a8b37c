package import Domain
package import EventSourcing
package import HTTPClientDriver
import Vocabulary

/// The connector `http`: makes the calls of `fastn.connector.http`, with a connection's credentials where one is named.
///
/// The client must have an ``AddressGuard`` as its address policy; this type adds what an address cannot show: ports,
/// redirects, hosts that may have the credentials, and what of the answer the workflow may see.
package struct HTTPConnector: ActionCaller {
    /// Bounds of one call.
    package struct Configuration: Sendable {
        /// Time to connect, TLS included; a host that needs longer is down.
        package var connectTimeout = Duration.seconds(10)
        /// The largest response, in bytes after decompression: with others it must fit into the journal of its run.
        package var maximumResponseBytes = 4 << 20

        /// Makes a configuration with the defaults above.
        package init() {}
    }

    private static let slug = "http"

    private let client: HTTPClient
    private let credentials: ConnectionCredentials
    private let configuration: Configuration

    /// Makes a connector that sends through `client`; `catalog` and `vault` know the connections.
    package init(client: HTTPClient, catalog: any Catalog, vault: any SecretVault, configuration: Configuration = Configuration()) {
        self.client = client
        credentials = ConnectionCredentials(catalog: catalog, vault: vault)
        self.configuration = configuration
    }

    /// Reading calls alone: PUT and DELETE may be repeated too, but what they answer the second time may differ.
    package func isIdempotent(connector: String, action: String) -> Bool {
        connector == Self.slug && (action == "get" || action == "head")
    }

    /// Makes the call. Every HTTP status is a value; refusals and failures of the network are errors named `ConnectorError`.
    package func call(_ call: ActionCall) async throws -> ActionOutcome {
        do {
            return .value(try await perform(call).json)
        } catch let error as ConnectorError {
            return .error(error.failure)
        }
    }

    private func perform(_ call: ActionCall) async throws -> ConnectorResult {
        guard call.connector == Self.slug else {
            throw ConnectorError(.unknownConnector, "there is no connector \"\(call.connector)\"; there is http")
        }
        let input: JSONValue
        do throws(JSONError) {
            input = try JSONValue(parsing: call.input)
        } catch {
            throw ConnectorError(.invalidRequest, "the arguments are not JSON: \(error)")
        }
        let request = try ConnectorRequest(action: call.action, input: input)
        var credential: ConnectorCredential?
        if let name = request.connection {
            credential = try await credentials.open(name, tenant: call.tenant, space: call.space)
        }
        let response = try await exchange(try outbound(request, credential, call), timeout: min(request.timeout ?? call.timeout, call.timeout))
        var redactor = SecretRedactor()
        for secret in credential?.secrets ?? [] { redactor.learn(secret, as: "[redacted]") }
        return ConnectorResult(response, redactor: redactor)
    }

    /// The first request: the caller's, with the credentials and the key by which the other side knows a repetition.
    private func outbound(
        _ request: ConnectorRequest, _ credential: ConnectorCredential?, _ call: ActionCall
    ) throws(ConnectorError) -> OutboundRequest {
        var headers = request.headers
        if let credential {
            guard credential.isAllowed(at: request.url) else {
                throw ConnectorError(.hostNotAllowed, "connection \"\(credential.connection)\" may not be used with this host")
            }
            if let header = credential.header {
                guard !headers.contains(where: { $0.name.lowercased() == header.name.lowercased() }) else {
                    throw ConnectorError(.invalidRequest, "headers.\(header.name) is set by connection \"\(credential.connection)\"")
                }
                headers.append(header)
            }
        }
        if request.method != "GET", request.method != "HEAD", !headers.contains(where: { $0.name.lowercased() == "idempotency-key" }) {
            headers.append((name: "Idempotency-Key", value: call.idempotencyKey))
        }
        return OutboundRequest(
            method: request.method, url: request.url, headers: headers, body: request.body, connectTimeout: configuration.connectTimeout,
            maximumResponseBytes: configuration.maximumResponseBytes)
    }

    /// Sends, and follows redirects within one deadline; each hop is checked as the first one is.
    private func exchange(_ first: OutboundRequest, timeout: Duration) async throws(ConnectorError) -> OutboundResponse {
        let deadline = ContinuousClock.now + timeout
        var request = first
        for _ in 0...Redirect.maximumCount {
            guard !RefusedPorts.contains(request.url.port) else {
                throw ConnectorError(.addressRefused, "port \(request.url.port) belongs to a service that is not HTTP")
            }
            request.timeout = ContinuousClock.now.duration(to: deadline)
            let response = try await send(request)
            guard let next = try Redirect.next(after: response, to: request) else { return response }
            request = next
        }
        throw ConnectorError(.redirectRefused, "the host redirects more than \(Redirect.maximumCount) times")
    }

    private func send(_ request: OutboundRequest) async throws(ConnectorError) -> OutboundResponse {
        do throws(HTTPClientError) {
            return try await client.send(request)
        } catch {
            throw ConnectorError(error)
        }
    }
}
