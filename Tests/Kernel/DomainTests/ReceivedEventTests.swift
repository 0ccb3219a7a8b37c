import DeciderSpec
import Domain
import Testing
import Vocabulary

@Suite struct `A received event` {
    let absent = DeciderSpec<ReceivedEventDecider>()
    let received = DeciderSpec<ReceivedEventDecider>().given(.received(.webhook))
    let routes = [TakenRoute(workflow: .sample(3), run: .sample(8))]

    @Test func `is received once, and what came through a trigger asks to be routed`() {
        absent.when(.receive(.webhook)).then(.received(.webhook)).thenWork(.asks(.route, due: nil)).thenReserves()
        received.when(.receive(.webhook)).thenRejected(.conflict)
        received.given(.routed(.sample, routes)).when(.receive(.webhook)).thenRejected(.conflict)
    }

    @Test func `asks for no routing when its caller named the workflow`() {
        absent.when(.receive(.called)).then(.received(.called)).thenWork(nil)
    }

    @Test func `is routed once, which ends its work`() {
        received.when(.route(.sample, routes)).then(.routed(.sample, routes)).thenWork(.done)
        received.when(.route(.sample, [])).then(.routed(.sample, [])).thenWork(.done)
        received.given(.routed(.sample, routes)).when(.route(.sample, [])).thenNothing()
        absent.when(.route(.sample, routes)).thenRejected(.notFound)
    }

    @Test func `keeps the first routing`() {
        #expect(received.given(.routed(.sample, routes), .routed(.sample, [])).state == .routed(.webhook, .sample, routes))
        #expect(absent.given(.routed(.sample, routes)).state == .absent)
    }

    @Test func `is at hand in whatever state`() {
        #expect(absent.state.event == nil)
        #expect(received.state.event == .webhook)
        #expect(received.given(.routed(.sample, routes)).state.event == .webhook)
    }

    @Test(arguments: [[], [0], [0xff, 0xfe, 0x00], Array("{".utf8)] as [[UInt8]]) func `keeps its body byte for byte`(body: [UInt8]) throws {
        let event = ReceivedEvent(
            kind: .webhook, space: .acme, trigger: .sample(4), environment: .production, headers: [("x", "\u{0}é")], query: "", body: body)
        absent.when(.receive(event)).then(.received(event))
        #expect(try ReceivedEventEvent.restore(ReceivedEventEvent.received(event).stored) == .received(event))
    }

    @Test func `names its commands for the audit log`() {
        #expect(ReceivedEventDecider.action(of: .receive(.webhook)) == "event.receive")
        #expect(ReceivedEventDecider.action(of: .route(.sample, [])) == "event.route")
    }
}
