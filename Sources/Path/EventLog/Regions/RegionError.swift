package import Vocabulary

/// Why the databases of an installation do not go together.
package enum RegionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The database that was named for a region is the installation's for another one.
    case otherRegion(named: Region, is: Region)
    /// The database that was named for a region belongs to another installation.
    case otherInstallation(Region)
    /// Customers of a region live in another database than the one that was named for it.
    case otherDatabase(Region)
    /// The database of a region lacks events that were acknowledged; which.
    case lost(Region, String)
    /// The database that was named for a region does not answer; why.
    case unreachable(Region, String)
    /// The installation has customers in a region whose database was not named.
    case missing(Region)
    /// A database says of a region what no release has written; what.
    case unreadable(String)
    /// Every slice of the main region holds somebody's events already.
    case noRoom(Region)

    /// Throws when a database is not what it was opened as; nil is a new one.
    static func check(_ found: InstallationRecord?, _ member: Membership) throws(RegionError) {
        if let found, let installation = member.installation, found.id != installation { throw .otherInstallation(member.region) }
        if let found, found.region != member.region { throw .otherRegion(named: member.region, is: found.region) }
        if let database = member.database, found?.database != database { throw .otherDatabase(member.region) }
    }

    package var description: String {
        switch self {
        case .otherRegion(let named, let found): "the database named for the region \(named) is that of the region \(found)"
        case .otherInstallation(let region): "the database named for the region \(region) belongs to another installation"
        case .unreachable(let region, let reason): "the database of the region \(region) cannot be reached: \(reason)"
        case .otherDatabase(let region): "customers of the region \(region) live in another database than the one named for it"
        case .lost(_, let reason): reason
        case .missing(let region): "customers of this installation live in the region \(region), and its database is not named"
        case .unreadable(let what): "the database names a region that is none: \(what)"
        case .noRoom(let region):
            "the region \(region) cannot be added: customers are in every part of the log already; regions are added while there are few"
        }
    }
}
