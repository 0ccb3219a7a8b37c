/// A first-in-first-out queue with constant cost an element; an array's `removeFirst` would move all that is behind.
package struct FIFO<Element> {
    private var elements: [Element] = []
    /// Index of the oldest element; what is before it was taken.
    private var start = 0

    package init() {}

    package var count: Int { elements.count - start }
    package var isEmpty: Bool { count == 0 }
    package var first: Element? { start < elements.count ? elements[start] : nil }

    package mutating func append(_ element: Element) { elements.append(element) }

    /// Takes up to `limit` of the oldest elements, in order.
    package mutating func take(_ limit: Int) -> [Element] {
        let taken = Array(elements[start..<min(start + max(limit, 0), elements.count)])
        start += taken.count
        // The used half is cut off at once, so that each removal costs a constant.
        if start * 2 > elements.count {
            elements.removeFirst(start)
            start = 0
        }
        return taken
    }

    /// Takes the oldest element.
    package mutating func popFirst() -> Element? { take(1).first }

    /// Takes the newest element.
    package mutating func popLast() -> Element? { isEmpty ? nil : elements.removeLast() }
}

extension FIFO: Sendable where Element: Sendable {}
