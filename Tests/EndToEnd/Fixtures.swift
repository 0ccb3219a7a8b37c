import ProcessTestKit

/// The real deliveries of `Tests/Fixtures`, as bytes.
enum Fixtures {
    /// GitHub's `issues` event with the action `opened`.
    static func githubIssueOpened() throws -> [UInt8] { try read("github/issues.opened.json") }

    /// Shopify's `orders/create`: headers beside the body.
    static func shopifyOrderCreated() throws -> [UInt8] { try read("shopify/orders.create.json") }

    private static func read(_ name: String) throws -> [UInt8] {
        let folder = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        guard let bytes = Files.read("/\(folder)/Fixtures/\(name)") else { throw KitError("there is no fixture \(name)") }
        return bytes
    }
}
