import CCurl

/// One exchange under way: the request, its handle, and what has come of the response.
///
/// Lives on the client's thread only. libcurl's callbacks reach it by address, so it is a class and outlives its time in the
/// multi handle.
final class Transfer {
    /// The most header bytes taken for one response: browsers and servers stop at 8 to 256 KiB.
    private static let maximumHeaderBytes = 64 * 1024

    let submission: Submission
    private let easy: EasyHandle
    private let addressPolicy: AddressPolicy
    private var head = ResponseHead()
    private var headerBytes = 0
    private var body: [UInt8] = []
    private var isTooLarge = false
    private var hasRefusedAddress = false
    private var hasPermittedAddress = false

    /// The `CURL` to put into the multi handle.
    var handle: UnsafeMutableRawPointer { easy.pointer }

    init(_ submission: Submission, configuration: HTTPClient.Configuration) {
        self.submission = submission
        addressPolicy = configuration.addressPolicy
        easy = EasyHandle()
        easy.applySafety(configuration)
        easy.applyRequest(submission.request, timeLeft: ContinuousClock.now.duration(to: submission.deadline))
        easy.setCallbacks(context: Unmanaged.passUnretained(self).toOpaque())
    }

    /// Whether a socket may be opened to `address`; remembers the answer, because libcurl only reports "no connection".
    func mayConnect(to address: PeerAddress?) -> Bool {
        guard let address, addressPolicy(address) else {
            hasRefusedAddress = true
            return false
        }
        hasPermittedAddress = true
        return true
    }

    /// Takes bytes of the body; false ends the transfer.
    func receive(body bytes: UnsafeRawBufferPointer) -> Bool {
        guard body.count + bytes.count <= submission.request.maximumResponseBytes else {
            isTooLarge = true
            return false
        }
        body.append(contentsOf: bytes)
        return true
    }

    /// Takes one line of the head; false ends the transfer.
    func receive(headerLine bytes: UnsafeRawBufferPointer) -> Bool {
        headerBytes += bytes.count
        guard headerBytes <= Self.maximumHeaderBytes else {
            isTooLarge = true
            return false
        }
        head.take(line: bytes)
        return true
    }

    /// What the caller gets, now that libcurl has ended the transfer.
    func outcome(_ result: CURLcode) -> Result<OutboundResponse, HTTPClientError> {
        if isTooLarge { return .failure(error(.responseTooLarge)) }
        guard result == CURLE_OK else {
            let code = HTTPClientError.Code(result)
            let wasRefused = code == .connectFailed && hasRefusedAddress && !hasPermittedAddress
            return .failure(error(wasRefused ? .refusedAddress : code))
        }
        return .success(
            OutboundResponse(status: easy.number(CURLINFO_RESPONSE_CODE), reason: head.reason, headers: head.fields, body: body))
    }

    /// An error that also says whether any of the request has left.
    func error(_ code: HTTPClientError.Code) -> HTTPClientError {
        HTTPClientError(code, requestMayHaveBeenSent: easy.number(CURLINFO_REQUEST_SIZE) > 0)
    }
}
