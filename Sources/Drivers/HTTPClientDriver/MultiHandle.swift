import CCurl
import DriverThreads

/// Owns the `CURLM` with all connections of one client and frees it exactly once.
final class MultiHandle: @unchecked Sendable {
    // Unchecked: `curl_multi_wakeup` may be called from any thread; everything else is called by the client's thread alone.
    /// libcurl's global state; a static so that it is set up once, before the first handle.
    private static let isLibraryReady = curl_initialize() == CURLE_OK

    private let handle: UnsafeMutableRawPointer

    init(maximumIdleConnections: Int) {
        precondition(Self.isLibraryReady, "libcurl could not be initialised")
        guard let handle = curl_multi_init() else { preconditionFailure("libcurl has no memory for its connections") }
        self.handle = handle
        let status = curl_multi_set_long(handle, CURLMOPT_MAXCONNECTS, maximumIdleConnections)
        precondition(status == CURLM_OK, "libcurl refused a cache of \(maximumIdleConnections) connections")
    }

    deinit { curl_multi_cleanup(handle) }

    /// Makes a waiting or the next ``wait(atMost:)`` return. From any thread.
    func wakeUp() {
        // It fails only for lack of a descriptor at set-up; then the thread still looks when its wait is over.
        _ = curl_multi_wakeup(handle)
    }

    func add(_ easy: UnsafeMutableRawPointer) -> Bool {
        curl_multi_add_handle(handle, easy) == CURLM_OK
    }

    func remove(_ easy: UnsafeMutableRawPointer) {
        let status = curl_multi_remove_handle(handle, easy)
        precondition(status == CURLM_OK, "libcurl does not know a transfer that was started")
    }

    /// Moves all transfers on as far as they go without waiting; false if libcurl lost its footing.
    func perform() -> Bool {
        var running: Int32 = 0
        return curl_multi_perform(handle, &running) == CURLM_OK
    }

    /// The next transfer that has ended, with its result, or nil.
    func nextCompletion() -> (easy: UnsafeMutableRawPointer, result: CURLcode)? {
        var left: Int32 = 0
        while let message = curl_multi_info_read(handle, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
            return (easy, curl_message_result(message))
        }
        return nil
    }

    /// Waits until a socket is ready, a timer of libcurl is due, `wakeUp` is called or `timeout` is over; false on failure.
    func wait(atMost timeout: Duration) -> Bool {
        curl_multi_poll(handle, nil, 0, Int32(clamping: timeout.wholeMilliseconds), nil) == CURLM_OK
    }
}
