import PostgresDriver
import Vocabulary

/// The table that says which slices live in the databases of other regions.
enum SliceRegions {
    static let sql = "select slice, region from slice_regions"

    static func decode(_ rows: PostgresRows) throws -> [Slice: Region] {
        var regions: [Slice: Region] = [:]
        for row in rows {
            guard let slice = Slice(number: try row.int2(0)), let region = Region(try row.text(1)) else { continue }
            regions[slice] = region
        }
        return regions
    }
}
