import ELBCore
import ELBModel
import ELBWire
import NIOCore

// A request's way in: from the complete head to the target.
extension ClientRequest {
    /// The head in `self.head` is complete and lies at the start of `inbound`.
    func requestReceived() {
        let now = self.lastActivity
        let settings = self.node.settings
        self.receivedAt = now
        self.requestAdditions.removeAll(keepingCapacity: true)
        self.responseAdditions.removeAll(keepingCapacity: true)
        self.responseEdits = self.listener.rules.responseHeaders
        if self.rewritten != nil { self.rewritten = nil }
        self.stickyPlan = nil
        self.beginRecord(at: now)
        self.answersHead = self.head.knownMethod == .head

        let admission = RequestAdmission(
            self.head,
            bytes: self.inbound.readableBytesUInt8Span,
            mode: settings.desyncMode,
            forwarded: self.listener.rules.forwardedHeaders,
            quirks: settings.quirks
        )
        self.record.verdict = admission.verdict
        if admission.verdict.desyncClass != .compliant {
            self.node.counters.desyncMitigationModeNonCompliantRequestCount += 1
        }
        switch admission.decision {
        case .refuse(let status):
            self.refuse(status.rawValue)
        case .admit(let length, let closesAfterwards):
            self.admit(length, closesAfterwards: closesAfterwards, now: now)
        }
    }

    private func admit(_ length: BodyLength, closesAfterwards: Bool, now: UInt64) {
        let quirks = self.node.settings.quirks
        self.exchange.admitted(
            self.head,
            hasBody: length != .none,
            closesAfterwards: closesAfterwards,
            retriesAnything: quirks.contains(.retriesPost)
        )
        if self.node.isStopping || self.isLastOfConnection(at: now) || quirks.contains(.keepAliveNever) {
            self.exchange.clientConnectionExpires()
        }
        self.bodyBegins(length)
        // Almost no request gets further than the first half.
        self.asksForUpgrade =
            self.head.framing.connection.contains(.upgrade) && !quirks.contains(.upgradeDropped)
            && self.asksForWebSocket(length)
        if self.head.framing.expectsContinue, self.head.version == .http11 { self.sendContinue() }

        self.decide(Admission(length: length, closesAfterwards: closesAfterwards))
    }

    /// What an admitted request's body and connections are like.
    struct Admission {
        var length: BodyLength
        var closesAfterwards: Bool
        /// The rule that has taken it.
        var match = RuleMatch(action: 0, priority: 0)
    }

    /// Finds the rule that takes the request, asks what the rule wants to know, and carries its action out.
    func decide(_ undecided: Admission) {
        var admission = undecided
        let rules = self.listener.rules
        admission.match = rules.match(self.head, bytes: self.inbound.readableBytesUInt8Span, peer: self.peer)
        self.record.rulePriority = admission.match.priority
        self.node.counters.countEvaluations(admission.match.evaluations)
        if !rules.questions.isEmpty, self.isHeldBack(admission.match, admission) { return }
        self.carryOut(admission)
    }

    /// What the sender was asked has been answered. The URL is rewritten only now: users come back to the one they asked for.
    func carryOut(_ admission: Admission) {
        let rules = self.listener.rules
        var match = admission.match
        if let transforms = rules.transforms(of: match) {
            guard let followed = self.apply(transforms, of: match) else { return }
            match = followed
        }
        switch rules.action(of: match) {
        case .forward(let weights):
            self.record.action = .forward
            self.forward(to: weights, length: admission.length, closesAfterwards: admission.closesAfterwards)
        case .redirect(let template):
            self.redirect(by: template)
        case .fixedResponse(let response):
            self.record.action = .fixedResponse
            self.node.counters.httpFixedResponseCount += 1
            self.consumeHead()
            self.answer(with: response)
        }
    }

    private func asksForWebSocket(_ length: BodyLength) -> Bool {
        let inbound = self.inbound
        return WebSocketUpgrade.isAskedFor(by: self.head, bytes: inbound.readableBytesUInt8Span, length: length)
    }

    func consumeHead() {
        self.inbound.moveReaderIndex(forwardBy: min(self.head.length, self.inbound.readableBytes))
    }

    private func redirect(by template: RedirectTemplate) {
        self.record.action = .redirect
        self.scratch.removeAll()
        let rules = self.listener.rules
        let expansion = template.expand(
            self.head,
            bytes: self.inbound.readableBytesUInt8Span,
            listener: (rules.protocol, rules.port),
            into: &self.scratch
        )
        self.consumeHead()
        switch expansion {
        case .tooLong:
            self.node.counters.httpRedirectURLLimitExceededCount += 1
            self.answer(status: 507)
        case .expanded:
            self.node.counters.httpRedirectCount += 1
            self.record.redirectURL = self.scratch.bytes
            self.answer(with: template.response, location: self.record.redirectURL)
        }
    }

    private func forward(to weights: WeightedTargetGroups, length: BodyLength, closesAfterwards: Bool) {
        let node = self.node
        let choice =
            if let stickiness = weights.stickiness { self.stickyGroup(of: weights, stickiness) } else {
                weights.choose(using: &node.generator)
            }
        guard let index = choice, index < node.groups.count else {
            self.consumeHead()
            self.answer(status: 503)
            return
        }
        let group = node.groups[index]
        self.record.targetGroup = group.logText
        let target =
            if let policy = group.state.stickiness { self.stickyTarget(in: group, policy) } else {
                group.state.selectTarget(now: self.receivedAt, using: &node.generator)
            }
        guard let selected = target else {
            self.consumeHead()
            self.answer(status: 503)
            return
        }
        guard self.canSpeak(group.protocolVersion) else {
            self.consumeHead()
            self.answer(status: 464)
            return
        }
        group.counters.requestCount += 1
        if self.isIPv6 { group.counters.ipv6RequestCount += 1 }
        if self.isGRPC { group.counters.grpcRequestCount += 1 }
        if selected.isFailOpen { group.counters.unhealthyRoutingRequestCount += 1 }
        if let functions = group.functions {
            self.invoke(selected, of: group, pool: functions, length: length, closesAfterwards: closesAfterwards)
            return
        }
        self.makeForwardedHead(length: length, closesAfterwards: closesAfterwards)
        self.consumeHead()
        self.dispatch(to: group.pool(for: selected), at: self.receivedAt)
    }

    /// Whether what the client speaks can be said to the group's targets (ALB-HTTP-009).
    private func canSpeak(_ version: TargetGroup.ProtocolVersion) -> Bool {
        if self.node.settings.quirks.contains(.versionMismatchAllowed) { return true }
        return switch version {
        case .http1: !self.isGRPC
        case .http2: self.speaksHTTP2
        case .grpc: self.speaksHTTP2 && (self.isGRPC || self.head.knownMethod == .post)
        }
    }

    /// Assembles the target's head in `scratch`, where it stays until the first byte of a response.
    func makeForwardedHead(length: BodyLength, closesAfterwards: Bool) {
        let node = self.node
        let rules = self.listener.rules
        if self.forwardedEpoch != node.epoch {
            self.forwardedEpoch = node.epoch
            self.forwardedEntry = rules.forwardedHeaders.entry(of: self.peer, port: self.peerPort)
            if let session = self.session { self.sessionLines = rules.tls?.requestHeaders.lines(for: session) ?? [] }
        }
        if !self.sessionLines.isEmpty { self.requestAdditions += self.sessionLines }
        if node.settings.quirks.contains(.classic) { self.nameNode() }
        self.noteInvalidNames()
        self.scratch.removeAll()
        let traceID = OutgoingRequestHead.append(
            self.head,
            bytes: self.inbound.readableBytesUInt8Span,
            length: length,
            closesAfterwards: closesAfterwards,
            upgrades: self.asksForUpgrade,
            dropsInvalidNames: node.settings.dropsInvalidNames,
            additions: self.requestAdditions,
            quirks: node.settings.quirks,
            rewritten: self.rewritten,
            forwarded: rules.forwardedHeaders,
            client: self.forwardedEntry,
            epochSeconds: UInt32(truncatingIfNeeded: node.wallClock(at: self.receivedAt) / 1_000_000),
            generator: &node.generator,
            to: &self.scratch
        )
        self.record.noteTraceID(of: self.scratch, at: traceID)
    }

    private func noteInvalidNames() {
        guard self.head.findings.contains(.nameOutsideAWSAlphabet) else { return }
        if self.node.settings.dropsInvalidNames {
            self.node.counters.droppedInvalidHeaderRequestCount += 1
        } else {
            self.node.counters.forwardedInvalidHeaderRequestCount += 1
        }
    }

    /// Sends the request to a connection of the pool, a kept one if there is one.
    ///
    /// - Parameter now: the time; the clock is read once per event and handed on.
    func dispatch(to pool: TargetPool, at now: UInt64) {
        self.pool = pool
        self.record.target = pool.logText
        pool.group.state.requestStarted(pool.handle)
        self.takesChunks = pool.group.protocolVersion == .http1
        guard self.takesChunks else {
            let connection = pool.multiplexedConnection(at: self.node)
            let stream = HTTP2TargetStream(for: self, on: connection)
            self.target = stream
            connection.serve(stream)
            return
        }
        if let kept = pool.takeIdle() {
            self.target = kept
            kept.assign(to: self)
            self.targetReady(kept, reused: true, at: now)
        } else if !self.node.settings.quirks.contains(.classic) || self.joinsSurgeQueue() {
            self.target = TargetConnection.connect(for: self, pool: pool, node: self.node)
        }
    }

    /// The connection can take the request.
    func targetReady(_ target: TargetExchange, reused: Bool, at now: UInt64) {
        self.sentAt = now
        self.exchange.sent(reused: reused)
        target.send(requestOf: self, at: now)
        self.process()
        if !self.exchange.isIdle { target.flush() }
    }

    // MARK: Body

    /// Passes on what has come of the body. False if nothing more can be done now.
    func relayRequestBody() -> Bool {
        guard let target = self.target, target.isReady else { return false }
        guard let slice = self.takeBody() else {
            self.requestBodyMalformed()
            return false
        }
        if slice.readableBytes > 0 { target.write(slice) }
        if !self.hasMoreBody {
            self.endRequestBody()
            target.finishBody()
        }
        return self.inbound.readableBytes > 0 && target.isWritable
    }

    /// The last part of the body has been handed to the target.
    func endRequestBody() {
        self.bodyEnded()
        self.exchange.requestBodyEnded()
    }

    /// What has been sent to the target cannot be taken back, but it must not be taken for a whole request.
    func requestBodyMalformed() {
        self.releaseTarget(keep: false)
        if self.exchange.responseStarted {
            self.finishRecord(at: self.node.now())
            self.exchange.finished()
            self.cut()
        } else {
            self.refuse(400)
        }
    }
}
