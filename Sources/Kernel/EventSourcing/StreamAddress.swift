package import Vocabulary

/// Where an entity's events are: its tenant (hence slice), its id, its kind and its partition.
package struct StreamAddress: Hashable, Sendable, CustomStringConvertible {
    package let tenant: TenantID
    package let stream: StreamID
    package let category: Category
    package let era: Era

    package init(tenant: TenantID, stream: StreamID, category: Category, era: Era = .lasting) {
        self.tenant = tenant
        self.stream = stream
        self.category = category
        self.era = era
    }

    package var slice: Slice { Slice(of: tenant) }
    package var description: String { "\(category)-\(stream)" }
}

/// The version a writer believes a stream to have; checked for equality, so a writer behind and a writer ahead are both refused.
package enum ExpectedVersion: Hashable, Sendable {
    case none
    case exactly(StreamVersion)
    case any
}
