/// The response to one request, whatever its status.
package struct OutboundResponse: Sendable {
    /// The status code, 100 to 599 from lawful servers.
    package let status: Int
    /// The words behind the status; empty where the server gave none, as HTTP/2 does.
    package let reason: String
    /// Header fields in the order received, repeated names included.
    package let headers: [(name: String, value: String)]
    /// The body after decompression.
    package let body: [UInt8]

    /// The value of the first field of that name, compared without case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}
