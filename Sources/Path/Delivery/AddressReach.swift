package import HTTPClientDriver

/// How far an address reaches, judged by the number alone.
///
/// Sources: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890, RFC 8190); the clouds' documentation of their metadata services.
package enum AddressReach: Sendable, Hashable {
    /// The public internet.
    case global
    /// This machine or a network of the installation: loopback, RFC 1918, RFC 6598, RFC 4193.
    case privateNetwork
    /// Nothing that an API lives at: unspecified, link-local, multicast, reserved, documentation, addresses that stand for
    /// others (mapped, NAT64, 6to4, Teredo), metadata services.
    case never

    /// Judges an address.
    package init(of address: PeerAddress) {
        if Self.neverReached.contains(where: { $0.contains(address) }) {
            self = .never
        } else if Self.privateNetworks.contains(where: { $0.contains(address) }) {
            self = .privateNetwork
        } else if address.octets.count == 16, !Self.globalUnicast.contains(where: { $0.contains(address) }) {
            // Of IPv6 only one eighth is given out; what is not known to be public is not.
            self = .never
        } else {
            self = .global
        }
    }

    static let neverReachedTexts = [
        "0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
        "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "100.100.100.200/32", "168.63.129.16/32", "2001::/23", "2001:db8::/32",
        "2002::/16", "3fff::/20", "fd00:ec2::254/128", "fd20:ce::254/128",
    ]
    static let privateNetworkTexts = [
        "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7",
    ]
    static let globalUnicastTexts = ["2000::/3"]

    static let neverReached = neverReachedTexts.compactMap(AddressRange.init)
    static let privateNetworks = privateNetworkTexts.compactMap(AddressRange.init)
    static let globalUnicast = globalUnicastTexts.compactMap(AddressRange.init)
}
