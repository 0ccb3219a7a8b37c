import Ingress
import Testing

@Suite struct `Webhook signatures made by the senders' libraries` {
    @Test func `the file has vectors of our schemes`() {
        #expect(SignatureVector.ours.count == 19)
    }

    @Test(arguments: SignatureVector.ours)
    func `a vector gets the verdict it should`(vector: SignatureVector) {
        #expect(vector.verdict().isGenuine == vector.valid)
    }

    @Test(arguments: SignatureVector.ours.filter { $0.valid && !$0.body.isEmpty })
    func `every flipped bit of the body is noticed`(vector: SignatureVector) {
        for bit in 0..<(8 * vector.body.count) {
            var body = vector.body
            body[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(vector.verdict(body: body) == .refused(.signatureMismatch))
        }
    }

    /// Signature, id and timestamp alike; hexadecimal digits may change their case, which changes no bit of the signature.
    @Test(arguments: SignatureVector.ours.filter { $0.valid && $0.name != "rotation list" }, [0, 1, 2, 3, 4, 6, 7])
    func `every flipped bit of a signed header is noticed`(vector: SignatureVector, bit: UInt8) {
        let signed = vector.headers.filter { name, _ in
            name.lowercased().contains("signature") || name.lowercased().contains("hmac") || vector.scheme == "standard-webhooks"
        }
        for (name, value) in signed {
            for index in value.utf8.indices {
                var bytes = Array(value.utf8)
                bytes[value.utf8.distance(from: value.startIndex, to: index)] ^= 1 << bit
                guard let changed = String(validating: bytes, as: UTF8.self) else { continue }
                let headers = vector.headers.merging([name: changed]) { $1 }.map { (name: $0.key, value: $0.value) }
                #expect(!vector.verdict(headers: headers).isGenuine, "\(name): \(changed)")
            }
        }
    }

    /// A list holds its one good signature in the middle, where these changes do not reach.
    @Test(arguments: SignatureVector.ours.filter { $0.valid && $0.name != "rotation list" })
    func `an empty, shortened, lengthened or unprefixed signature is refused`(vector: SignatureVector) {
        for (name, value) in vector.headers where name.lowercased().contains("signature") || name.lowercased().contains("hmac") {
            for wrong in ["", " ", String(value.dropLast()), value + "0", "sha256=", "v1,", "sha1=" + value, "\u{0}", "é", value + "," + value] {
                let headers = vector.headers.merging([name: wrong]) { $1 }.map { (name: $0.key, value: $0.value) }
                #expect(!vector.verdict(headers: headers).isGenuine, "\(wrong)")
            }
        }
    }

    @Test(arguments: SignatureVector.ours.filter(\.valid))
    func `old and new secret are valid during a rotation and the old one is dead after`(vector: SignatureVector) {
        let other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        #expect(vector.verdict(secrets: [other, vector.secret]).isGenuine)
        #expect(vector.verdict(secrets: [vector.secret, other]).isGenuine)
        #expect(vector.verdict(secrets: [other]) == .refused(.signatureMismatch))
    }

    @Test(arguments: SignatureVector.ours.filter(\.valid), [[], [""], ["whsec_"]])
    func `without a secret nothing is genuine`(vector: SignatureVector, secrets: [String]) {
        #expect(!vector.verdict(secrets: secrets).isGenuine)
    }

    @Test(arguments: SignatureVector.ours.filter(\.valid))
    func `a header repeated with another value is refused`(vector: SignatureVector) {
        for (name, value) in vector.headers where name.lowercased().contains("signature") || name.lowercased().contains("hmac") {
            let headers = vector.headers.map { (name: $0.key, value: $0.value) }
            #expect(vector.verdict(headers: headers + [(name: name.uppercased(), value: value)]).isGenuine)
            #expect(vector.verdict(headers: headers + [(name: name.uppercased(), value: "other")]) == .refused(.conflictingHeaders))
            #expect(vector.verdict(headers: [(name: name, value: "other")] + headers) == .refused(.conflictingHeaders))
        }
    }

    @Test(arguments: SignatureVector.ours.filter { $0.scheme == "standard-webhooks" && $0.valid }, [-300, -299, 0, 299, 300])
    func `a signed timestamp within five minutes is fresh`(vector: SignatureVector, offset: Int64) {
        #expect(vector.verdict(now: vector.now + offset).isGenuine)
    }

    @Test(arguments: SignatureVector.ours.filter { $0.scheme == "standard-webhooks" && $0.valid }, [-301, 301, 86_400])
    func `a signed timestamp further away is refused`(vector: SignatureVector, offset: Int64) {
        #expect(vector.verdict(now: vector.now + offset) == .refused(.outsideFreshnessWindow))
    }

    @Test(arguments: SignatureVector.ours.filter { ["github", "shopify"].contains($0.scheme) && $0.valid })
    func `a sender that signs no timestamp may be late`(vector: SignatureVector) {
        #expect(vector.verdict(now: vector.now + 86_400).isGenuine)
    }
}
