import DeciderSpec
import Domain
import Testing
import Vocabulary

@Suite struct `A space` {
    let absent = DeciderSpec<SpaceDecider>()
    let present = DeciderSpec<SpaceDecider>().given(.created(name: "Acme"))

    @Test func `is created once`() {
        absent.when(.create(name: "Acme")).then(.created(name: "Acme")).thenReserves().thenWork(nil)
        present.when(.create(name: "Acme")).thenRejected(.conflict)
    }

    @Test(arguments: ["", "a\nb", "a\0b", "\u{7f}", String(repeating: "x", count: 201)]) func `needs a printable name`(name: String) {
        absent.when(.create(name: name)).thenRejected(at: "/name")
    }

    @Test func `issues and revokes keys`() {
        present.when(.issueKey(.sample(7))).then(.keyIssued(.sample(7)))
        present.given(.keyIssued(.sample(7))).when(.revokeKey(.sample(7))).then(.keyRevoked(.sample(7)))
        #expect(
            present.given(.keyIssued(.sample(7)), .keyIssued(.sample(8)), .keyRevoked(.sample(7))).state
                == .present(name: "Acme", keys: [.sample(8): .sample(8)]))
    }

    @Test func `issues a key once and revokes it once`() {
        present.given(.keyIssued(.sample(7))).when(.issueKey(.sample(7))).thenRejected(.conflict)
        present.when(.revokeKey(.sample(7))).thenRejected(.conflict)
        present.given(.keyIssued(.sample(7)), .keyRevoked(.sample(7))).when(.revokeKey(.sample(7))).thenRejected(.conflict)
    }

    @Test func `issues no key without a name`() {
        present.when(.issueKey(IssuedKey(id: .sample(7), name: "", kind: .test, digest: "ab"))).thenRejected(at: "/name")
    }

    @Test func `does nothing before it exists`() {
        absent.when(.issueKey(.sample(7))).thenRejected(.notFound)
        absent.when(.revokeKey(.sample(7))).thenRejected(.notFound)
        #expect(absent.given(.keyIssued(.sample(7)), .keyRevoked(.sample(7))).state == .absent)
    }

    @Test func `names its commands for the audit log`() {
        let commands: [SpaceCommand] = [.create(name: ""), .issueKey(.sample(7)), .revokeKey(.sample(7))]
        #expect(commands.map(SpaceDecider.action) == ["space.create", "space.key.issue", "space.key.revoke"])
    }
}

@Suite struct `A customer` {
    let absent = DeciderSpec<TenantDecider>()

    @Test func `is created once and claims its external id in its space`() {
        absent.when(.create(space: .acme, name: "Customer", externalID: "42"))
            .then(.created(space: .acme, name: "Customer", externalID: "42"))
            .thenReserves(Reservation(scope: .acme, kind: "tenant.externalId", key: "42")).thenReleases()
        absent.given(.created(space: .acme, name: "Customer", externalID: nil))
            .when(.create(space: .acme, name: "Customer", externalID: nil)).thenRejected(.conflict)
    }

    @Test func `claims nothing without an external id`() {
        absent.when(.create(space: .acme, name: "Customer", externalID: nil))
            .then(.created(space: .acme, name: "Customer", externalID: nil)).thenReserves()
    }

    @Test func `is told all that is wrong at once`() {
        absent.when(.create(space: .acme, name: "", externalID: "a\u{1}")).thenRejected(at: "/name", "/externalId")
    }

    @Test func `has one command, which the audit log names`() {
        #expect(TenantDecider.action(of: .create(space: .acme, name: "", externalID: nil)) == "tenant.create")
    }
}

@Suite struct `A keyring` {
    let empty = DeciderSpec<KeyringDecider>()

    @Test func `takes a name, again with another value, and gives it up`() {
        let written = empty.given(.written(name: "TOKEN", secret: .sample(5)))
        empty.when(.write(name: "TOKEN", secret: .sample(5))).then(.written(name: "TOKEN", secret: .sample(5)))
        written.when(.write(name: "TOKEN", secret: .sample(6))).then(.written(name: "TOKEN", secret: .sample(6)))
        written.when(.delete(name: "TOKEN")).then(.deleted(name: "TOKEN"))
        #expect(written.given(.written(name: "TOKEN", secret: .sample(6))).state.secrets == ["TOKEN": .sample(6)])
        #expect(written.given(.deleted(name: "TOKEN")).state.secrets.isEmpty)
    }

    @Test func `does not know a name that was not written or is gone`() {
        empty.when(.delete(name: "TOKEN")).thenRejected(.notFound)
        empty.given(.written(name: "TOKEN", secret: .sample(5)), .deleted(name: "TOKEN")).when(.delete(name: "TOKEN")).thenRejected(.notFound)
    }

    @Test(arguments: ["", "a b", "-a", ".a", "_a", "é", "a/b", "a\0"]) func `refuses a name that code cannot write`(name: String) {
        empty.when(.write(name: name, secret: .sample(5))).thenRejected(at: "/name")
    }

    @Test func `is one stream a tenant, apart from the tenant's own`() {
        #expect(TenantID.acme.keyring != TenantID.customer.keyring)
        #expect(TenantID.acme.keyring != TenantID.acme.recast())
    }

    @Test func `names its commands for the audit log`() {
        #expect(KeyringDecider.action(of: .write(name: "", secret: .sample(5))) == "secret.write")
        #expect(KeyringDecider.action(of: .delete(name: "")) == "secret.delete")
    }
}
