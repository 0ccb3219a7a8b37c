import ArgumentParser
package import Vocabulary

/// How a command shows its result: text for a person, or JSON for a program.
package struct OutputOptions: ParsableArguments {
    @Flag(help: "Print JSON for programs instead of text.") package var json = false

    package init() {}

    /// Prints `json` as one line, or the text that `text` makes.
    package func show(_ json: JSONValue, text: () -> String) {
        Terminal.out(self.json ? json.text + "\n" : text())
    }
}
