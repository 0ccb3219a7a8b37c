import EventSourcing
import EventStoreConformance
import Testing
import Vocabulary

@Suite struct `The placement of slices` {
    private let ids = SystemIDs()

    private func nodes(_ count: Int) -> [SlicePlacement.Candidate] { (0..<count).map { _ in .init(name: ids.next(), isReachable: true) } }

    private func owners(_ candidates: [SlicePlacement.Candidate]) -> [NodeID?] {
        let placement = SlicePlacement(among: candidates)
        return Slice.all.map(placement.owner)
    }

    @Test(arguments: 2...8) func `gives every node about its share`(count: Int) {
        for _ in 0..<50 {
            let candidates = nodes(count)
            let placement = SlicePlacement(among: candidates)
            let shares = candidates.map { placement.slices(of: $0.name).count }
            #expect(shares.reduce(0, +) == Slice.count)
            // Six standard deviations of a fair draw: one set of names in a billion is beyond.
            let share = Double(Slice.count) / Double(count)
            let deviation = (share * (1 - 1 / Double(count))).squareRoot()
            #expect(shares.allSatisfy { abs(Double($0) - share) < 6 * deviation }, "\(shares)")
        }
    }

    @Test func `does not depend on the order in which nodes are known`() {
        let candidates = nodes(5)
        #expect(owners(candidates) == owners(candidates.reversed()))
    }

    @Test func `moves only the share of a node that joins or leaves`() throws {
        let candidates = nodes(4)
        let (before, after) = (owners(Array(candidates.dropLast())), owners(candidates))
        let joined = try #require(candidates.last).name
        #expect(zip(before, after).allSatisfy { $0 == $1 || $1 == joined })
        #expect(after.contains(joined))
    }

    @Test func `passes over a node that cannot be reached, unless none can`() {
        let candidates = nodes(3)
        let cutOff = candidates.enumerated().map { SlicePlacement.Candidate(name: $1.name, isReachable: $0 > 0) }
        #expect(owners(cutOff) == owners(Array(candidates.dropFirst())))
        #expect(owners(candidates.map { .init(name: $0.name, isReachable: false) }) == owners(candidates))
        #expect(owners([]) == Slice.all.map { _ in nil })
    }
}
