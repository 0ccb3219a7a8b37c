/// A 128-bit identifier whose phantom `Subject` keeps a tenant's id from being passed where a run's is wanted.
///
/// Text form: 36 characters, lower-case hexadecimal with hyphens. Source: RFC 9562.
package struct Identifier<Subject>: Hashable, Sendable, Comparable, CustomStringConvertible {
    // Two words and not one of 128 bits: compiler 6.3 corrupts the stack when a 128-bit integer is passed on it to an async function.
    private let high: UInt64
    private let low: UInt64

    package init(bits: UInt128) {
        high = UInt64(truncatingIfNeeded: bits >> 64)
        low = UInt64(truncatingIfNeeded: bits)
    }

    package var bits: UInt128 { UInt128(high) << 64 | UInt128(low) }

    /// Reads the 36-character text form, upper or lower case; answers nil for anything else.
    package init?(_ text: some StringProtocol) { self.init(String(text)) }

    // Not generic, since it runs several times for each event that is read and generic code stays generic across modules.
    package init?(_ text: String) {
        var text = text
        guard let (high, low) = text.withUTF8({ Self.words(of: $0) }) else { return nil }
        (self.high, self.low) = (high, low)
    }

    /// Reads the 36 characters of the text form, as ASCII; answers nil for anything else.
    package init?(characters: UnsafeBufferPointer<UInt8>) {
        guard let (high, low) = Self.words(of: characters) else { return nil }
        (self.high, self.low) = (high, low)
    }

    private static func words(of characters: UnsafeBufferPointer<UInt8>) -> (high: UInt64, low: UInt64)? {
        guard characters.count == 36 else { return nil }
        var (high, low, digits) = (UInt64(0), UInt64(0), 0)
        for (index, byte) in characters.enumerated() {
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
            } else {
                guard let digit = hexadecimalValue(byte) else { return nil }
                if digits < 16 { high = high << 4 | UInt64(digit) } else { low = low << 4 | UInt64(digit) }
                digits += 1
            }
        }
        return (high, low)
    }

    package static func < (left: Self, right: Self) -> Bool { left.bits < right.bits }

    package var description: String { String(unsafeUninitializedCapacity: identifierLength) { writeCharacters(high, low, to: $0) } }

    /// The text form as ASCII.
    var characters: [UInt8] { identifierCharacters(high, low) }

    /// The same bits under another subject, where one thing is named by another's id (a space is a tenant, a trigger is a stream).
    package func recast<Other>(as _: Other.Type = Other.self) -> Identifier<Other> { Identifier<Other>(bits: bits) }

    /// Milliseconds since 1970 held in the first 48 bits, meaningful only for time-ordered ids (versions 7 and 8 of ours).
    package var milliseconds: Int64 { Int64(truncatingIfNeeded: bits >> 80) }
}

/// Characters of the text form.
private let identifierLength = 36

// Neither is generic, as reading is not.
private func identifierCharacters(_ high: UInt64, _ low: UInt64) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: identifierLength) { text, count in count = writeCharacters(high, low, to: text) }
}

/// Writes the text form of an id; answers its length.
private func writeCharacters(_ high: UInt64, _ low: UInt64, to text: UnsafeMutableBufferPointer<UInt8>) -> Int {
    var place = 0
    for nibble in 0..<32 {
        if nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20 {
            text[place] = UInt8(ascii: "-")
            place += 1
        }
        let digit = UInt8(truncatingIfNeeded: (nibble < 16 ? high : low) >> UInt64(60 - 4 * (nibble & 15))) & 15
        text[place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
        place += 1
    }
    return place
}

let hexadecimalDigits = Array("0123456789abcdef".utf8)

func hexadecimalValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}

extension Identifier {
    /// A version 7 id: 48 bits of milliseconds, then 74 random bits. Source: RFC 9562 section 5.7.
    package static func timeOrdered(at time: Timestamp, random: UInt128) -> Self {
        let stamp = UInt128(UInt64(bitPattern: max(0, time.milliseconds)) & 0xffff_ffff_ffff) << 80
        let version: UInt128 = 7 << 76
        let variant: UInt128 = 2 << 62
        let noise = random & ~(UInt128(0xffff_ffff_ffff) << 80 | UInt128(0xf) << 76 | UInt128(3) << 62)
        return Identifier(bits: stamp | version | variant | noise)
    }

    /// A version 8 id made from a digest, which keeps the time of the id it was derived from, so that it sorts and partitions alike.
    ///
    /// `digest` is the first 16 bytes of a SHA-256 of the names that identify the thing. Source: RFC 9562 section 5.8.
    package static func derived<Other>(from origin: Identifier<Other>, digest: UInt128) -> Self {
        let stamp = origin.bits & UInt128(0xffff_ffff_ffff) << 80
        let noise = digest & ~(UInt128(0xffff_ffff_ffff) << 80 | UInt128(0xf) << 76 | UInt128(3) << 62)
        return Identifier(bits: stamp | 8 << 76 | 2 << 62 | noise)
    }
}

/// The subjects of our ids; none has values.
package enum Subject {
    package enum Tenant {}
    package enum Stream {}
    package enum Event {}
    package enum Command {}
    package enum Workflow {}
    package enum Trigger {}
    package enum Connection {}
    package enum Run {}
    package enum Secret {}
    package enum APIKey {}
    package enum Correlation {}
    package enum StateScope {}
    package enum DataKey {}
    package enum DataSubject {}
    package enum Node {}
    package enum Parcel {}
    package enum Installation {}
    package enum Database {}
}

/// A customer of a space, or the space itself.
package typealias TenantID = Identifier<Subject.Tenant>
/// A space is a root tenant: the same id names both.
package typealias SpaceID = Identifier<Subject.Tenant>
/// One entity's events; the same bits as the entity's own id.
package typealias StreamID = Identifier<Subject.Stream>
/// An event that reached us from outside.
package typealias EventID = Identifier<Subject.Event>
/// One request, so that it is carried out once however often it is sent.
package typealias CommandID = Identifier<Subject.Command>
/// A workflow, in all its versions.
package typealias WorkflowID = Identifier<Subject.Workflow>
/// A trigger; also the last part of its webhook's URL.
package typealias TriggerID = Identifier<Subject.Trigger>
/// An authenticated instance of a connector.
package typealias ConnectionID = Identifier<Subject.Connection>
/// One execution of a workflow.
package typealias RunID = Identifier<Subject.Run>
/// An encrypted record.
package typealias SecretID = Identifier<Subject.Secret>
/// An API key; not the key, which nobody but its owner has.
package typealias APIKeyID = Identifier<Subject.APIKey>
/// Everything that one cause led to.
package typealias CorrelationID = Identifier<Subject.Correlation>
/// Whose key-value state an entry belongs to: a customer's use of one workflow, or one run.
package typealias StateScopeID = Identifier<Subject.StateScope>
/// A key under which somebody's data is encrypted; says nothing of whose.
package typealias DataKeyID = Identifier<Subject.DataKey>
/// A person within a tenant, by a keyed hash of what names him: equal for equal names, and of no use to whoever has not the key.
package typealias DataSubjectID = Identifier<Subject.DataSubject>
/// One process of a cluster, or what stays of it over restarts.
package typealias NodeID = Identifier<Subject.Node>
/// What is handed from one node to another.
package typealias ParcelID = Identifier<Subject.Parcel>
/// One database and all that serve it.
package typealias InstallationID = Identifier<Subject.Installation>
/// Tells the databases of an installation apart; a copy that is restored has its original's.
package typealias DatabaseID = Identifier<Subject.Database>
