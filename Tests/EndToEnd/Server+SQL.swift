import DriverThreads
import PostgresDriver
import ServerTestKit

extension Server {
    /// Whether nothing waits to be done: no delivery, no job, and no event that the lists do not know yet.
    var isIdle: Bool {
        get async throws {
            let waiting = try await rows(
                """
                select 'delivery' from inbox where state = 0
                union all select kind from jobs
                union all select name from (select slice, max(pos) as head from events group by slice) log
                    cross join (values ('events'), ('executions')) views (name)
                    where not exists (
                        select from checkpoints where projection = name and checkpoints.slice = log.slice and pos >= head)
                limit 1
                """)
            return waiting.isEmpty
        }
    }

    /// The first column of what a query finds in the server's database, as its owner sees it.
    func rows(_ sql: String) async throws -> [String] {
        let configuration = PostgresConfiguration(connectionString: databaseURL)
        return try await DedicatedThread.run(name: "test-sql") {
            try BlockingPostgresConnection(configuration: configuration).execute(sql).map { try $0.text(0) }
        }
    }
}
