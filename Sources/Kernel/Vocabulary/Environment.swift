/// The name of a deployment environment; until environments can be made there is one, `production`.
package struct EnvironmentName: Hashable, Sendable, CustomStringConvertible {
    package let name: String

    package init(_ name: String) { self.name = name }

    package static let production = EnvironmentName("production")
    package var description: String { name }
}
