import ELBCore
import ELBModel
import ELBNet
import NIOCore

// From an accepted socket to somebody who reads requests.
extension NodeRuntime {
    /// A connection has been accepted on `port`.
    ///
    /// Security groups are asked first: whoever they do not let in costs neither a place nor a line in a log.
    ///
    /// - Throws: if the listener has just been removed, or there are too many connections.
    func accept(_ channel: any Channel, on port: Port) throws {
        guard let listener = self.listeners[port], !self.isStopping else { throw ChannelError.alreadyClosed }
        guard !self.powerCut.isOn else { return self.powerCut.silence(newcomer: channel) }
        let peer = channel.remoteAddress
        let address = peer?.ipAddress.flatMap { IPAddress($0) } ?? .v4(IPv4Address(rawValue: 0))
        if let ingress = self.snapshot.ingress, !ingress.admits(address, port: port) {
            self.silenced.add(channel)
            return
        }
        guard self.hasRoom else {
            self.counters.rejectedConnectionCount += 1
            throw ChannelError.alreadyClosed
        }
        let client = AcceptedClient(
            address: address,
            port: UInt16(clamping: peer?.port ?? 0),
            number: self.nextConnectionNumber(),
            acceptedAt: self.now()
        )
        try channel.syncOptions?.setOption(.recvAllocator, value: self.receiveAllocator)
        if let credentials = listener.credentials {
            try self.beginHandshake(on: channel, listener, client, credentials)
        } else if listener.rules.protocol.kind == .network {
            try self.serveStream(on: channel, listener, client, session: nil)
        } else {
            self.logConnectionAttempt(of: client, on: listener.port, tls: nil)
            try self.serveHTTP1(on: channel, listener, client, session: nil)
        }
    }

    private func serveHTTP1(
        on channel: any Channel,
        _ listener: ListenerRuntime,
        _ client: AcceptedClient,
        session: TLSSession?
    ) throws {
        try channel.pipeline.syncOperations.addHandler(
            HTTP1ClientConnection(
                node: self,
                listener: listener,
                peer: client.address,
                peerPort: client.port,
                number: client.number,
                session: session
            )
        )
    }

    // MARK: TLS

    private func beginHandshake(
        on channel: any Channel,
        _ listener: ListenerRuntime,
        _ client: AcceptedClient,
        _ credentials: ListenerCredentials
    ) throws {
        let acceptor = TLSAcceptor(
            credentials: credentials,
            contexts: self.tlsContexts,
            protocols: listener.rules.protocol.kind == .network ? [] : self.settings.applicationProtocols,
            // As long as any other silence.
            timeLimit: .nanoseconds(Int64(clamping: self.settings.idleTimeout)),
            wallClock: { [unowned self] in self.wallClock(at: self.now()) / 1_000_000 },
            completion: { [weak self] result in
                self?.handshakeEnded(on: channel, listener, client, result)
            }
        )
        try channel.pipeline.syncOperations.addHandler(acceptor)
        self.handshakeBegan(on: channel)
    }

    private func handshakeEnded(
        on channel: any Channel,
        _ listener: ListenerRuntime,
        _ client: AcceptedClient,
        _ result: TLSAcceptor.Result
    ) {
        self.handshakeEnded(on: channel)
        switch result {
        case .failed(let failure):
            self.counters.newConnectionCount += 1
            self.counters.clientTLSNegotiationErrorCount += 1
            self.logConnectionAttempt(
                of: client,
                on: listener.port,
                tls: ConnectionLogRecord.TLS(
                    version: failure.version,
                    cipherSuite: failure.cipherSuite,
                    keyExchange: failure.keyExchange,
                    clientCertificate: failure.clientCertificate,
                    verification: .failed(failure.reason)
                )
            )
        case .established(let session):
            self.logConnectionAttempt(
                of: client,
                on: listener.port,
                tls: ConnectionLogRecord.TLS(
                    version: session.version,
                    cipherSuite: session.cipherSuite,
                    keyExchange: session.keyExchange,
                    handshakeLatency: self.now() &- client.acceptedAt,
                    clientCertificate: session.clientCertificate,
                    verification: .success
                )
            )
            do {
                guard !self.isStopping else { throw ChannelError.alreadyClosed }
                try self.serve(on: channel, listener, client, session)
            } catch {
                channel.close(promise: nil)
            }
        }
    }

    /// Hands a connection whose handshake is over to whoever speaks the protocol that ALPN agreed on.
    private func serve(
        on channel: any Channel,
        _ listener: ListenerRuntime,
        _ client: AcceptedClient,
        _ session: TLSSession
    ) throws {
        guard listener.rules.protocol.kind == .application else {
            try self.serveStream(on: channel, listener, client, session: session)
            return
        }
        guard session.applicationProtocol == "h2" else {
            try self.serveHTTP1(on: channel, listener, client, session: session)
            return
        }
        let connection = HTTP2ClientConnection(
            node: self,
            listener: listener,
            peer: client.address,
            peerPort: client.port,
            number: client.number,
            session: session
        )
        try channel.pipeline.syncOperations.addHandlers(connection.codec + [connection])
    }
}

/// Who has connected, and when.
struct AcceptedClient: Sendable {
    var address: IPAddress
    var port: UInt16
    /// The how manieth connection of the node it is.
    var number: UInt64
    /// By the monotonic clock, in nanoseconds.
    var acceptedAt: UInt64
}
