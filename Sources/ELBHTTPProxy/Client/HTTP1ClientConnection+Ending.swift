import ELBCore
import ELBNet
import NIOCore

// How a client's connection ends: in order, lingering, cut, or by a time limit.
extension HTTP1ClientConnection {
    /// The connection is gone, whoever closed it.
    func connectionLost() {
        if case .closed = self.phase { return }
        let wasOpen = if case .open = self.phase { true } else { false }
        self.phase = .closed
        self.node.wheel.remove(self)
        if wasOpen, !self.exchange.isIdle { self.clientLeft() }
        self.releaseTarget(keep: false)
        self.node.clientClosed(self)
        self.context = nil
        self.inbound = self.node.emptyBuffer
    }

    /// Closes once everything written is out.
    func closeAfterFlush() {
        guard case .open = self.phase, let context = self.context else { return }
        self.phase = .closing
        let written = context.writeAndFlush(self.wrapOutboundOut(self.node.emptyBuffer))
        written.assumeIsolated().whenComplete { _ in self.context?.close(promise: nil) }
    }

    /// Closes our side once everything written is out, and reads on for a while: closing at once with unread bytes would make
    /// TCP reset the connection, and the client might never see why it was refused.
    func closeLingering() {
        guard case .open = self.phase, let context = self.context else { return }
        // As long as any other client to read its answer; then a while more.
        self.linger(max(self.node.settings.idleTimeout, Self.lingerNanoseconds))
        self.inbound = self.node.emptyBuffer
        let written = context.writeAndFlush(self.wrapOutboundOut(self.node.emptyBuffer))
        written.assumeIsolated().whenComplete { _ in
            guard case .lingering = self.phase else { return }
            self.linger(Self.lingerNanoseconds)
            self.context?.close(mode: .output, promise: nil)
        }
        if !self.isReading {
            self.isReading = true
            try? context.channel.syncOptions?.setOption(.autoRead, value: true)
        }
    }

    private func linger(_ nanoseconds: UInt64) {
        let end = self.node.now() &+ nanoseconds
        self.phase = .lingering(until: end)
        self.node.wheel.add(self, at: end)
    }

    /// The balancer stops: an idle connection closes now, a busy one after its response.
    func stopGracefully() {
        if self.exchange.isIdle, self.inbound.readableBytes == 0 {
            // Not cut: the end of its last answer may still be on its way.
            self.closeAfterFlush()
        } else {
            self.exchange.clientConnectionExpires()
        }
    }
}

extension HTTP1ClientConnection: DeadlineObserver {
    func deadlineReached(now: UInt64) -> UInt64? {
        self.noticeReading(now: now)
        let deadline = self.lastActivity &+ self.node.settings.idleTimeout
        // Nobody tells us that a client reads a little, so we look more often.
        let nextLook = self.isWritable ? deadline : min(deadline, now &+ self.node.settings.idleTimeout / 4)
        switch self.phase {
        case .closed: return nil
        case .closing:
            // Its last answer has been waiting for it since then.
            if now < deadline { return nextLook }
            self.context?.close(promise: nil)
            return nil
        case .lingering(let end):
            if now < end { return end }
            self.context?.close(promise: nil)
            return nil
        case .open: break
        }
        // While the answer is awaited, or the target does not take what we hold, it is the target's timer that counts
        // (ALB-CONN-001).
        let isHeldBack = self.exchange.hasWholeRequest || !self.isReading
        let waitsForTarget = isHeldBack && !self.exchange.isIdle && self.isWritable
        if now < deadline { return nextLook }
        if waitsForTarget { return now &+ self.node.settings.idleTimeout }
        self.idleTimeoutReached(now: now)
        // A refused client lingers and has been given its own time.
        if case .open = self.phase { return now &+ self.node.settings.idleTimeout }
        return nil
    }

    /// A client that reads slowly moves, too, though by less than makes the channel writable again (ALB-CONN-002).
    private func noticeReading(now: UInt64) {
        let unwritten = self.unwrittenBytes
        if unwritten < self.unwrittenAtLastLook { self.lastActivity = now }
        self.unwrittenAtLastLook = unwritten
    }

    private func idleTimeoutReached(now: UInt64) {
        if self.exchange.isIdle, self.inbound.readableBytes == 0 || !self.isWritable {
            self.cut()
        } else if self.exchange.responseStarted || (self.exchange.hasWholeRequest && !self.exchange.isIdle) {
            // It does not read what it asked for.
            self.finishRecord(at: now)
            self.exchange.finished()
            self.cut()
        } else {
            self.refuse(408)
        }
    }
}
