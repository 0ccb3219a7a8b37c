/// One message between the supervisor and a worker: kind, run, id and a payload.
///
/// On the wire: length of the rest (u32, little-endian), kind (u8), run (u32), id (u32), payload. A worker may hold a script that took it
/// over, so whatever arrives from one is untrusted input.
package struct SandboxFrame: Sendable, Hashable {
    /// What a frame says; the raw value is the byte on the wire.
    package enum Kind: UInt8, Sendable, CaseIterable {
        // Supervisor to worker.
        /// Script text, kept until another one comes.
        case script = 0x4C  // L
        /// A fresh context for the run: `{"now": milliseconds, "seed": [u32, u32]}`.
        case open = 0x4F  // O
        /// `ctx.input` as JSON.
        case input = 0x49  // I
        /// `ctx.rawBody` as text.
        case body = 0x42  // B
        /// Calls the script's default export: `{"headers": …, "context": …}`.
        case start = 0x52  // R
        /// Only loads the script and looks whether its default export is a function.
        case check = 0x4B  // K
        /// The host call `id` succeeded: `{"v": value, "t": milliseconds}`.
        case value = 0x56  // V
        /// The host call `id` failed: `{"name": …, "message": …, "code": …, "t": milliseconds}`.
        case error = 0x45  // E

        // Worker to supervisor.
        /// Locked in and waiting for a run; without payload.
        case ready = 0x48  // H
        /// Host call `id`: `{"op": name, "args": value}`.
        case call = 0x43  // C
        /// One line of `console`: `{"level": …, "text": …}`.
        case log = 0x47  // G
        /// The turn is over; `id` is the number of host calls still open.
        case turn = 0x54  // T
        /// The run's result as JSON.
        case result = 0x44  // D
        /// The run's exception: `{"name": …, "message": …, "stack": …}`.
        case failure = 0x46  // F
        /// Last words before the process ends at its CPU limit: the engine's backtrace as text.
        case limit = 0x58  // X
    }

    package var kind: Kind
    package var run: UInt32
    /// Index of the host call, or zero where a kind has no use for it.
    package var id: UInt32
    package var payload: [UInt8]

    package init(_ kind: Kind, run: UInt32, id: UInt32 = 0, payload: [UInt8] = []) {
        self.kind = kind
        self.run = run
        self.id = id
        self.payload = payload
    }

    /// Bytes before the payload, the length itself included.
    package static let headerByteCount = 13

    /// Appends the frame's wire form.
    package func encode(into bytes: inout [UInt8]) {
        precondition(payload.count <= SandboxLimits.payloadBytes, "payload of \(payload.count) bytes")
        bytes.reserveCapacity(bytes.count + Self.headerByteCount + payload.count)
        Self.append(UInt32(Self.headerByteCount - 4 + payload.count), to: &bytes)
        bytes.append(kind.rawValue)
        Self.append(run, to: &bytes)
        Self.append(id, to: &bytes)
        bytes.append(contentsOf: payload)
    }

    private static func append(_ number: UInt32, to bytes: inout [UInt8]) {
        for shift in stride(from: UInt32(0), to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }
}
