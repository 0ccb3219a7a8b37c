import CNATS
import DriverThreads

/// The loop of a pull subscription's thread; everything here blocks.
struct PullReader: Sendable {
    /// The longest one fetch waits. It bounds how late the thread sees that the subscription was closed.
    private static let fetchMilliseconds: Int64 = 1_000
    /// How long a fetch of what is there already may take.
    private static let immediateNanoseconds: Int64 = 500_000_000
    /// The wait after a failure, so that a broken server is not asked in a tight loop.
    private static let retryDelay: Duration = .milliseconds(100)
    /// Idle fetches between two looks whether the consumer still exists; without a new connection it hardly ever vanishes.
    private static let idleFetchesBetweenChecks = 5

    let consumer: NATSConsumer
    let handle: ConnectionHandle
    let sender: Sender
    let status: ConnectionStatus
    let box: PullBox

    /// Fetches whenever somebody asks, until the box is closed.
    func run(startingWith first: SubscriptionHandle) {
        var subscription: SubscriptionHandle? = first
        var checkedGeneration = status.generation
        var idleFetches = 0
        while let demand = box.waitForDemand() {
            guard let current = subscription else {
                subscription = resubscribed()
                continue
            }
            let (messages, isIdle) = fetch(upTo: demand, from: current)
            if !messages.isEmpty {
                box.deliver(messages)
                idleFetches = 0
                continue
            }
            idleFetches += 1
            let generation = status.generation
            if !isIdle { box.pause(for: Self.retryDelay) }
            guard !isIdle || generation != checkedGeneration || idleFetches >= Self.idleFetchesBetweenChecks else { continue }
            idleFetches = 0
            switch consumerExists() {
            case true?: checkedGeneration = generation
            case false?: subscription = nil
            case nil: break
            }
        }
    }

    /// Creates or updates the consumer and binds a subscription to it. A bound subscription never deletes the consumer.
    static func subscribe(_ consumer: NATSConsumer, _ handle: ConnectionHandle) throws(NATSError) -> SubscriptionHandle {
        let operation = "creating a consumer"
        var subscription: OpaquePointer?
        let (status, code) = withCStrings([consumer.stream, consumer.durable, consumer.filter]) { names in
            var configuration = jsConsumerConfig()
            jsConsumerConfig_Init(&configuration)
            configuration.Durable = names[1]
            configuration.FilterSubject = names[2]
            configuration.AckPolicy = js_AckExplicit
            configuration.AckWait = consumer.ackWait.nanoseconds
            configuration.MaxAckPending = Int64(consumer.maxAckPending)
            configuration.MaxDeliver = Int64(consumer.maxDeliver)
            var code = jsErrCode(0)
            let added = js_AddConsumer(nil, handle.jetStream, names[0], &configuration, nil, &code)
            guard added == NATS_OK else { return (added, code) }
            var options = jsSubOptions()
            jsSubOptions_Init(&options)
            options.Stream = names[0]
            options.Consumer = names[1]
            options.ManualAck = true
            let bound = js_PullSubscribe(&subscription, handle.jetStream, names[2], names[1], nil, &options, &code)
            return (bound, code)
        }
        guard status == NATS_OK, let subscription else { throw LibraryStatus.error(status, code, during: operation) }
        return SubscriptionHandle(taking: subscription)
    }

    private func resubscribed() -> SubscriptionHandle? {
        do throws(NATSError) {
            return try Self.subscribe(consumer, handle)
        } catch {
            // The stream is not there yet, or the server is not: whoever publishes ensures the stream, the library the connection.
            box.pause(for: Self.retryDelay)
            return nil
        }
    }

    /// What is there at once, up to `count`; if nothing, the first message that comes. `isIdle` means that there was just nothing.
    ///
    /// The library's own fetch of several messages waits for the last of them when the first is late, which would delay that first one.
    private func fetch(upTo count: Int, from current: SubscriptionHandle) -> (messages: [NATSMessage], isIdle: Bool) {
        var list = natsMsgList()
        var request = jsFetchRequest()
        jsFetchRequest_Init(&request)
        request.Batch = Int32(clamping: count)
        request.NoWait = true
        request.Expires = Self.immediateNanoseconds
        var result = natsSubscription_FetchRequest(&list, current.subscription, &request)
        if result == NATS_NOT_FOUND || result == NATS_TIMEOUT {
            var code = jsErrCode(0)
            result = natsSubscription_Fetch(&list, current.subscription, 1, Self.fetchMilliseconds, &code)
        }
        guard result == NATS_OK else { return ([], result == NATS_TIMEOUT || result == NATS_NOT_FOUND) }
        defer { natsMsgList_Destroy(&list) }
        let messages = (0..<Int(list.Count)).compactMap { place in
            list.Msgs[place].map { NATSMessage.copy(of: $0, answeringWith: sender) }
        }
        return (messages, messages.isEmpty)
    }

    /// `nil` when the server cannot be asked now.
    private func consumerExists() -> Bool? {
        var found: UnsafeMutablePointer<jsConsumerInfo>?
        var code = jsErrCode(0)
        let status = js_GetConsumerInfo(&found, handle.jetStream, consumer.stream, consumer.durable, nil, &code)
        jsConsumerInfo_Destroy(found)
        if status == NATS_OK { return true }
        return LibraryStatus.error(status, code, during: "").code == .missing ? false : nil
    }
}
