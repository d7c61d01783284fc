import ELBCore
import ELBModel
import ELBWire
import NIOCore

/// A request served by a Lambda function: gathers its body, writes the event, has the function invoked, and hands over what it
/// answers as the response of a target. Waits for as long as the function takes: its own time limit ends it, no other does
/// (ALB-LMB-023).
final class LambdaInvocation: TargetExchange {
    let handle: TargetHandle
    private let function: Target
    private let group: GroupRuntime
    private let pool: FunctionPool
    private let node: NodeRuntime
    private let form: LambdaEvent.Form
    private var client: ClientRequest?
    private var connection: FunctionConnection?

    private var head: [UInt8] = []
    private var body: [UInt8] = []
    /// For a body that comes in chunks.
    private var chunks: ChunkedBodyScanner?
    /// A failure is on its way to the client; what still comes is thrown away.
    private var isFailing = false

    init(of function: Target, handle: TargetHandle, group: GroupRuntime, pool: FunctionPool, client: ClientRequest) {
        self.handle = handle
        self.function = function
        self.group = group
        self.pool = pool
        self.client = client
        self.node = client.node
        self.form = LambdaEvent.Form(
            isMultiValue: group.state.group.attributes.lambdaMultiValueHeadersEnabled,
            quirks: client.node.snapshot.quirks,
            namesServer: client.listener.rules.namesServer
        )
        super.init()
        group.state.requestStarted(handle)
        pool.began(self)
    }

    override var isReady: Bool { self.client != nil }
    override var bufferedBytes: Int { self.body.count }

    // MARK: The request

    override func send(requestOf client: ClientRequest, at now: UInt64) {
        self.head = client.scratch.bytes
        // The invocation begins when the body is there; until then the time is the request's (ALB-LOG-019).
        client.sentAt = 0
        switch self.parsedHead()?.framing.requestBodyLength {
        case nil: self.fail(LambdaFailure(.badRequest))
        case .some(.none), .untilClose: self.invoke()
        case .bytes(let count):
            guard self.takes(count) else {
                self.fail(LambdaFailure(.requestTooLarge))
                return
            }
            self.body.reserveCapacity(Int(clamping: count))
        case .chunked: self.chunks = ChunkedBodyScanner()
        }
    }

    private func takes(_ count: UInt64) -> Bool {
        count <= UInt64(LambdaEvent.bodyLimit) || self.form.quirks.contains(.lambdaRequestLimitMissing)
    }

    private func parsedHead() -> RequestHead? {
        var parser = RequestHeadParser()
        var head = RequestHead()
        let bytes = self.head
        guard parser.parse(bytes.span, into: &head, limits: .none) == .complete else { return nil }
        return head
    }

    override func write(_ part: ByteBuffer) {
        guard self.client != nil, !self.isFailing else { return }
        let isWhole = self.chunks == nil || self.appendChunks(part)
        if self.chunks == nil { self.body.append(contentsOf: part.readableBytesView) }
        guard isWhole, self.takes(UInt64(self.body.count)) else {
            self.failSoon(LambdaFailure(.requestTooLarge))
            return
        }
    }

    /// The data alone; false if the body is malformed, which the client's side has ruled out.
    private func appendChunks(_ part: ByteBuffer) -> Bool {
        guard var scanner = self.chunks else { return true }
        let bytes = part.readableBytesUInt8Span
        var index = 0
        while true {
            switch scanner.next(bytes, from: index) {
            case .framing(let end): index = end
            case .data(let range):
                bytes.extracting(range).withUnsafeBufferPointer { self.body.append(contentsOf: $0) }
                index = range.upperBound
            case .finished, .needsMore:
                self.chunks = scanner
                return true
            case .malformed: return false
            }
        }
    }

    override func finishBody() {
        guard self.client != nil, !self.isFailing else { return }
        self.invoke()
    }

    private func invoke() {
        guard let client = self.client, let head = self.parsedHead() else { return }
        var event: [UInt8] = []
        event.reserveCapacity(self.head.count + self.body.count / 3 * 4 + 256)
        do throws(LambdaFailure) {
            try LambdaEvent.append(
                head,
                bytes: self.head.span,
                body: self.body.span,
                targetGroup: self.group.state.group.id.rawValue,
                form: self.form,
                to: &event
            )
        } catch {
            self.fail(error)
            return
        }
        (self.head, self.body) = ([], [])
        self.countBytes(event.count)
        client.sentAt = self.node.now()
        var request: [UInt8] = []
        LambdaInvocationRequest(
            function: self.function.id.rawValue,
            endpoint: self.function.endpoint,
            targetGroup: self.group.state.group.id.rawValue,
            isProbe: false
        )
        .append(event: event, to: &request)
        if let kept = self.pool.takeIdle(to: self.function.endpoint) {
            self.connection = kept
            kept.invoke(request, for: self)
        } else {
            self.connection = .connect(
                to: self.function.endpoint,
                for: self,
                request: request,
                node: self.node,
                pool: self.pool
            )
        }
        if self.form.quirks.contains(.lambdaIdleTimeoutApplies) { self.startIdleTimer() }
    }

    /// The quirk `lambda.idle-timeout-applies`.
    private func startIdleTimer() {
        let delay = TimeAmount.nanoseconds(Int64(clamping: self.node.settings.idleTimeout))
        self.node.eventLoop.assumeIsolated().scheduleTask(in: delay) { [weak self] in
            self?.client?.targetFailed(.idleTimeout)
        }
    }

    /// Traffic with functions counts by itself and with all other (ALB-MET-011, -020).
    private func countBytes(_ count: Int) {
        self.node.counters.lambdaTargetProcessedBytes += count
        self.node.counters.processedBytes += count
    }

    // MARK: The answer

    /// The Invoke API has answered.
    func answered(_ response: LambdaInvocationResponse) {
        self.connection = nil
        self.countBytes(response.payload.count)
        do throws(LambdaFailure) {
            let date = self.node.httpDate(at: self.node.now())
            self.deliver(try response.answer(date: date, form: self.form))
        } catch {
            self.fail(error)
        }
    }

    private func deliver(_ answer: LambdaAnswer) {
        guard let client = self.client else { return }
        var parser = ResponseHeadParser()
        var head = ResponseHead()
        guard parser.parse(answer.head.span, into: &head) == .complete,
            let length = head.bodyLength(answering: client.head.knownMethod)
        else {
            self.fail(LambdaFailure(.invalidResponse))
            return
        }
        let now = self.node.now()
        self.group.counters.countTarget(status: head.status)
        self.group.counters.targetResponseTime.record(nanoseconds: now &- client.sentAt)
        client.responseBytesSeen()
        client.responseHead(head, bytes: answer.head.span, length: length, dropsChunking: false, at: now)
        client.writeResponseHead(
            followedBy: length == .none ? self.node.emptyBuffer : ByteBuffer(bytes: answer.body)
        )
        client.responseEnded(at: now)
    }

    /// Ends the request with the failure's status and reason.
    func fail(_ failure: LambdaFailure) {
        self.connection = nil
        self.client?.functionFailed(failure, in: self.group)
    }

    /// Fails once the caller, which is handing over a body, is done with it.
    private func failSoon(_ failure: LambdaFailure) {
        self.isFailing = true
        self.node.eventLoop.assumeIsolated().execute { self.fail(failure) }
    }

    func deregistered() {
        self.client?.targetFailed(.deregistered)
    }

    override func release() {
        self.end()
    }

    override func abandon() {
        self.end()
    }

    private func end() {
        guard self.client != nil else { return }
        self.client = nil
        self.group.state.requestFinished(self.handle)
        self.pool.ended(self)
        self.connection?.cancel()
        self.connection = nil
    }
}

extension ClientRequest {
    /// Has the group's function answer the request.
    func invoke(
        _ selected: SelectedTarget,
        of group: GroupRuntime,
        pool: FunctionPool,
        length: BodyLength,
        closesAfterwards: Bool
    ) {
        guard !self.asksForWebSocket || self.node.snapshot.quirks.contains(.lambdaUpgradeIgnored) else {
            // ALB-LMB-024.
            self.consumeHead()
            self.functionFailed(LambdaFailure(.webSocketNotSupported), in: group)
            return
        }
        guard let function = group.state.target(of: selected.handle) else {
            self.consumeHead()
            self.answer(status: 503)
            return
        }
        self.takesChunks = true
        self.makeForwardedHead(length: length, closesAfterwards: closesAfterwards)
        self.consumeHead()
        let invocation = LambdaInvocation(
            of: function,
            handle: selected.handle,
            group: group,
            pool: pool,
            client: self
        )
        self.target = invocation
        self.targetReady(invocation, reused: false, at: self.receivedAt)
    }

    private var asksForWebSocket: Bool {
        guard self.head.framing.connection.contains(.upgrade) else { return false }
        let inbound = self.inbound
        let bytes = inbound.readableBytesUInt8Span
        return self.head.fields.contains {
            $0.known == .upgrade && bytes.equalsIgnoringCase("websocket", at: $0.value.range)
        }
    }

    /// The function did not answer as it should: an own answer, with the reason in the access log (ALB-LOG-029).
    func functionFailed(_ failure: LambdaFailure, in group: GroupRuntime) {
        // ALB-MET-020, ALB-LMB-028.
        if failure.isInternal { group.counters.lambdaInternalError += 1 } else { group.counters.lambdaUserError += 1 }
        self.record.errorReason = failure.errorReason
        self.releaseTarget(keep: false)
        let deviates = failure.status == 502 && self.node.snapshot.quirks.contains(.lambdaErrorAs500)
        self.answer(status: deviates ? 500 : failure.status)
    }
}
