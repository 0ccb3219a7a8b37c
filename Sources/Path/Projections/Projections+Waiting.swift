import EventSourcing
import PostgresDriver
package import Vocabulary

extension Projections {
    /// Waits until what happened up to `position` is in the views named, whoever keeps them; false when that takes longer than `timeout`.
    package func wait(for position: LogPosition, in names: [ProjectionName] = [.catalog], timeout: Duration = .seconds(2)) async -> Bool {
        await databases[position.slice].wait(for: position, in: names, timeout: timeout)
    }
}

extension DatabaseViews {
    /// How often the checkpoints are looked at while somebody waits for a view that another process may keep.
    private static let checkpointPoll = Duration.milliseconds(100)

    fileprivate func wait(for position: LogPosition, in names: [ProjectionName], timeout: Duration) async -> Bool {
        let progresses = names.compactMap { runners[$0]?.progress }
        return await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                for progress in progresses where await !progress.reach(position) { return false }
                return true
            }
            group.addTask { await self.watchCheckpoints(until: position, in: names) }
            group.addTask {
                // Cut short when the rows are there first, which is no failure.
                try? await Task.sleep(for: timeout)
                return false
            }
            let isReached = await group.next() ?? false
            group.cancelAll()
            return isReached
        }
    }

    /// Looks at the database until the checkpoints are there; false when the task is cancelled before.
    private func watchCheckpoints(until position: LogPosition, in names: [ProjectionName]) async -> Bool {
        // Only a cancelled sleep throws.
        while (try? await Task.sleep(for: Self.checkpointPoll)) != nil {
            // A database that does not answer is looked at again; whoever waits is told by the time that it takes.
            guard (try? await haveCheckpoints(reached: position, in: names)) == true else { continue }
            // Somebody else has written the rows, so that what this process remembers of them may be old.
            if names.contains(.catalog) { catalog.invalidate() }
            return true
        }
        return false
    }

    private func haveCheckpoints(reached position: LogPosition, in names: [ProjectionName]) async throws -> Bool {
        let projections = names.compactMap { runners[$0]?.projection }
        let rows = try await pool.query(
            """
            select count(*) from checkpoints c join unnest($1, $2) as wanted(projection, version) using (projection, version)
            where c.slice = $3 and c.pos >= $4
            """,
            [
                .texts(projections.map(\.name.rawValue)), .int4s(projections.map(\.version)), .int2(position.slice.number),
                .int8(position.position),
            ])
        return try rows.first?.int8(0) == Int64(projections.count)
    }
}
