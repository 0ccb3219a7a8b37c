/// A pause that doubles from one failure to the next, up to a bound.
struct DoublingPause: Sendable {
    let first: Duration
    let longest: Duration

    /// The pause after `failures` failures in a row, from 1.
    func length(after failures: Int) -> Duration {
        // Sixteen doublings are beyond every bound in use, and a larger shift would overflow.
        min(first * (1 << min(max(failures - 1, 0), 16)), longest)
    }
}
