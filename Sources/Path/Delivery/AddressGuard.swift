package import HTTPClientDriver

/// Keeps customers' code from reaching this machine and its network through outgoing calls.
///
/// It judges the numeric address that is about to be connected to, after resolution and for every connection, so neither
/// spellings of an address nor names that change what they mean get around it.
package struct AddressGuard: Sendable {
    /// What the operator allows beyond addresses of the public internet.
    package struct Configuration: Sendable {
        /// Whether loopback and private networks may be reached: for development, and for installations inside one network.
        ///
        /// It opens neither link-local addresses nor the metadata services of clouds, which hand out the machine's credentials.
        package var allowsPrivateAddresses = false
        /// Ranges that may be reached whatever they are.
        package var allowedRanges: [AddressRange] = []

        /// Makes a configuration that allows public addresses only.
        package init() {}
    }

    private let configuration: Configuration

    /// Makes a guard with what the operator allows.
    package init(_ configuration: Configuration = Configuration()) {
        self.configuration = configuration
    }

    /// Whether a connection to this address may be opened; constant time but for the operator's own list.
    package func permits(_ address: PeerAddress) -> Bool {
        if configuration.allowedRanges.contains(where: { $0.contains(address) }) { return true }
        return switch AddressReach(of: address) {
        case .global: true
        case .privateNetwork: configuration.allowsPrivateAddresses
        case .never: false
        }
    }
}
