import PostgresDriver
import Vocabulary

/// The table that says which slices live in the databases of other regions.
enum SliceRegions {
    static let sql = "select slice, region from slice_regions"

    /// Throws `RegionError.unreadable` for what no release has written.
    static func decode(_ rows: PostgresRows) throws -> [Slice: Region] {
        var regions: [Slice: Region] = [:]
        for row in rows {
            let (slice, region) = (try row.int2(0), try row.text(1))
            // Taken for main's, it would be looked for where it is not.
            guard let known = Slice(number: slice), let name = Region(region) else { throw RegionError.unreadable("slice \(slice), \(region)") }
            regions[known] = name
        }
        return regions
    }
}
