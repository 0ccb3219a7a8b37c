extension Duration {
    /// Whole milliseconds, the unit of C libraries' limits.
    ///
    /// Rounded up, so that no wait ends before its time, and at least 1, since zero is "no limit" to most of them.
    package var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let rest = (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        let (milliseconds, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return overflow ? (seconds > 0 ? .max : 1) : max(1, milliseconds.addingReportingOverflow(rest).partialValue)
    }
}
