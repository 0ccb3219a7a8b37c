import PostgresDriver
import Vocabulary

/// What the main region's database says of the others: which slices they have, and which databases they are.
struct RegionMap: Sendable {
    static let sql = "select slice, region, database_id from slice_regions join regions using (region)"

    private(set) var slices: [Slice: Region] = [:]
    private(set) var databases: [Region: DatabaseID] = [:]

    /// Reads the rows of ``sql``; throws `RegionError.unreadable` for what no release has written.
    init(_ rows: PostgresRows) throws {
        for row in rows {
            let (number, name) = (try row.int2(0), try row.text(1))
            // Taken for main's, it would be looked for where it is not.
            guard let slice = Slice(number: number), let region = Region(name) else { throw RegionError.unreadable("slice \(number), \(name)") }
            slices[slice] = region
            databases[region] = DatabaseID(bits: try row.uuid(2))
        }
    }
}
