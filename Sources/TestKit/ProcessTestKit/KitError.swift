import DriverThreads

/// What keeps a test from being made, in words for its reader.
package struct KitError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

extension ProcessStart {
    /// Starts it, or says which program is missing.
    func spawn(_ program: String) throws(KitError) -> ProcessID {
        do { return try spawn() } catch { throw KitError("\(program) cannot be started (error \(error.errno)); build it first") }
    }
}
