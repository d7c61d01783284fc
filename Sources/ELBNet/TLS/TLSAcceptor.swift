package import ELBCore
package import ELBModel
import ELBWire
package import NIOCore
import NIOSSL
import NIOTLS

/// Takes a client's connection through the handshake. It stands first in the pipeline: it holds back what comes until the
/// ClientHello is whole, has `TLSNegotiation` decide, puts the TLS library behind itself with the certificate that was chosen,
/// reads along in the server's plaintext to learn what was agreed, and leaves when the handshake is over.
package final class TLSAcceptor: ChannelDuplexHandler, RemovableChannelHandler {
    package typealias InboundIn = ByteBuffer
    package typealias InboundOut = ByteBuffer
    package typealias OutboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    /// How a handshake ended. On success the next handler is to be added at the end of the channel's pipeline at once.
    package enum Result: Sendable {
        case established(TLSSession)
        case failed(Failure)
    }

    /// A handshake that failed, with what was known by then.
    package struct Failure: Sendable {
        package var reason: ClientCertificateFailure
        package var version: ELBModel.TLSVersion?
        package var cipherSuite: TLSCipherSuite?
        package var keyExchange: TLSKeyExchange?
        package var clientCertificate: ClientCertificate?
        /// What the ClientHello asked for, and what was chosen for it; `nil` and nothing if none came.
        package var serverName: String?
        package var offeredProtocols: [String] = []
        package var certificate: CertificateARN?
        /// What the client broke the handshake off with; `nil` if it did not, or said nothing.
        package var alert: UInt8?
    }

    private let credentials: ListenerCredentials
    private let contexts: TLSContexts
    private let protocols: [String]
    private let wallClock: () -> Int64
    private var completion: ((Result) -> Void)?

    private var received: ByteBuffer?
    private var awaited = 1
    private var isDecided = false
    private var hello = ClientHello()
    /// Whether a valid one has come.
    private var hasHello = false
    private var entry: ListenerCredentials.Entry?
    private var isDefault = true
    private var negotiated: TLSNegotiation?
    private var flightReader = ServerFlightReader()
    private var flight: ServerFlight?
    private var isSniffing = true
    private var clientCertificate: ClientCertificate?
    /// What the client has broken off with.
    private var alert: UInt8?
    private var refusal: ClientCertificateFailure?
    private var timer: Scheduled<Void>?
    private let timeLimit: TimeAmount

    /// - Parameters:
    ///   - protocols: what ALPN may agree on, the preferred first.
    ///   - timeLimit: for the whole handshake.
    ///   - wallClock: seconds since 1970.
    ///   - completion: called once, on the event loop.
    package init(
        credentials: ListenerCredentials,
        contexts: TLSContexts,
        protocols: [String],
        timeLimit: TimeAmount,
        wallClock: @escaping () -> Int64,
        completion: @escaping (Result) -> Void
    ) {
        self.credentials = credentials
        self.contexts = contexts
        self.protocols = protocols
        self.timeLimit = timeLimit
        self.wallClock = wallClock
        self.completion = completion
    }

    // MARK: Channel events

    package func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        self.timer = context.eventLoop.assumeIsolated().scheduleTask(in: self.timeLimit) {
            self.fail()
            channel.close(promise: nil)
        }
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !self.isDecided else {
            let bytes = Self.unwrapInboundIn(data)
            if self.alert == nil { self.alert = TLSAlert.inClear(bytes.readableBytesUInt8Span) }
            context.fireChannelRead(data)
            return
        }
        var buffer = self.received ?? Self.unwrapInboundIn(data)
        if self.received != nil { buffer.writeImmutableBuffer(Self.unwrapInboundIn(data)) }
        self.received = buffer
        guard buffer.readableBytes >= self.awaited else { return }
        switch ClientHelloParser.parse(buffer.readableBytesUInt8Span) {
        case .incomplete(let count):
            self.awaited = count
        case .complete(let hello):
            self.hello = hello
            self.hasHello = true
            self.decide(context)
        case .notTLS, .malformed, .tooLong:
            // The library's own refusal says why in the protocol's words, as far as there are any.
            self.decide(context)
        }
    }

    package func channelInactive(context: ChannelHandlerContext) {
        if !self.isDecided { self.fail() }
        context.fireChannelInactive()
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !self.isDecided else {
            context.fireErrorCaught(error)
            return
        }
        self.fail()
        context.close(promise: nil)
    }

    package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if self.isSniffing {
            let buffer = Self.unwrapOutboundIn(data)
            switch self.flightReader.read(buffer.readableBytesUInt8Span) {
            case .incomplete: break
            case .complete(let flight):
                self.flight = flight
                self.isSniffing = false
            case .failed: self.isSniffing = false
            }
        }
        context.write(data, promise: promise)
    }

    // MARK: The decision

    private func decide(_ context: ChannelHandlerContext) {
        self.isDecided = true
        let negotiation = TLSNegotiation(
            self.hello,
            policy: self.credentials.tls.policy,
            defaultCertificate: self.credentials.defaultEntry.material.traits,
            certificates: self.credentials.list.map(\.material.traits),
            at: self.wallClock(),
            quirks: self.credentials.tls.quirks
        )
        self.negotiated = negotiation
        let entry: ListenerCredentials.Entry
        switch negotiation.certificate {
        case .default: entry = self.credentials.defaultEntry
        case .listed(let index):
            entry = self.credentials.list[index]
            self.isDefault = false
        case .none:
            self.refuseName(context)
            return
        }
        self.entry = entry
        do {
            let library = try self.contexts.context(
                for: self.credentials,
                entry.material,
                negotiation,
                protocols: self.protocols
            )
            let handshake = NIOSSLServerHandler(
                context: library,
                customVerificationCallback: self.credentials.mode == .off ? nil : self.verification(context),
                configuration: .init()
            )
            let pipeline = context.pipeline.syncOperations
            try pipeline.addHandler(handshake, position: .after(self))
            try pipeline.addHandler(HandshakeWatch(self), position: .after(handshake))
        } catch {
            self.fail()
            context.close(promise: nil)
            return
        }
        guard let received = self.received else { return }
        self.received = nil
        context.fireChannelRead(Self.wrapInboundOut(received))
        context.fireChannelReadComplete()
    }

    /// The quirk `tls.unknown-name-refused`: the alert `unrecognized_name` (RFC 6066, section 3).
    private func refuseName(_ context: ChannelHandlerContext) {
        self.isSniffing = false
        let alert = ByteBuffer(bytes: [21, 3, 3, 0, 2, 2, 112])
        let channel = context.channel
        context.writeAndFlush(Self.wrapOutboundOut(alert)).assumeIsolated().whenComplete { _ in
            channel.close(promise: nil)
        }
        self.fail()
    }

    /// What the library asks about the certificates that the client presented.
    private func verification(_ context: ChannelHandlerContext) -> NIOSSLCustomVerificationCallback {
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        return { certificates, promise in
            promise.succeed(bound.value.judge(certificates) ? .certificateVerified : .failed)
        }
    }

    private func judge(_ certificates: [NIOSSLCertificate]) -> Bool {
        let presented = certificates.compactMap { try? $0.toDERBytes() }
        self.clientCertificate = ClientCertificate(presented: presented)
        guard let verifier = self.credentials.verifier else { return true }
        do throws(ClientCertificateFailure) {
            try verifier.verify(presented, at: self.wallClock(), quirks: self.credentials.tls.quirks)
            return true
        } catch {
            self.refusal = error
            return false
        }
    }

    // MARK: The end

    fileprivate func handshakeCompleted(_ context: ChannelHandlerContext, protocol negotiated: String?) {
        guard let completion = self.completion, let entry = self.entry else { return }
        self.completion = nil
        self.timer?.cancel()
        self.isSniffing = false
        completion(
            .established(
                TLSSession(
                    version: self.flight.flatMap { TLSVersion(rawValue: $0.version) } ?? self.negotiated?.version
                        ?? .v12,
                    cipherSuite: TLSCipherSuite(rawValue: self.flight?.cipherSuite ?? 0),
                    keyExchange: self.flight?.keyExchange.map(TLSKeyExchange.init(rawValue:)),
                    serverName: self.hello.serverName,
                    certificate: entry.arn,
                    isDefaultCertificate: self.isDefault,
                    isResumed: self.flight?.isResumed ?? false,
                    applicationProtocol: negotiated,
                    clientCertificate: self.clientCertificate,
                    offeredProtocols: self.hello.applicationProtocols
                )
            )
        )
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    /// Reports the failure once; whoever noticed it closes the channel.
    fileprivate func fail(alert: UInt8? = nil) {
        guard let completion = self.completion else { return }
        self.completion = nil
        self.timer?.cancel()
        let version = self.flight.flatMap { TLSVersion(rawValue: $0.version) } ?? self.negotiated?.version
        completion(
            .failed(
                Failure(
                    reason: self.refusal ?? .unmapped,
                    version: version,
                    cipherSuite: self.flight.map { TLSCipherSuite(rawValue: $0.cipherSuite) },
                    keyExchange: self.flight?.keyExchange.map(TLSKeyExchange.init(rawValue:)),
                    clientCertificate: self.clientCertificate,
                    serverName: self.hello.serverName,
                    offeredProtocols: self.hello.applicationProtocols,
                    certificate: self.hasHello ? self.entry?.arn : nil,
                    alert: alert ?? self.alert
                )
            )
        )
    }
}

/// Stands behind the TLS library until it says how the handshake ended.
private final class HandshakeWatch: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let acceptor: TLSAcceptor

    init(_ acceptor: TLSAcceptor) {
        self.acceptor = acceptor
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .handshakeCompleted(let negotiated) = event as? TLSUserEvent else {
            context.fireUserInboundEventTriggered(event)
            return
        }
        self.acceptor.handshakeCompleted(context, protocol: negotiated)
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The library closes the channel itself, after its alert.
        self.acceptor.fail(alert: TLSAlert.received(in: error))
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.acceptor.fail()
    }
}
