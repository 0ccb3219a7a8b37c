import CNATS
import DriverThreads

/// A stream as it should be on the server.
package struct NATSStream: Sendable, Equatable {
    /// Letters, digits, `_` and `-`.
    package var name: String
    /// What it takes, wildcards allowed.
    package var subjects: [String]
    /// Older messages are dropped; the log can send them again.
    package var maxAge: Duration
    /// When the stream is larger than this many bytes the oldest messages are dropped.
    package var maxBytes: Int64
    /// How long a message id is remembered; never longer than `maxAge`, which the server insists on.
    package var duplicateWindow: Duration
    /// Copies in a cluster, 1 to 5.
    package var replicas: Int

    /// A stream in files with limits and one copy.
    package init(
        name: String, subjects: [String], maxAge: Duration, maxBytes: Int64, duplicateWindow: Duration = .seconds(120), replicas: Int = 1
    ) {
        self.name = name
        self.subjects = subjects
        self.maxAge = maxAge
        self.maxBytes = maxBytes
        self.duplicateWindow = min(duplicateWindow, maxAge)
        self.replicas = replicas
    }
}

extension NATSConnection {
    /// Creates the stream, or changes the one of that name to this configuration; what it holds stays.
    ///
    /// Call it at the start and after every `missing`: a server that lost its store knows no streams. One round trip, two for a change.
    package func ensureStream(_ stream: NATSStream) async throws(NATSError) {
        let operation = "ensuring a stream"
        let handle = try current(operation).handle
        try await control(operation) { () throws(NATSError) in
            var (status, code) = Self.send(stream, to: handle, using: js_AddStream)
            if code == JSStreamNameExistErr { (status, code) = Self.send(stream, to: handle, using: js_UpdateStream) }
            try LibraryStatus.check(status, code, during: operation)
        }
    }

    private typealias StreamCall = (
        UnsafeMutablePointer<UnsafeMutablePointer<jsStreamInfo>?>?, OpaquePointer?, UnsafeMutablePointer<jsStreamConfig>?,
        UnsafeMutablePointer<jsOptions>?, UnsafeMutablePointer<jsErrCode>?
    ) -> natsStatus

    private static func send(_ stream: NATSStream, to handle: ConnectionHandle, using call: StreamCall) -> (natsStatus, jsErrCode) {
        withCStrings([stream.name] + stream.subjects) { strings in
            var subjects = Array(strings[1...stream.subjects.count])
            return subjects.withUnsafeMutableBufferPointer { subjects in
                var configuration = jsStreamConfig()
                jsStreamConfig_Init(&configuration)
                configuration.Name = strings[0]
                configuration.Subjects = subjects.baseAddress
                configuration.SubjectsLen = Int32(subjects.count)
                configuration.Retention = js_LimitsPolicy
                configuration.Discard = js_DiscardOld
                configuration.Storage = js_FileStorage
                configuration.MaxAge = stream.maxAge.nanoseconds
                configuration.MaxBytes = stream.maxBytes
                configuration.Duplicates = stream.duplicateWindow.nanoseconds
                configuration.Replicas = Int64(stream.replicas)
                var code = jsErrCode(0)
                let status = call(nil, handle.jetStream, &configuration, nil, &code)
                return (status, code)
            }
        }
    }
}
