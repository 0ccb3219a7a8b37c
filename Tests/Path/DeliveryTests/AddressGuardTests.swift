import Delivery
import HTTPClientDriver
import Testing

@Suite struct `Judging addresses` {
    private func permits(_ text: String, allowingPrivate: Bool = false) throws -> Bool {
        AddressGuard(allowsPrivateAddresses: allowingPrivate).permits(try #require(PeerAddress(text, port: 443)))
    }

    @Test(arguments: [
        "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0", "169.253.255.255",
        "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255",
        "2606:4700:4700::1111", "2a00:1450:4001:800::200e", "2400:cb00::1",
    ])
    func `a public address is permitted`(text: String) throws {
        #expect(try permits(text))
    }

    static let privateAddresses = [
        "127.0.0.1", "127.255.255.255", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.255.255",
        "100.64.0.1", "100.127.255.255", "::1", "fc00::1", "fdff:ffff::1",
    ]

    @Test(arguments: privateAddresses)
    func `a private address is permitted only where the operator says so`(text: String) throws {
        #expect(try !permits(text))
        #expect(try permits(text, allowingPrivate: true))
    }

    static let neverAddresses = [
        "0.0.0.0", "0.1.2.3", "169.254.169.254", "169.254.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "192.0.2.1",
        "192.88.99.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
        "::", "fe80::1", "febf::1", "fec0::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1",
        "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:a00:1::1", "2001:0:4136:e378::1", "2001:db8::1", "100::1", "fd00:ec2::254", "5f00::1",
    ]

    @Test(arguments: neverAddresses)
    func `no switch opens an address that is not an API's`(text: String) throws {
        #expect(try !permits(text))
        #expect(try !permits(text, allowingPrivate: true))
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.1.2.3", true), ("10.0.0.0/8", "11.0.0.0", false), ("10.128.0.0/9", "10.127.0.0", false), ("0.0.0.0/0", "9.9.9.9", true),
        ("0.0.0.0/0", "::1", false), ("10.0.0.7", "10.0.0.7", true), ("10.0.0.7", "10.0.0.6", false), ("fe80::/10", "febf::1", true),
        ("fe80::/10", "fec0::1", false), ("::/0", "2001::1", true),
    ])
    func `a range holds what its prefix says`(range: String, address: String, isInside: Bool) throws {
        #expect(try #require(AddressRange(range)).contains(try #require(PeerAddress(address, port: 0))) == isInside)
    }

    @Test(arguments: ["", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "::/129", "host/8", "10.0.0.0/8/8", "0x7f.1", " 10.0.0.1"])
    func `what is no range is refused`(text: String) {
        #expect(AddressRange(text) == nil)
    }
}
