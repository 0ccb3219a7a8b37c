package import Vocabulary

/// A part for each database of an installation, found by the slice that is spoken of.
///
/// Which database has a slice is settled when the database joins; all parts of an installation are laid out alike.
package struct BySlice<Part: Sendable>: Sendable {
    /// The parts, that of the main region first.
    package let all: [Part]
    /// The index of the part, by slice number.
    private let places: [UInt8]

    /// One part for all slices.
    package init(_ whole: Part) {
        all = [whole]
        places = [UInt8](repeating: 0, count: Slice.count)
    }

    private init(all: [Part], places: [UInt8]) {
        self.all = all
        self.places = places
    }

    package subscript(slice: Slice) -> Part { all[place(of: slice)] }
    package subscript(tenant: TenantID) -> Part { self[Slice(of: tenant)] }

    /// The index in ``all`` of the part that has the slice.
    package func place(of slice: Slice) -> Int { Int(places[Int(slice.number)]) }

    /// The slices of the part with that index in ``all``.
    package func slices(at place: Int) -> [Slice] { Slice.all.filter { self.place(of: $0) == place } }

    /// Whether two tenants' data lies in one database.
    package func isOne(_ tenant: TenantID, _ other: TenantID) -> Bool { place(of: Slice(of: tenant)) == place(of: Slice(of: other)) }

    /// Other parts, laid out alike.
    package func map<Other>(_ transform: (Part) throws -> Other) rethrows -> BySlice<Other> {
        BySlice<Other>(all: try all.map(transform), places: places)
    }

    /// Other parts, laid out alike; `transform` is told the slices of each.
    package func map<Other>(_ transform: (Part, [Slice]) throws -> Other) rethrows -> BySlice<Other> {
        BySlice<Other>(all: try all.indices.map { try transform(all[$0], slices(at: $0)) }, places: places)
    }
}

/// The regions of an installation: which database each slice names.
package typealias Regions = BySlice<Region>

extension BySlice where Part == Region {
    /// Slices that are not named belong to the main region.
    package init(_ named: [Slice: Region]) {
        let all = [.main] + Set(named.values).subtracting([.main]).sorted()
        self.init(all: all, places: Slice.all.map { slice in UInt8(named[slice].flatMap(all.firstIndex) ?? 0) })
    }

    /// Those that live in the region's database; none for a region that the installation does not have.
    package func slices(of region: Region) -> [Slice] { all.firstIndex(of: region).map(slices(at:)) ?? [] }

    /// A tenant's id whose slice lies in the region, made from `origin` and the same for the same one: `origin` itself if it fits.
    ///
    /// Keeps the time of the id. Cost: as many tries as there are slices for each of the region's; nil for a region that has none.
    package func id(like origin: TenantID, in region: Region) -> TenantID? {
        guard !slices(of: region).isEmpty else { return nil }
        var (id, noise) = (origin, SplitMix64(seed: UInt64(truncatingIfNeeded: origin.bits)))
        while self[id] != region { id = .derived(from: origin, digest: noise.next128()) }
        return id
    }
}
