import EventSourcing
import Synchronization

/// Who is told of commits.
final class LogObservers: Sendable {
    private let observers = Mutex<[any LogObserver]>([])

    func add(_ observer: any LogObserver) { observers.withLock { $0.append(observer) } }

    func notify(_ notice: LogNotice) {
        for observer in observers.withLock({ $0 }) { observer.logDidAppend(notice) }
    }
}
