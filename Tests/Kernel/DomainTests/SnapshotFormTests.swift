import Domain
import FoundationEssentials
import Testing
import Vocabulary

/// What a snapshot holds is read by later releases, so a state of each kind is kept apart from the code: `schemas/snapshots/KIND.foldN.hex`.
///
/// Whoever changes a state's shape sees it here, raises the decider's `foldVersion`, and writes a file for it.
@Suite struct `A snapshot's body` {
    @Test(arguments: SnapshotSample.all) func `is what the schema's sample says, or its fold version was raised`(sample: SnapshotSample) throws {
        let found = try Self.hex(sample.encoded())
        #expect(try found == Self.hex(Self.load(sample)), "raise the fold version and write schemas/snapshots/\(sample).hex: \(found)")
    }

    @Test(arguments: SnapshotSample.all) func `is read back from the schema's sample`(sample: SnapshotSample) throws {
        #expect(try sample.readBack(Self.load(sample)))
    }

    @Test func `has a sample for every kind of entity, and no sample is left over`() throws {
        let deciders = try Repository.files(under: "Sources/Kernel/Domain").filter { $0.hasSuffix("Decider.swift") }
        #expect(Set(SnapshotSample.all.map(\.category)).count == deciders.count)
        #expect(try Set(Repository.files(under: "schemas/snapshots")) == Set(SnapshotSample.all.map { "\($0).hex" }))
    }

    private static func load(_ sample: SnapshotSample) throws -> [UInt8] {
        let digits = try Repository.text("schemas/snapshots/\(sample).hex").filter { !$0.isWhitespace }
        return stride(from: 0, to: digits.count, by: 2).compactMap { place in
            let start = digits.index(digits.startIndex, offsetBy: place)
            return UInt8(digits[start..<digits.index(start, offsetBy: 2)], radix: 16)
        }
    }

    private static func hex(_ bytes: [UInt8]) -> String { bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}

/// A state of one kind of entity, folded from events.
struct SnapshotSample: Sendable, CustomStringConvertible {
    let description: String
    let category: String
    let encoded: @Sendable () throws -> [UInt8]
    let readBack: @Sendable ([UInt8]) throws -> Bool

    private init<D: Decider>(_: D.Type, _ events: [D.Event]) where D.State: Equatable {
        let state = events.reduce(D.initialState) { D.evolve($0, $1) }
        description = "\(D.category).fold\(D.foldVersion)"
        category = D.category.name
        encoded = { try CBOR.encode(state) }
        readBack = { try CBOR.decode(D.State.self, from: $0) == state }
    }

    static let all = [
        SnapshotSample(SpaceDecider.self, [.created(name: "Acme"), .keyIssued(.sample(7)), .keyIssued(.sample(9))]),
        SnapshotSample(TenantDecider.self, [.created(space: .acme, name: "Customer", externalID: "42")]),
        SnapshotSample(KeyringDecider.self, [.written(name: "SLACK_TOKEN", secret: .sample(5)), .written(name: "A", secret: .sample(6))]),
        SnapshotSample(WorkflowDecider.self, [.created(.sample), .published(version: 1, .sample, .sample("ef56")), .disabled]),
        SnapshotSample(TriggerDecider.self, [.created(.sample), .disabled]),
        SnapshotSample(PlacementDecider.self, [.claimed(.sample)]),
        SnapshotSample(ErasureDecider.self, [.requested(.sample), .completed(subject: .sample(10), destroyedAt: .morning)]),
        SnapshotSample(ConnectionDecider.self, [.created(.sample, secret: .sample(5))]),
        SnapshotSample(
            ReceivedEventDecider.self, [.received(.webhook), .routed(.sample, [TakenRoute(workflow: .sample(3), run: .sample(8))])]),
        SnapshotSample(
            RunDecider.self,
            [
                .requested(.sample), .began, .callCompleted(.sample(0), .value), .callScheduled(.connector), .callCompleted(.connector, .error),
                .waits, .started(.sample(2)), .callCompleted(.sample(2), .sample(.secret(name: "SLACK_TOKEN", .sample(5)))), .cancelRequested,
            ]),
    ]
}
