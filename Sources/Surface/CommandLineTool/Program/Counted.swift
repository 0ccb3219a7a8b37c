/// A number with its noun, `1 slice` or `2 slices`; for nouns that take an s.
package func counted(_ count: some BinaryInteger, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
