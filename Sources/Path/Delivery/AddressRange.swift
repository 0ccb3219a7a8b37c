package import HTTPClientDriver

/// A block of addresses of one version of IP, such as `10.0.0.0/8`. Source: RFC 4632, RFC 4291 section 2.3.
package struct AddressRange: Hashable, Sendable, CustomStringConvertible {
    /// The range as it was written.
    package let description: String
    private let octets: [UInt8]
    private let prefixLength: Int

    /// Reads `address/length`, or a lone address as the range of itself; nil if it is neither.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let address = PeerAddress(String(parts[0]), port: 0) else { return nil }
        let bits = 8 * address.octets.count
        guard let length = parts.count == 1 ? bits : Int(parts[1]), (0...bits).contains(length) else { return nil }
        description = text
        octets = address.octets
        prefixLength = length
    }

    /// Whether the address lies in the range; addresses of the other version of IP never do.
    package func contains(_ address: PeerAddress) -> Bool {
        guard address.octets.count == octets.count else { return false }
        let wholeBytes = prefixLength / 8
        guard address.octets.prefix(wholeBytes) == octets.prefix(wholeBytes) else { return false }
        let restBits = prefixLength % 8
        return restBits == 0 || (address.octets[wholeBytes] ^ octets[wholeBytes]) >> UInt8(8 - restBits) == 0
    }
}
