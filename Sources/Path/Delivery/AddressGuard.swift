package import HTTPClientDriver

/// Keeps customers' code from reaching this machine and its network through outgoing calls.
///
/// It judges the numeric address that is about to be connected to, after resolution and for every connection, so neither
/// spellings of an address nor names that change what they mean get around it.
package struct AddressGuard: Sendable {
    /// Whether loopback and private networks may be reached: for development, and for installations inside one network.
    ///
    /// It opens neither link-local addresses nor the metadata services of clouds, which hand out the machine's credentials.
    private let allowsPrivateAddresses: Bool

    /// Makes a guard with what the operator allows beyond addresses of the public internet.
    package init(allowsPrivateAddresses: Bool = false) { self.allowsPrivateAddresses = allowsPrivateAddresses }

    /// Whether a connection to this address may be opened; constant time.
    package func permits(_ address: PeerAddress) -> Bool {
        switch AddressReach(of: address) {
        case .global: true
        case .privateNetwork: allowsPrivateAddresses
        case .never: false
        }
    }
}
