import Glibc

/// A numeric address and port that a connection is about to be opened to.
package struct PeerAddress: Hashable, Sendable, CustomStringConvertible {
    /// The address in network order: 4 bytes of IPv4 or 16 of IPv6.
    package let octets: [UInt8]
    /// The port.
    package let port: UInt16

    /// Reads the usual written forms of both versions, without brackets or port; nil for anything else, names included.
    package init?(_ text: String, port: UInt16) {
        for (family, byteCount) in [(AF_INET, 4), (AF_INET6, 16)] {
            var octets = [UInt8](repeating: 0, count: byteCount)
            if inet_pton(family, text, &octets) == 1 {
                self.octets = octets
                self.port = port
                return
            }
        }
        return nil
    }

    /// Reads the socket address at `pointer`; nil if it belongs to neither version of IP.
    init?(family: Int32, pointer: UnsafeRawPointer, byteCount: Int) {
        switch family {
        case AF_INET where byteCount >= MemoryLayout<sockaddr_in>.size:
            let address = pointer.loadUnaligned(as: sockaddr_in.self)
            octets = withUnsafeBytes(of: address.sin_addr, Array.init)
            port = UInt16(bigEndian: address.sin_port)
        case AF_INET6 where byteCount >= MemoryLayout<sockaddr_in6>.size:
            let address = pointer.loadUnaligned(as: sockaddr_in6.self)
            octets = withUnsafeBytes(of: address.sin6_addr, Array.init)
            port = UInt16(bigEndian: address.sin6_port)
        default:
            return nil
        }
    }

    package var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = octets.count == 4 ? AF_INET : AF_INET6
        guard inet_ntop(family, octets, &text, socklen_t(text.count)) != nil else { return "?" }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

/// Says whether a connection to a numeric address may be opened.
///
/// Asked on the client's thread with the address that is connected to in the next instruction, after every resolution:
/// a name that points elsewhere the second time gains nothing. It must answer at once and must not block.
package typealias AddressPolicy = @Sendable (PeerAddress) -> Bool
