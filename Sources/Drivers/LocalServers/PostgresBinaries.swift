import Glibc

/// The folder with Postgres' programs.
struct PostgresBinaries: Sendable {
    /// The oldest major version the schema is written for.
    static let oldestVersion = 15
    private static let debianFolder = "/usr/lib/postgresql"

    let folder: String
    /// The major version where the folder's name tells it, else `nil`.
    let version: String?

    var postgres: String { folder + "/postgres" }
    var initdb: String { folder + "/initdb" }

    /// The configured folder, or Debian's folder of the data's version, or of the newest one that is new enough.
    static func find(configured: String?, dataVersion: String?) throws(LocalServerError) -> PostgresBinaries {
        let remedy = "run ops/install-dependencies, or install the package postgresql (version \(oldestVersion) or later)"
        if let configured {
            let binaries = PostgresBinaries(folder: Files.absolute(configured), version: versionName(of: Files.absolute(configured)))
            guard binaries.areComplete else { throw .programMissing(program: "PostgreSQL in \(configured)", remedy: remedy) }
            return binaries
        }
        let installed = Files.names(in: debianFolder).compactMap(Int.init).filter { $0 >= oldestVersion }.sorted()
            .map { PostgresBinaries(folder: "\(debianFolder)/\($0)/bin", version: "\($0)") }.filter(\.areComplete)
        if let dataVersion, let same = installed.last(where: { $0.version == dataVersion }) { return same }
        guard let newest = installed.last else { throw .programMissing(program: "PostgreSQL", remedy: remedy) }
        return newest
    }

    private var areComplete: Bool { access(postgres, X_OK) == 0 && access(initdb, X_OK) == 0 }

    /// `/usr/lib/postgresql/15/bin` is version 15.
    private static func versionName(of folder: String) -> String? {
        guard let parent = folder.split(separator: "/").dropLast().last, Int(parent) != nil else { return nil }
        return String(parent)
    }
}
