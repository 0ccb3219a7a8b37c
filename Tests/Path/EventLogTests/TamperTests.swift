import DriverThreads
import EventLog
import EventSourcing
import EventStoreConformance
import Glibc
import PostgresDriver
import PostgresTestKit
import Testing
import Vocabulary

@Suite struct `The hash chains of the log` {
    @Test func `are intact after refusals among neighbours, at the end of a process and after its successor's first append`() async throws {
        try await withTamperedLog { log in
            let fixture = ConformanceFixture(store: log.store)
            let tenant: TenantID = fixture.ids.next()
            let name = Reservation(scope: tenant, kind: "sample.name", key: "name")
            // Refused ones among accepted ones of one slice, so that those behind are hashed anew.
            let outcomes = try await atOnce(60) {
                let stream = fixture.stream(of: tenant)
                var batch = fixture.batch(stream, Bool.random() ? .none : .exactly(StreamVersion(3)), count: Int.random(in: 1...4))
                if Bool.random() { batch.reservations = [name] }
                return try await fixture.store.append(batch)
            }
            let (accepted, result) = (outcomes.filter { if case .appended = $0 { true } else { false } }.count, try await log.verify())
            #expect(accepted > 0 && result.fault == nil && result.events >= accepted)
        } between: { log in
            let result = try await log.verify()
            #expect(result.fault == nil)
        } afterwards: { log in
            let fixture = ConformanceFixture(store: log.store)
            try await fixture.append(fixture.batch(fixture.stream(), .none, count: 7))
            let result = try await log.verify()
            #expect(result.fault == nil && result.slices > 1)
        }
    }

    @Test(arguments: Tampering.allCases)
    func `show each of 20 changes at random places`(_ tampering: Tampering) async throws {
        try await withTamperedLog { log in
            try await log.fill()
            try await log.export()
            #expect(try await log.verify().fault == nil)
            var random = SystemRandomNumberGenerator()
            for round in 0..<20 {
                let place = log.randomPlace(using: &random)
                let fault = try await log.fault(after: tampering, at: place)
                #expect(tampering.isNamed(by: fault, at: place), "round \(round): \(tampering) at \(place): \(String(describing: fault))")
            }
            // All of it was taken back each time, so what was found was the change and nothing else.
            #expect(try await log.verify().fault == nil)
        }
    }

    @Test(arguments: ["edited", "signed by another key", "removed from the middle", "put in another's place"])
    func `do not believe a checkpoint that was`(_ change: String) async throws {
        try await withTamperedLog { log in
            let fixture = ConformanceFixture(store: log.store)
            for _ in 0..<4 {
                try await fixture.append(fixture.batch(fixture.stream(), .none))
                try await log.export()
            }
            #expect(try await log.verify().fault == nil)
            let files = try log.checkpointFiles()
            #expect(files.count == 4)
            switch change {
            case "edited":
                let text = try log.readFile(files[1])
                try log.writeFile(files[1], text.replacing("\"position\":1", with: "\"position\":2"))
            case "signed by another key":
                let key = try log.readFile(log.publicKeyPath)
                try log.writeFile(log.publicKeyPath, String(key.reversed().filter { $0 != "\n" }) + "\n")
            case "removed from the middle": unlink(files[2])
            default: try log.writeFile(files[1], try log.readFile(files[2]))
            }
            let fault = try await log.verify().fault
            #expect(fault?.kind == (change == "removed from the middle" ? .missing : .forged))
        }
    }

    @Test func `are exported at the end, and after a restart go on with the next number`() async throws {
        try await withTamperedLog { log in
            let fixture = ConformanceFixture(store: log.store)
            try await fixture.append(fixture.batch(fixture.stream(), .none))
        } between: { log in
            let files = try log.checkpointFiles()
            #expect(files.count == 1)
        } afterwards: { log in
            let fixture = ConformanceFixture(store: log.store)
            try await fixture.append(fixture.batch(fixture.stream(), .none))
            try await log.export()
            let result = try await log.verify()
            #expect(result.fault == nil && result.checkpoints == 2 && result.events == 2)
        }
    }
}
