/// How the dispatcher gives out work.
package struct DispatcherConfiguration: Sendable {
    /// Jobs held in memory a lane, about 100 bytes each; what is beyond waits in the database. Default: two seconds at 5,000 a second.
    package var readyPerLane = 10_000
    /// Bounds of what one lane may have in the bus and not begun; between them it follows the workers' speed.
    package var creditPerLane = 64...4096
    /// Pointers handed to the bus together: one round trip to it pays for all.
    package var publishBatch = 256
    /// How often the database is asked for jobs that nobody told of.
    package var sweepInterval: Duration = .seconds(1)
    /// New jobs that one sweep reads a lane.
    package var sweepChunk = 1000
    /// How long a published pointer may go without being received, doubling with every further attempt.
    package var republishAfter: Duration = .seconds(3)
    package var longestRepublishAfter: Duration = .seconds(60)
    /// The pause before a failed job is given out again, doubling with every further failure.
    package var retryAfter: Duration = .milliseconds(500)
    package var longestRetryAfter: Duration = .seconds(30)
    /// The pause after the bus refused pointers: a restarted server is back within it.
    package var busPause: Duration = .milliseconds(200)
    /// Wake-ups remembered, of published, failed and future jobs together; what is beyond is found by the sweep when its time comes.
    package var timers = 100_000

    package init() {}

    var republishPause: DoublingPause { DoublingPause(first: republishAfter, longest: longestRepublishAfter) }
    var failurePause: DoublingPause { DoublingPause(first: retryAfter, longest: longestRetryAfter) }
}
