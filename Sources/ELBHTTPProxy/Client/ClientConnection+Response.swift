import ELBCore
import ELBModel
import ELBWire
import NIOCore

// A response's way out: from the target or from the balancer itself.
extension ClientConnection {
    // MARK: From the target

    /// Some bytes of a response came.
    func responseBytesSeen() {
        self.exchange.responseBytesSeen()
    }

    /// A 1xx response. 100 is ours to send and was sent if the client asked for it; others are passed on to clients that know
    /// them (RFC 9110, section 15.2).
    func interimResponse(_ head: borrowing ResponseHead, bytes: Span<UInt8>) {
        guard head.status != 100, self.head.version == .http11, let context = self.context else { return }
        var interim: [UInt8] = []
        OutgoingResponseHead.append(
            head,
            bytes: bytes,
            keepsConnection: true,
            dropsChunking: false,
            isInterim: true,
            quirks: self.node.settings.quirks,
            to: &interim
        )
        self.record.sentBytes += interim.count
        context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(bytes: interim)), promise: nil)
    }

    /// The final response's head, with what is already there of the body.
    ///
    /// - Parameters:
    ///   - dropsChunking: the body goes out without its chunk framing.
    ///   - now: when the head's last byte came.
    func responseHead(
        _ head: borrowing ResponseHead,
        bytes: Span<UInt8>,
        length: BodyLength,
        dropsChunking: Bool,
        at now: UInt64
    ) {
        self.answeredAt = now
        self.lastActivity = now
        self.record.status = head.status
        self.record.targetStatus = head.status
        self.node.counters.countTarget(status: head.status)
        self.node.counters.targetResponseTimeSum &+= now &- self.sentAt
        self.node.counters.targetResponseTimeCount += 1
        self.exchange.responseHeadReceived(head, untilClose: length == .untilClose)
        let losesLength = self.node.settings.quirks.contains(.responseLengthDropped)
        if dropsChunking || losesLength { self.exchange.responseEndsWithClose() }
        self.scratch.removeAll(keepingCapacity: true)
        guard !self.answersWithoutHead else { return }
        OutgoingResponseHead.append(
            head,
            bytes: bytes,
            keepsConnection: self.exchange.keepsClient,
            dropsChunking: dropsChunking,
            isInterim: false,
            quirks: self.node.settings.quirks,
            to: &self.scratch
        )
    }

    /// Writes the head in `scratch`, with a small body behind it in the same buffer.
    func writeResponseHead(followedBy body: ByteBuffer) {
        guard let context = self.context else { return }
        self.outbound.clear()
        self.outbound.writeBytes(self.scratch)
        self.record.sentBytes += self.scratch.count + body.readableBytes
        if body.readableBytes <= Self.coalescingLimit {
            self.outbound.writeImmutableBuffer(body)
            context.write(self.wrapOutboundOut(self.outbound), promise: nil)
        } else {
            context.write(self.wrapOutboundOut(self.outbound), promise: nil)
            context.write(self.wrapOutboundOut(body), promise: nil)
        }
    }

    /// Passes on a part of the body, by reference.
    func writeResponseBody(_ body: ByteBuffer, at now: UInt64) {
        guard let context = self.context, body.readableBytes > 0 else { return }
        self.lastActivity = now
        self.record.sentBytes += body.readableBytes
        context.write(self.wrapOutboundOut(body), promise: nil)
    }

    func flush() {
        self.context?.flush()
    }

    /// The last byte of the response has been written.
    func responseEnded(at now: UInt64) {
        let ending = self.exchange.responseEnded()
        self.context?.flush()
        self.finishRecord(at: now)
        switch ending {
        case .open: break
        case .over(let keepsClient, let keepsTarget):
            self.releaseTarget(keep: keepsTarget)
            let hadWholeRequest = self.exchange.hasWholeRequest
            self.exchange.finished()
            self.requestBody = .none
            if keepsClient {
                self.process()
            } else if hadWholeRequest {
                self.closeAfterFlush()
            } else {
                self.closeLingering()
            }
        }
    }

    /// The target refused, closed, timed out or sent garbage.
    func targetFailed(_ failure: Exchange.TargetFailure) {
        if failure == .refused || failure == .connectTimeout { self.node.counters.targetConnectionErrorCount += 1 }
        switch self.exchange.targetFailed(failure) {
        case .nothing: self.releaseTarget(keep: false)
        case .retry:
            let pool = self.pool
            self.releaseTarget(keep: false)
            if let pool { self.dispatch(to: pool, at: self.node.now()) }
        case .answer(let status):
            self.releaseTarget(keep: false)
            switch failure {
            case .refused, .connectTimeout: self.sentAt = 0
            case .closed, .malformed, .deregistered, .idleTimeout: break
            }
            self.answer(status: status)
        case .cutClient:
            self.releaseTarget(keep: false)
            self.finishRecord(at: self.node.now())
            self.exchange.finished()
            self.cut()
        }
    }

    /// Lets go of the target's connection: kept for another request, or closed.
    func releaseTarget(keep: Bool) {
        if let pool = self.pool {
            pool.group.state.requestFinished(pool.handle)
            self.pool = nil
        }
        guard let target = self.target else { return }
        self.target = nil
        if keep { target.release() } else { target.abandon() }
    }

    // MARK: From the balancer

    /// Answers a request that was let in, with a generated page. The connection lasts if the request's body is all here.
    func answer(status: Int) {
        self.answer(with: self.node.page(for: status))
    }

    /// Answers a request that was let in, without a target.
    func answer(with response: PreparedResponse, location: [UInt8]? = nil) {
        let hasWholeRequest = self.exchange.hasWholeRequest || self.discardBody()
        let keepsClient = self.exchange.keepsClient && hasWholeRequest
        self.write(response, location: location, keepsClient: keepsClient)
        self.exchange.finished()
        self.requestBody = .none
        if keepsClient {
            self.process()
        } else if hasWholeRequest {
            self.closeAfterFlush()
        } else {
            self.closeLingering()
        }
    }

    /// Answers something that is not let in, and closes.
    func refuse(_ status: Int) {
        self.releaseTarget(keep: false)
        if self.record.createdAt == 0 { self.beginRecord(at: self.node.now()) }
        self.answersHead = self.head.knownMethod == .head && self.head.length > 0
        self.write(self.node.page(for: status), location: nil, keepsClient: false)
        self.exchange.finished()
        self.requestBody = .none
        self.closeLingering()
    }

    private func write(_ response: PreparedResponse, location: [UInt8]?, keepsClient: Bool) {
        guard let context = self.context else { return }
        self.answeredAt = self.node.now()
        var output: [UInt8] = []
        if self.answersWithoutHead {
            output = response.body
        } else {
            response.append(
                to: &output,
                date: self.node.httpDate(at: self.answeredAt),
                location: location,
                keepsAlive: keepsClient,
                includesBody: !self.answersHead
            )
        }
        self.record.status = response.status
        self.record.sentBytes += output.count
        self.node.counters.countOwn(status: response.status)
        self.outbound.clear()
        self.outbound.writeBytes(output)
        context.writeAndFlush(self.wrapOutboundOut(self.outbound), promise: nil)
        self.finishRecord(at: self.answeredAt)
    }

    /// Reads over a body that nobody wants, as far as it is here. True if that is all of it.
    private func discardBody() -> Bool {
        guard self.takeBody() != nil, !self.hasMoreBody else { return false }
        self.endRequestBody()
        return true
    }

    // MARK: Access log

    func beginRecord(at now: UInt64) {
        self.record.begin(at: self.node.wallClock(at: now), receivedBytes: self.head.length)
        self.sentAt = 0
        self.answeredAt = 0
        guard self.head.length > 0, self.node.logsAccess else { return }
        let inbound = self.inbound
        self.record.noteRequest(
            self.head,
            bytes: inbound.readableBytesUInt8Span,
            port: Int(self.listener.port.rawValue)
        )
    }

    /// Counts the request as done and writes its line, once.
    func finishRecord(at now: UInt64) {
        guard self.record.createdAt != 0 else { return }
        self.record.respondedAt = self.node.wallClock(at: now)
        let reachedTarget = self.sentAt != 0
        let gotAnswer = reachedTarget && self.record.targetStatus != 0
        self.record.requestProcessing = reachedTarget ? self.sentAt &- self.receivedAt : nil
        self.record.targetProcessing = gotAnswer ? self.answeredAt &- self.sentAt : nil
        self.record.responseProcessing = gotAnswer ? now &- self.answeredAt : nil
        self.node.counters.processedBytes &+= self.record.sentBytes
        self.node.log(&self.record)
    }
}
