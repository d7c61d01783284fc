import ELBCore
import ELBModel
import ELBNet
import ELBWire
import NIOCore

// A response's way out: from the target or from the balancer itself.
extension ClientRequest {
    // MARK: From the target

    /// Some bytes of a response came.
    func responseBytesSeen() {
        self.exchange.responseBytesSeen()
    }

    /// A 1xx response. 100 is ours to send and was sent if the client asked for it; others are passed on to clients that know
    /// them (RFC 9110, section 15.2).
    func interimResponse(_ head: borrowing ResponseHead, bytes: Span<UInt8>) {
        guard head.status != 100, self.head.version == .http11 else { return }
        self.passInterim(head, bytes: bytes)
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
        if let group = self.pool?.group {
            group.counters.countTarget(status: head.status)
            group.counters.targetResponseTime.record(nanoseconds: now &- self.sentAt)
        }
        self.exchange.responseHeadReceived(head, untilClose: length == .untilClose)
        let losesLength = self.node.settings.quirks.contains(.responseLengthDropped)
        if dropsChunking || losesLength { self.exchange.responseEndsWithClose() }
        if let plan = self.stickyPlan { self.addStickyCookies(plan, head, bytes: bytes) }
        self.prepareResponseHead(head, bytes: bytes, dropsChunking: dropsChunking)
    }

    /// The target agreed to the WebSocket that the client asked for. What it sends from now on, and what the client sends, is
    /// relayed as it comes; the line in the access log is written when the tunnel ends (ALB-LOG-004).
    func protocolsSwitched(_ head: borrowing ResponseHead, bytes: Span<UInt8>, at now: UInt64) {
        self.answeredAt = now
        self.lastActivity = now
        self.record.status = head.status
        self.record.targetStatus = head.status
        self.record.kind = self.record.kind.upgraded
        self.exchange.protocolsSwitched()
        self.openTunnel(head, bytes: bytes)
    }

    /// The last byte of the response has been written.
    func responseEnded(at now: UInt64) {
        let persists = self.exchange.responseEnded()
        self.responseIsWhole()
        self.flush()
        self.finishRecord(at: now)
        self.releaseTarget(keep: persists.target, RequestOutcome(targetStatus: self.record.targetStatus))
        let hadWholeRequest = self.exchange.hasWholeRequest
        self.exchange.finished()
        self.bodyEnded()
        self.exchangeOver(keepsClient: persists.client, hadWholeRequest: hadWholeRequest)
    }

    /// The target refused, closed, timed out or sent garbage.
    func targetFailed(_ failure: Exchange.TargetFailure) {
        switch failure {
        case .refused, .connectTimeout: self.pool?.group.counters.targetConnectionErrorCount += 1
        case .tlsHandshakeFailed, .tlsHandshakeTimeout: self.pool?.group.counters.targetTLSNegotiationErrorCount += 1
        case .closed, .malformed, .deregistered, .idleTimeout: break
        }
        switch self.exchange.targetFailed(failure) {
        case .nothing: self.releaseTarget(keep: false)
        case .retry:
            let pool = self.pool
            self.releaseTarget(keep: false)
            if let pool { self.dispatch(to: pool, at: self.node.now()) }
        case .answer(let usual):
            let isClassic = self.node.settings.quirks.contains(.classic)
            if isClassic, self.triesAnotherInstance(after: failure) { return }
            let status = isClassic ? failure.classicStatus : usual
            self.releaseTarget(keep: false, failure.outcome)
            switch failure {
            case .refused, .connectTimeout, .tlsHandshakeFailed, .tlsHandshakeTimeout: self.sentAt = 0
            case .closed, .malformed, .deregistered, .idleTimeout: break
            }
            self.answer(status: status)
        case .endTunnel:
            self.releaseTarget(keep: false)
            self.finishRecord(at: self.node.now())
            self.exchange.finished()
            self.exchangeOver(keepsClient: false, hadWholeRequest: true)
        case .cutClient:
            self.releaseTarget(keep: false, failure.outcome)
            self.finishRecord(at: self.node.now())
            self.exchange.finished()
            self.cut()
        }
    }

    /// Lets go of the target's connection: kept for another request, or closed.
    ///
    /// - Parameter outcome: what the request says of the target.
    func releaseTarget(keep: Bool, _ outcome: RequestOutcome = .unknown) {
        if let pool = self.pool {
            pool.group.state.requestFinished(pool.handle, outcome)
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
        self.bodyEnded()
        self.exchangeOver(keepsClient: keepsClient, hadWholeRequest: hasWholeRequest)
    }

    /// Answers something that is not let in, and closes.
    func refuse(_ status: Int) {
        self.releaseTarget(keep: false)
        if self.record.createdAt == 0 { self.beginRecord(at: self.node.now()) }
        self.answersHead = self.head.knownMethod == .head && self.head.length > 0
        self.write(self.node.page(for: status), location: nil, keepsClient: false)
        self.exchange.finished()
        self.bodyEnded()
        self.exchangeOver(keepsClient: false, hadWholeRequest: false)
    }

    private func write(_ response: PreparedResponse, location: [UInt8]?, keepsClient: Bool) {
        self.answeredAt = self.node.now()
        self.record.status = response.status
        self.record.sentBytes += self.writeOwn(response, location: location, keepsClient: keepsClient)
        self.node.counters.countOwn(status: response.status)
        self.finishRecord(at: self.answeredAt)
    }

    /// The client closed before it had its answer: 460, or 400 if it had not even sent its request (ALB-ERR-006, -017).
    func clientLeft() {
        if !self.exchange.responseStarted {
            // A Classic Load Balancer knows one status for both (CLB-ER-003).
            let isClassic = self.node.settings.quirks.contains(.classic)
            let status = isClassic ? 408 : self.exchange.hasWholeRequest ? 460 : 400
            self.record.status = status
            self.node.counters.countOwn(status: status)
        }
        self.finishRecord(at: self.node.now())
        self.exchange.finished()
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
        if self.isGRPC { self.record.kind = .grpcs }
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
        if let question = self.pendingQuestion {
            question.call?.cancel()
            self.pendingQuestion = nil
        }
        guard self.record.createdAt != 0 else { return }
        self.record.respondedAt = self.node.wallClock(at: now)
        let reachedTarget = self.sentAt != 0
        let gotAnswer = reachedTarget && self.record.targetStatus != 0
        self.record.requestProcessing = reachedTarget ? self.sentAt &- self.receivedAt : nil
        self.record.targetProcessing = gotAnswer ? self.answeredAt &- self.sentAt : nil
        self.record.responseProcessing = gotAnswer ? now &- self.answeredAt : nil
        self.countBytes(self.record.sentBytes)
        self.node.log(&self.record)
    }
}
