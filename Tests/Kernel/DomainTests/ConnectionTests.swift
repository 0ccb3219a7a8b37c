import DeciderSpec
import Domain
import Testing
import Vocabulary

@Suite struct `A connection` {
    let absent = DeciderSpec<ConnectionDecider>()
    let present = DeciderSpec<ConnectionDecider>().given(.created(.sample, secret: .sample(5)))
    let deleted = DeciderSpec<ConnectionDecider>().given(.created(.sample, secret: .sample(5)), .deleted(tenant: .customer, name: "crm"))
    let name = Reservation(scope: .customer, kind: "connection.name", key: "crm")

    @Test func `is created once and claims its name`() {
        absent.when(.create(.sample, secret: .sample(5))).then(.created(.sample, secret: .sample(5))).thenReserves(name).thenReleases()
        present.when(.create(.sample, secret: nil)).thenRejected(.conflict)
        deleted.when(.create(.sample, secret: nil)).thenRejected(.conflict)
    }

    @Test func `gets other credentials and keeps all else`() {
        present.when(.rotate(.basic, secret: .sample(6))).then(.credentialsRotated(.basic, secret: .sample(6))).thenReserves().thenReleases()
        #expect(present.given(.credentialsRotated(.basic, secret: .sample(6))).state == .present(.profile(auth: .basic), secret: .sample(6)))
    }

    @Test func `is deleted and gives its name back`() {
        present.when(.delete).then(.deleted(tenant: .customer, name: "crm")).thenReleases(name).thenReserves()
        #expect(deleted.state == .deleted)
    }

    @Test func `does nothing before it exists or after it was deleted`() {
        for spec in [absent, deleted] {
            spec.when(.rotate(.basic, secret: nil)).thenRejected(.notFound)
            spec.when(.delete).thenRejected(.notFound)
        }
        #expect(absent.given(.credentialsRotated(.basic, secret: nil)).state == .absent)
        #expect(deleted.given(.credentialsRotated(.basic, secret: nil)).state == .deleted)
    }

    static let badHeaders = ["", "X Key", "X-Key:", "X-Key\r\nHost: evil", "é", "X\0", "(x)", String(repeating: "x", count: 101)]

    @Test(arguments: badHeaders) func `takes only header names that HTTP allows, when it is created and later`(header: String) {
        absent.when(.create(.profile(auth: .apiKey(header: header)), secret: .sample(5))).thenRejected(at: "/auth/header")
        present.when(.rotate(.apiKey(header: header), secret: .sample(6))).thenRejected(at: "/auth/header")
    }

    @Test func `is told all that is wrong at once`() {
        let wrong = ConnectionProfile.profile(name: "a b", connector: "", auth: .apiKey(header: ""), hosts: ["ok", "https://x", ""])
        absent.when(.create(wrong, secret: nil)).thenRejected(at: "/name", "/connector", "/auth/header", "/allowedHosts/1", "/allowedHosts/2")
    }

    @Test(arguments: [ConnectionAuth.none, .bearer, .basic, .apiKey(header: "X-Key")]) func `writes how it authenticates and reads it back`(
        auth: ConnectionAuth
    ) {
        #expect(ConnectionAuth(name: auth.name, header: auth.header) == auth)
        #expect(auth.json["type"]?.string == auth.name && auth.json["header"]?.string == auth.header)
    }

    @Test func `has no authentication of a kind that is not known, nor an API key without its header`() {
        #expect(ConnectionAuth(name: "oauth2", header: nil) == nil)
        #expect(ConnectionAuth(name: "api_key", header: nil) == nil)
    }

    /// No host means any host, so one that cannot be read must not be left out.
    @Test func `is not restored with fewer hosts than were stored`() throws {
        let form = ConnectionEvent.created(.sample, secret: nil).stored
        var head = try #require(form.head.object)
        head["allowedHosts"] = [1]
        let damaged = StoredForm(form.type, .object(head))
        #expect(throws: StoredFormError(damaged, member: "allowedHosts")) { try ConnectionEvent.restore(damaged) }
    }

    @Test func `names its commands for the audit log`() {
        let commands: [ConnectionCommand] = [.create(.sample, secret: nil), .rotate(.none, secret: nil), .delete]
        #expect(commands.map(ConnectionDecider.action) == ["connection.create", "connection.rotate", "connection.delete"])
    }
}
