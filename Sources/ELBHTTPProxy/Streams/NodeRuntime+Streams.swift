import ELBCore
import ELBModel
import ELBNet
import NIOCore

// Listeners of layer 4, which only Classic Load Balancers have here.
extension NodeRuntime {
    /// Hands a connection to the relay, after its handshake where there was one.
    func serveStream(
        on channel: any Channel,
        _ listener: ListenerRuntime,
        _ client: AcceptedClient,
        session: TLSSession?
    ) throws {
        guard let relay = self.streamRelay, case .forward(let weights) = listener.rules.actions[0],
            let index = weights.choose(using: &self.generator), index < self.groups.count
        else { throw ChannelError.alreadyClosed }
        let stream = StreamClient(
            node: self,
            listener: listener,
            client: client,
            group: self.groups[index],
            session: session
        )
        try stream.begin(on: channel, relay: relay)
    }
}
