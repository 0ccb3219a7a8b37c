import Glibc

/// Calls `body` with C copies of `strings`, which live as long as the call, and a null behind the last.
package func withCStrings<Result>(_ strings: [String], _ body: ([UnsafePointer<CChar>?]) -> Result) -> Result {
    withMutableCStrings(strings) { body($0.map { UnsafePointer($0) }) }
}

/// The same for calls that take arguments and environments of processes, which C may change.
package func withMutableCStrings<Result>(_ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result) -> Result {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies + [nil])
}
