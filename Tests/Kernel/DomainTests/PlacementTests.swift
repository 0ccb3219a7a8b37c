import Domain
import Testing
import Vocabulary

@Suite struct `A placement` {
    private static let other = PlacementClaim(space: .acme, customer: .sample(7), externalID: "42")

    @Test func `gives an external id to one customer, until it is released`() throws {
        #expect(try Self.decide(.claim(.sample), []) == [.claimed(.sample)])
        #expect(try Self.decide(.claim(.sample), [.claimed(.sample)]) == [])
        #expect(throws: EntityRejection.self) { try Self.decide(.claim(Self.other), [.claimed(.sample)]) }
        #expect(try Self.decide(.release(customer: .customer), [.claimed(.sample)]) == [.released(.sample)])
        #expect(try Self.decide(.claim(Self.other), [.claimed(.sample), .released(.sample)]) == [.claimed(Self.other)])
    }

    @Test func `is released for its own customer alone`() throws {
        #expect(try Self.decide(.release(customer: .customer), [.claimed(Self.other)]) == [])
        #expect(try Self.decide(.release(customer: .customer), []) == [])
    }

    @Test func `holds the name that a customer who lives with the space would hold`() {
        let created = TenantEvent.created(space: .acme, name: "Customer", externalID: "42")
        #expect(PlacementDecider.reservations(of: .claimed(.sample)) == TenantDecider.reservations(of: created))
        #expect(PlacementDecider.releases(of: .released(.sample)) == TenantDecider.reservations(of: created))
        #expect(TenantDecider.reservations(of: .created(space: .acme, name: "Customer", externalID: "42", isPlaced: true)).isEmpty)
    }

    @Test func `needs an external id that is a name`() {
        #expect(throws: EntityRejection.self) {
            try Self.decide(.claim(PlacementClaim(space: .acme, customer: .customer, externalID: "")), [])
        }
    }

    @Test func `is of a customer whose creation is given up once, before it has come to its end`() throws {
        let create = TenantCommand.create(space: .acme, name: "Customer", externalID: nil)
        #expect(try TenantDecider.decide(.abandon, .absent, now: .morning) == [.abandoned])
        #expect(try TenantDecider.decide(.abandon, .abandoned, now: .morning) == [])
        #expect(throws: EntityRejection.self) { try TenantDecider.decide(create, .abandoned, now: .morning) }
        let present = TenantState.present(space: .acme, name: "Customer", externalID: nil)
        #expect(throws: EntityRejection.exists(TenantDecider.category)) { try TenantDecider.decide(.abandon, present, now: .morning) }
    }

    private static func decide(_ command: PlacementCommand, _ past: [PlacementEvent]) throws -> [PlacementEvent] {
        let state = past.reduce(PlacementDecider.initialState) { PlacementDecider.evolve($0, $1) }
        return try PlacementDecider.decide(command, state, now: .morning)
    }
}
