import CNATS

// Free functions, because a closure would inherit the isolation of the place that mentions it and trap on the library's threads.
// They copy what they need and hand it on; none of them calls back into the library but to free what it was given.

/// `natsOptions_SetDisconnectedCB`
func connectionDropped(_ connection: OpaquePointer?, _ context: UnsafeMutableRawPointer?) {
    status(context)?.disconnected()
}

/// `natsOptions_SetReconnectedCB`
func connectionRestored(_ connection: OpaquePointer?, _ context: UnsafeMutableRawPointer?) {
    status(context)?.connected()
}

/// `natsOptions_SetClosedCB`: the last call for a connection, so the reference that the callbacks held ends here.
func connectionClosed(_ connection: OpaquePointer?, _ context: UnsafeMutableRawPointer?) {
    status(context)?.disconnected()
    if let context { Unmanaged<ConnectionStatus>.fromOpaque(context).release() }
}

/// `natsOptions_SetErrorHandler`; without one the library prints to standard error.
func connectionFailed(
    _ connection: OpaquePointer?, _ subscription: OpaquePointer?, _ error: natsStatus, _ context: UnsafeMutableRawPointer?
) {
    status(context)?.failed(status: error.rawValue)
}

private func status(_ context: UnsafeMutableRawPointer?) -> ConnectionStatus? {
    context.map { Unmanaged<ConnectionStatus>.fromOpaque($0).takeUnretainedValue() }
}

/// `jsOptions.PublishAsync.AckHandler`: the message is ours to free, the rest dies with the call.
func publishAnswered(
    _ jetStream: OpaquePointer?, _ message: OpaquePointer?, _ ack: UnsafeMutablePointer<jsPubAck>?,
    _ failure: UnsafeMutablePointer<jsPubAckErr>?, _ context: UnsafeMutableRawPointer?
) {
    guard let context, let message else { return }
    let window = Unmanaged<PublishWindow>.fromOpaque(context).takeUnretainedValue()
    let completion = window.take(message)
    natsMsg_Destroy(message)
    let operation = PublishWindow.operation
    if let failure {
        completion?(.failure(LibraryStatus.error(failure.pointee.Err, failure.pointee.ErrCode, during: operation)))
    } else if let ack = ack?.pointee, ack.Sequence > 0 {
        completion?(.success(ack.Duplicate ? .duplicate : .stored(sequence: ack.Sequence)))
    } else {
        // A duplicate without a sequence was remembered but never stored: a known fault of servers of this age.
        completion?(.failure(NATSError(.timedOut, during: operation)))
    }
}

/// The handler of a core subscription: the message is ours to free.
func messageArrived(
    _ connection: OpaquePointer?, _ subscription: OpaquePointer?, _ message: OpaquePointer?, _ context: UnsafeMutableRawPointer?
) {
    guard let message else { return }
    if let context { Unmanaged<MessageBox>.fromOpaque(context).takeUnretainedValue().offer(NATSMessage.copy(of: message)) }
    natsMsg_Destroy(message)
}

/// `natsSubscription_SetOnCompleteCB`: no handler runs any more, so the reference that they held ends here.
func subscriptionCompleted(_ context: UnsafeMutableRawPointer?) {
    if let context { Unmanaged<MessageBox>.fromOpaque(context).release() }
}
