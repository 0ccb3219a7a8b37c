package import Vocabulary

/// Time and ids from the closures given; the live one is composed from the system's clock and random numbers, tests give their own.
package struct ClosureIDSource: IDSource {
    private let clock: @Sendable () -> Timestamp
    private let random: @Sendable () -> UInt128

    package init(clock: @escaping @Sendable () -> Timestamp, random: @escaping @Sendable () -> UInt128) {
        self.clock = clock
        self.random = random
    }

    package func now() -> Timestamp { clock() }
    package func random128() -> UInt128 { random() }
}
