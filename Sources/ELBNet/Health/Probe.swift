import ELBCore
import ELBModel
import ELBWire
import NIOCore
import NIOPosix

/// One health probe: connect, ask, read the head, close. Gives its result exactly once, or never if it is cancelled.
final class Probe {
    private enum State {
        case idle
        case running(timer: Scheduled<Void>)
        case done
    }

    private let assignment: ProbeAssignment
    private let source: IPAddress?
    /// Whether a security group keeps the probe from leaving.
    private let isBlocked: Bool
    private let request: [UInt8]
    /// Goes out before everything else (NLB-PP-010).
    private let preface: [UInt8]
    /// For probes over HTTPS, which do not look at the target's certificate either (ALB-HC-020).
    private let tls: TargetTLS?
    private let userAgent: String?
    private let completion: (ProbeResult) -> Void
    private var state = State.idle
    private var channel: (any Channel)?

    init(
        _ assignment: ProbeAssignment,
        source: IPAddress?,
        isBlocked: Bool,
        quirks: QuirkSet,
        tls: TargetTLS?,
        completion: @escaping (ProbeResult) -> Void
    ) {
        self.assignment = assignment
        self.source = source
        self.isBlocked = isBlocked
        self.request = ProbeRequest.bytes(for: assignment, quirks: quirks)
        self.preface = assignment.hasProxyHeader ? ProxyHeader(.local).bytes : []
        let isSecure = assignment.settings.protocol == .https && assignment.targetType != .lambda
        self.tls = isSecure ? assignment.protocolVersion == .http1 ? tls : tls?.speakingHTTP2 : nil
        self.userAgent = ProbeRequest.userAgent(of: assignment, quirks: quirks)
        self.completion = completion
    }

    func start(on eventLoop: any EventLoop, timeout: TimeAmount) {
        self.state = .running(
            timer: eventLoop.assumeIsolated().scheduleTask(in: timeout) { self.finish(.timedOut) }
        )
        // Its packets vanish, and it waits for an answer.
        guard !self.isBlocked else { return }
        let address: SocketAddress
        do {
            address = try self.assignment.endpoint.socketAddress()
        } catch {
            return self.finish(.failed)
        }
        let (request, tls, preface) = (self.request, self.tls, self.preface)
        let asksNothing = self.assignment.settings.protocol.kind == .network
        let probe = NIOLoopBound(self, eventLoop: eventLoop)
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(timeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if !preface.isEmpty, !asksNothing {
                        try channel.pipeline.syncOperations.addHandler(Preface(preface))
                    }
                    try tls?.install(on: channel, timeLimit: timeout) { _ in probe.value.finish(.failed) }
                    try channel.pipeline.syncOperations.addHandlers(probe.value.handlers(request))
                    probe.value.opened(channel)
                }
            }
        let target = self.assignment.endpoint.address
        let connecting = (self.source.map { bootstrap.from($0, to: target) } ?? bootstrap).connect(to: address)
        connecting.assumeIsolated().whenFailure { _ in self.finish(.failed) }
    }

    /// Ends the probe with a timeout.
    func expire() {
        self.finish(.timedOut)
    }

    /// Ends the probe without a result.
    func cancel() {
        self.end()
    }

    private func handlers(_ request: [UInt8]) -> [any ChannelHandler] {
        switch self.assignment.classic {
        case .tcp, .ssl: return [ConnectProbeHandler { self.answered($0) }]
        case .http, .https: return [ProbeHandler(request: request, wantsLength: true) { self.answered($0) }]
        case nil: break
        }
        switch self.assignment.targetType {
        case .instance, .ip, .alb:
            guard self.assignment.settings.protocol.kind == .application else {
                return [ConnectProbeHandler(preface: self.preface) { self.answered($0) }]
            }
            switch self.assignment.protocolVersion {
            case .http1: return [ProbeHandler(request: request) { self.answered($0) }]
            case .http2: return [HTTP2ProbeHandler.codec(), self.http2Handler(.get)]
            case .grpc: return [HTTP2ProbeHandler.codec(), self.http2Handler(.call)]
            }
        case .lambda:
            let form = LambdaEvent.Form(isMultiValue: self.assignment.isMultiValue)
            return [FunctionProbeHandler(request: request, form: form) { self.answered($0) }]
        }
    }

    private func http2Handler(_ question: HTTP2ProbeHandler.Question) -> HTTP2ProbeHandler {
        HTTP2ProbeHandler(
            question,
            path: self.assignment.settings.path,
            authority: ProbeRequest.authority(of: self.assignment),
            isSecure: self.tls != nil,
            userAgent: self.userAgent
        ) { self.answered($0) }
    }

    private func opened(_ channel: any Channel) {
        guard case .running = self.state else { return channel.close(promise: nil) }
        self.channel = channel
    }

    private func answered(_ answer: ProbeHandler.Answer) {
        switch answer {
        case .status(let status):
            let settings = self.assignment.settings
            let matcher = self.assignment.protocolVersion == .grpc ? settings.grpcMatcher : settings.matcher
            self.finish(matcher.matches(status) ? .passed(status: status) : .mismatch(status: status))
        case .connected:
            self.finish(.passed(status: 200))
        case .unusable:
            self.finish(.failed)
        }
    }

    private func finish(_ result: ProbeResult) {
        guard self.end() else { return }
        self.completion(result)
    }

    /// False if the probe had ended before. The connection never outlives the probe (ALB-HC-018).
    @discardableResult
    private func end() -> Bool {
        guard case .running(let timer) = self.state else { return false }
        self.state = .done
        timer.cancel()
        self.channel?.close(promise: nil)
        self.channel = nil
        return true
    }
}

extension Endpoint {
    /// The address as NIO has it.
    func socketAddress() throws -> SocketAddress {
        try SocketAddress(ipAddress: self.address.description, port: Int(self.port.rawValue))
    }
}
