import Synchronization

/// Unpredictable numbers for ids, taken from a stock that ``RandomBytes`` fills: one id costs no call of the system's.
package final class RandomNumbers: Sendable {
    /// Two hundred and fifty-six numbers: the generator then costs less than the lock.
    private static let stockBytes = 4096
    private static let numberBytes = 16

    private let stock = Mutex<[UInt8]>([])

    package init() {}

    /// A number of 128 random bits; no two callers get the same one.
    package func next() -> UInt128 {
        stock.withLock { stock in
            if stock.isEmpty { stock = RandomBytes.make(count: Self.stockBytes) }
            let place = stock.count - Self.numberBytes
            defer { stock.removeLast(Self.numberBytes) }
            return stock.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place, as: UInt128.self) }
        }
    }
}
