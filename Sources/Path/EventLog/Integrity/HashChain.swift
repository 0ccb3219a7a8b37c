import Cryptography
import EventSourcing
import PostgresDriver
import Vocabulary

/// How the entries of a slice are chained by hashes over what is stored, so that a change shows wherever it was made.
///
///     digest(n) = SHA-256("fastn entry 1" ‖ tenant ‖ stream ‖ era ‖ event id ‖ schema ‖ codec ‖ key id ‖ type ‖ meta ‖ body)
///     hash(n)   = SHA-256("fastn chain 1" ‖ hash(n - 1) ‖ slice ‖ n ‖ epoch ‖ recorded at ‖ digest(n)),  hash(0) = 32 zero bytes
///
/// Numbers are big-endian, texts and bytes preceded by their length in 8 bytes, times microseconds since 1970. The version of an event
/// is not hashed: it is the rank of the event's position in its stream, both of which are.
enum HashChain {
    /// What the first entry of a slice follows.
    static let beginning = [UInt8](repeating: 0, count: SHA256Digest.byteCount)

    /// What an entry says, wherever in the slice it comes to stand; made in the caller's task.
    struct Content {
        let address: StreamAddress
        let id: EventID
        let schema: Int16
        let codec: Int16
        var key: Int32?
        let type: String
        let meta: [UInt8]
        let body: [UInt8]

        /// Linear in meta and body, neither of which is copied.
        func digest(_ hasher: SHA256Hasher) -> [UInt8] {
            var head = Array("fastn entry 1".utf8)
            head.reserveCapacity(160)
            head.append(number: address.tenant.bits)
            head.append(number: address.stream.bits)
            head.append(number: address.era.date.daysSince2000)
            head.append(number: id.bits)
            head.append(number: schema)
            head.append(number: codec)
            head.append(number: Int64(key ?? -1))
            head.append(number: Int64(type.utf8.count))
            head += type.utf8
            head.append(number: Int64(meta.count))
            hasher.update(head)
            hasher.update(meta)
            var length: [UInt8] = []
            length.append(number: Int64(body.count))
            hasher.update(length)
            hasher.update(body)
            return hasher.finish()
        }
    }

    /// The end of a slice's chain.
    struct Link {
        var position: Int64
        /// Microseconds since 1970.
        var recordedAt: Int64
        var hash: [UInt8]

        /// Adds an entry to the chain.
        mutating func append(_ digest: [UInt8], slice: Slice, epoch: Int64, recordedAt: Int64, _ hasher: SHA256Hasher) {
            position += 1
            self.recordedAt = recordedAt
            var bytes = Array("fastn chain 1".utf8)
            bytes.reserveCapacity(103)
            bytes += hash
            bytes.append(number: slice.number)
            bytes.append(number: position)
            bytes.append(number: epoch)
            bytes.append(number: recordedAt)
            bytes += digest
            hasher.update(bytes)
            hash = hasher.finish()
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append<Number: FixedWidthInteger>(number: Number) {
        Swift.withUnsafeBytes(of: number.bigEndian) { append(contentsOf: $0) }
    }
}
