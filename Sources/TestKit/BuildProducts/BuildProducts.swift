/// Finds the executables that were built beside the tests.
package enum BuildProducts {
    /// The path of a product in the folder that holds the test bundle, which the test runner names in its arguments.
    ///
    /// Answers the bare name when the runner named none, so that starting it fails with a message that says what was looked for.
    package static func path(of name: String) -> String {
        let arguments = CommandLine.arguments
        let bundle = arguments.firstIndex(of: "--test-bundle-path").flatMap { arguments.dropFirst($0 + 1).first } ?? arguments.first ?? ""
        guard let slash = bundle.lastIndex(of: "/") else { return name }
        return "\(bundle[..<slash])/\(name)"
    }
}
