import CCurl
import Glibc

// Free functions at file scope: a closure would take over the isolation of the place that mentions it and trap on libcurl's call.

/// `CURLOPT_WRITEFUNCTION`: bytes of the body; any other number than their count ends the transfer.
func receiveBody(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let transfer = transfer(context) else { return 0 }
    let byteCount = size * count
    return transfer.receive(body: UnsafeRawBufferPointer(start: bytes, count: byteCount)) ? byteCount : byteCount ^ 1
}

/// `CURLOPT_HEADERFUNCTION`: one line of the head.
func receiveHeaderLine(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let transfer = transfer(context) else { return 0 }
    let byteCount = size * count
    return transfer.receive(headerLine: UnsafeRawBufferPointer(start: bytes, count: byteCount)) ? byteCount : byteCount ^ 1
}

/// `CURLOPT_OPENSOCKETFUNCTION`: opens the socket for exactly the address that the policy was asked about.
func openSocket(
    _ context: UnsafeMutableRawPointer?, _ purpose: curlsocktype, _ address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
    guard let transfer = transfer(context), let address, let offset = MemoryLayout<curl_sockaddr>.offset(of: \.addr) else {
        return curl_no_socket
    }
    let peer = PeerAddress(
        family: address.pointee.family, pointer: UnsafeRawPointer(address) + offset, byteCount: Int(address.pointee.addrlen))
    guard transfer.mayConnect(to: peer) else { return curl_no_socket }
    let type = address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue)
    return socket(address.pointee.family, type, address.pointee.`protocol`)
}

private func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer? {
    context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
}
