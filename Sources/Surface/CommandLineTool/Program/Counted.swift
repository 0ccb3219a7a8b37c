/// A number with its noun: `1 slice`, `2 slices`. `plural` is for nouns that take more than an s.
package func counted(_ count: some BinaryInteger, _ noun: String, _ plural: String? = nil) -> String {
    "\(count) \(count == 1 ? noun : plural ?? "\(noun)s")"
}
