/// Where customers' data lives: the name of one of an installation's databases.
///
/// 1–32 letters a–z, digits and hyphens; begins with a letter.
package struct Region: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Longest name, so that it fits wherever names are shown side by side.
    private static let longestName = 32

    package let name: String

    /// The installation's first database, which also knows which slices the others have.
    package static let main = Region(checked: "main")

    /// Nil for a text that is no name.
    package init?(_ name: String) {
        guard name.utf8.count <= Self.longestName, name.first?.isLetter == true, name.utf8.allSatisfy(Self.isAllowed) else { return nil }
        self.init(checked: name)
    }

    private init(checked name: String) { self.name = name }

    private static func isAllowed(_ character: UInt8) -> Bool {
        switch character {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
        default: false
        }
    }

    package static func < (left: Region, right: Region) -> Bool { left.name < right.name }
    package var description: String { name }
}
