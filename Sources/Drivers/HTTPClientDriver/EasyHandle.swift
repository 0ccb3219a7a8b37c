import CCurl
import DriverThreads

/// Owns one `CURL` and the header list it borrows, and frees both exactly once.
///
/// Every option is one that this file knows to be right, so a refusal is a broken build and ends the process.
final class EasyHandle {
    let pointer: UnsafeMutableRawPointer
    private var headers: UnsafeMutablePointer<curl_slist>?

    init() {
        guard let pointer = curl_easy_init() else { preconditionFailure("libcurl has no memory for a transfer") }
        self.pointer = pointer
    }

    deinit {
        curl_easy_cleanup(pointer)
        curl_slist_free_all(headers)
    }

    /// What holds for every transfer, whoever asks for it.
    func applySafety(_ configuration: HTTPClient.Configuration) {
        set(CURLOPT_NOSIGNAL, 1)
        // Without it, giving up on a slow name server waits for that server, and all other transfers with it.
        set(CURLOPT_QUICK_EXIT, 1)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_FOLLOWLOCATION, 0)
        // Not nil: an empty text is what keeps libcurl from asking the environment.
        set(CURLOPT_PROXY, "")
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        // Empty means every encoding that libcurl can decode.
        set(CURLOPT_ACCEPT_ENCODING, "")
        set(CURLOPT_USERAGENT, configuration.userAgent)
        if let file = configuration.certificateAuthorityFile { set(CURLOPT_CAINFO, file) }
    }

    /// What this request asks for.
    func applyRequest(_ request: OutboundRequest, timeLeft: Duration) {
        set(CURLOPT_URL, request.url.text)
        set(CURLOPT_TIMEOUT_MS, Int(timeLeft.wholeMilliseconds))
        set(CURLOPT_CONNECTTIMEOUT_MS, Int(request.connectTimeout.wholeMilliseconds))
        check(CURLOPT_MAXFILESIZE_LARGE, curl_set_offset(pointer, CURLOPT_MAXFILESIZE_LARGE, curl_off_t(request.maximumResponseBytes)))
        // When a reused connection turns out to be dead, libcurl sends again by itself, though the server may have acted.
        if !request.isIdempotent { set(CURLOPT_FRESH_CONNECT, 1) }
        applyBody(request)
        applyHeaders(request)
    }

    private func applyBody(_ request: OutboundRequest) {
        let body = request.body ?? (["POST", "PUT", "PATCH"].contains(request.method) ? [] : nil)
        if let body {
            set(CURLOPT_POST, 1)
            check(CURLOPT_COPYPOSTFIELDS, body.withUnsafeBytes { curl_set_body(pointer, $0.baseAddress, curl_off_t($0.count)) })
        } else if request.method == "HEAD" {
            set(CURLOPT_NOBODY, 1)
        }
        set(CURLOPT_CUSTOMREQUEST, request.method)
    }

    private func applyHeaders(_ request: OutboundRequest) {
        // "Name:" alone removes a header that libcurl would add: a form's content type, and the wait for "100 Continue".
        var lines = ["Expect:"]
        if !request.headers.contains(where: { $0.name.lowercased() == "content-type" }) { lines.append("Content-Type:") }
        // "Name;" is how libcurl is told of a header with an empty value.
        lines += request.headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
        for line in lines {
            guard let longer = curl_slist_append(headers, line) else { preconditionFailure("libcurl has no memory for a header") }
            headers = longer
        }
        check(CURLOPT_HTTPHEADER, curl_set_list(pointer, CURLOPT_HTTPHEADER, headers))
    }

    /// Directs libcurl's callbacks to the transfer at `context`, which must outlive the handle's time in the multi handle.
    func setCallbacks(context: UnsafeMutableRawPointer) {
        check(CURLOPT_WRITEFUNCTION, curl_set_data_function(pointer, CURLOPT_WRITEFUNCTION, receiveBody))
        check(CURLOPT_WRITEDATA, curl_set_pointer(pointer, CURLOPT_WRITEDATA, context))
        check(CURLOPT_HEADERFUNCTION, curl_set_data_function(pointer, CURLOPT_HEADERFUNCTION, receiveHeaderLine))
        check(CURLOPT_HEADERDATA, curl_set_pointer(pointer, CURLOPT_HEADERDATA, context))
        check(CURLOPT_OPENSOCKETFUNCTION, curl_set_open_socket_function(pointer, openSocket))
        check(CURLOPT_OPENSOCKETDATA, curl_set_pointer(pointer, CURLOPT_OPENSOCKETDATA, context))
    }

    /// A number that libcurl knows about the transfer.
    func number(_ info: CURLINFO) -> Int {
        var value = 0
        let status = curl_get_long(pointer, info, &value)
        return status == CURLE_OK ? value : 0
    }

    private func set(_ option: CURLoption, _ value: Int) {
        check(option, curl_set_long(pointer, option, value))
    }

    private func set(_ option: CURLoption, _ value: String) {
        check(option, curl_set_string(pointer, option, value))
    }

    private func check(_ option: CURLoption, _ status: CURLcode) {
        precondition(status == CURLE_OK, "libcurl refused option \(option.rawValue) (code \(status.rawValue))")
    }
}
