/// A CBOR data item, of the kinds that states need. Source: RFC 8949.
package enum CBORValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case unsigned(UInt64)
    /// The number -1 - n.
    case negative(UInt64)
    case double(Double)
    case bytes([UInt8])
    case text(String)
    case array([CBORValue])
    /// In the order of the encoded names, each once.
    case map([CBORMember])

    package static func integer(_ value: some FixedWidthInteger) -> CBORValue {
        value < 0 ? .negative(UInt64(clamping: -1 - Int64(clamping: value))) : .unsigned(UInt64(clamping: value))
    }

    /// A map of members in any order.
    static func map(of members: [CBORMember]) -> CBORValue { .map(members.sorted { CBORMember.precedes($0.name, $1.name) }) }

    /// The member of that name; nil when this is no map or has none.
    package subscript(name: String) -> CBORValue? {
        guard case .map(let members) = self else { return nil }
        // Coding asks for members one by one, and a map may be a journal of thousands.
        var range = 0..<members.count
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            if members[middle].name == name { return members[middle].value }
            range = CBORMember.precedes(members[middle].name, name) ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return nil
    }

    /// Where two items differ first, as a JSON pointer; nil when they are equal.
    package func difference(from other: CBORValue, at pointer: String = "") -> String? {
        switch (self, other) {
        case (.map(let left), .map(let right)):
            let names = Set(left.map(\.name)).union(right.map(\.name)).sorted(by: CBORMember.precedes)
            return first(of: names) { name in
                let path = Problem.pointer(pointer, to: name)
                guard let left = self[name], let right = other[name] else { return path }
                return left.difference(from: right, at: path)
            }
        case (.array(let left), .array(let right)):
            let found = first(of: zip(left, right).enumerated()) { $1.0.difference(from: $1.1, at: "\(pointer)/\($0)") }
            return found ?? (left.count == right.count ? nil : "\(pointer)/\(min(left.count, right.count))")
        default: return self == other ? nil : pointer
        }
    }

    private func first<Elements: Sequence>(of elements: Elements, _ find: (Elements.Element) -> String?) -> String? {
        for element in elements { if let found = find(element) { return found } }
        return nil
    }
}

/// A name in a map and what stands under it.
package struct CBORMember: Hashable, Sendable {
    package let name: String
    package let value: CBORValue

    /// The order of the encoded names: shorter ones first, then byte by byte. Source: RFC 8949 section 4.2.1.
    static func precedes(_ left: String, _ right: String) -> Bool {
        let (leftCount, rightCount) = (left.utf8.count, right.utf8.count)
        return leftCount == rightCount ? left.utf8.lexicographicallyPrecedes(right.utf8) : leftCount < rightCount
    }
}
