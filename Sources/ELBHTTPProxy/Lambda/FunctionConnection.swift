import ELBCore
import ELBModel
import ELBNet
import NIOCore
import NIOPosix

/// A connection to Lambda's Invoke API: one invocation after the other, each answered whole. It is no target connection: nobody
/// counts it as one, and no idle timeout ends an invocation (ALB-LMB-002, -023).
final class FunctionConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State {
        case connecting(request: [UInt8])
        case idle
        case awaiting(LambdaInvocationResponse)
        case closed
    }

    let endpoint: Endpoint
    private let node: NodeRuntime
    private let pool: FunctionPool
    private var invocation: LambdaInvocation?
    private var context: ChannelHandlerContext?
    private var state: State
    private var lastActivity: UInt64
    var wheelPlace = WheelPlace.none

    private init(_ endpoint: Endpoint, node: NodeRuntime, pool: FunctionPool, request: [UInt8]) {
        self.endpoint = endpoint
        self.node = node
        self.pool = pool
        self.state = .connecting(request: request)
        self.lastActivity = node.now()
    }

    // MARK: Invocations

    /// Connects and invokes; the invocation hears of the outcome by `answered` or `fail`.
    static func connect(
        to endpoint: Endpoint,
        for invocation: LambdaInvocation,
        request: [UInt8],
        node: NodeRuntime,
        pool: FunctionPool
    ) -> FunctionConnection {
        let connection = FunctionConnection(endpoint, node: node, pool: pool, request: request)
        connection.invocation = invocation
        let bound = NIOLoopBound(connection, eventLoop: node.eventLoop)
        let bootstrap = ClientBootstrap(group: node.eventLoop)
            .connectTimeout(node.settings.connectTimeout)
            .channelOption(.recvAllocator, value: node.receiveAllocator)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(bound.value)
                }
            }
        guard
            let address = try? SocketAddress(ipAddress: endpoint.address.description, port: Int(endpoint.port.rawValue))
        else {
            node.eventLoop.assumeIsolated().execute { connection.end(.connectionError) }
            return connection
        }
        bootstrap.connect(to: address).assumeIsolated().whenFailure { error in
            if let error = error as? ChannelError, case .connectTimeout = error {
                connection.end(.connectionTimeout)
            } else {
                connection.end(.connectionError)
            }
        }
        return connection
    }

    /// Invokes on a connection that was kept.
    func invoke(_ request: [UInt8], for invocation: LambdaInvocation) {
        self.invocation = invocation
        self.send(request)
    }

    /// Nobody waits for the answer any more.
    func cancel() {
        self.invocation = nil
        self.close()
    }

    func close() {
        self.context?.close(promise: nil)
    }

    private func send(_ request: [UInt8]) {
        let limit = self.node.snapshot.quirks.contains(.lambdaResponseLimitMissing) ? 16 << 20 : LambdaAnswer.limit
        self.state = .awaiting(LambdaInvocationResponse(limit: limit))
        self.lastActivity = self.node.now()
        self.context?.writeAndFlush(self.wrapOutboundOut(ByteBuffer(bytes: request)), promise: nil)
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        guard case .connecting(let request) = self.state, self.invocation != nil else {
            // Its client has left meanwhile.
            context.close(promise: nil)
            return
        }
        self.pool.opened(self)
        self.node.wheel.add(self, at: self.node.now() &+ self.node.settings.idleTimeout)
        self.send(request)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = self.unwrapInboundIn(data)
        guard case .awaiting(var response) = self.state else {
            // Nobody asked.
            context.close(promise: nil)
            return
        }
        // The one reference, so that what has been gathered is not copied with every piece.
        self.state = .idle
        let progress = response.append(buffer.readableBytesUInt8Span)
        self.take(progress, of: response)
    }

    private func take(_ progress: LambdaInvocationResponse.Progress, of response: LambdaInvocationResponse) {
        switch progress {
        case .incomplete: self.state = .awaiting(response)
        case .failed(let failure): self.end(failure.reason)
        case .complete(let keepsConnection):
            let invocation = self.invocation
            self.invocation = nil
            self.lastActivity = self.node.now()
            if keepsConnection { self.pool.putBack(self) } else { self.close() }
            invocation?.answered(response)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        let state = self.state
        self.state = .closed
        self.node.wheel.remove(self)
        self.pool.closed(self)
        guard case .awaiting(var response) = state else { return }
        let invocation = self.invocation
        self.invocation = nil
        switch response.connectionEnded() {
        case .complete: invocation?.answered(response)
        case .failed(let failure): invocation?.fail(failure)
        case .incomplete: invocation?.fail(LambdaFailure(.connectionError))
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func end(_ reason: LambdaFailure.Reason) {
        let invocation = self.invocation
        self.invocation = nil
        self.state = .closed
        self.close()
        invocation?.fail(LambdaFailure(reason))
    }
}

extension FunctionConnection: DeadlineObserver {
    func deadlineReached(now: UInt64) -> UInt64? {
        let deadline = self.lastActivity &+ self.node.settings.idleTimeout
        switch self.state {
        case .closed: return nil
        case .connecting, .awaiting: return now &+ self.node.settings.idleTimeout
        case .idle:
            if now < deadline { return deadline }
            self.close()
            return nil
        }
    }
}
