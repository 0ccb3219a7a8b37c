/// Which fastn this is, for people and programs that ask.
package enum Release {
    /// Semantic version. Source: semver.org, 2.0.0.
    package static let version = "0.1.0"
}
