import ELBCore
import ELBModel
import ELBNet
import ELBWire
import NIOCore

// What a rule asks about the sender before its action is carried out: most requests are asked nothing. An answer may have to be
// waited for; the request's head then stays in `inbound`, at most as much of its body as always is read, and everything
// behind it waits.
extension ClientRequest {
    /// Asks what the rule that took the request wants to know. True if the request has been answered, or waits for somebody else's
    /// answer; false if it goes on at once.
    func isHeldBack(_ match: RuleMatch, _ admission: Admission) -> Bool {
        let rules = self.listener.rules
        let inbound = self.inbound
        let bytes = inbound.readableBytesUInt8Span
        let context = self.node.authenticationContext(at: self.receivedAt)
        if rules.questions.isCallback(self.head, bytes: bytes) {
            self.record.earlierActions.insert(.authenticate)
            switch LoginCallback(self.head, bytes: bytes, logins: rules.questions.logins, context) {
            case .refuse(let answer): self.refuse(with: answer)
            case .exchange(let session): self.converse(session, admission)
            }
            return true
        }
        switch rules.questions.question(of: match) {
        case nil: return false
        case .login(let login):
            self.record.earlierActions.insert(.authenticate)
            return self.isHeldBack(by: login.admit(self.head, bytes: bytes, context), admission)
        case .token(let check):
            switch check.read(self.head, bytes: bytes) {
            case .refuse(let answer): self.refuse(with: answer)
            case .token(let token): return self.isHeldBack(by: check, token, admission)
            }
            return true
        }
    }

    // MARK: Logins

    private func isHeldBack(by decision: CompiledLogin.Decision, _ admission: Admission) -> Bool {
        switch decision {
        case .pass(let identity):
            self.requestAdditions += identity
            return false
        case .redirect(let answer), .refuse(let answer): self.refuse(with: answer)
        case .refresh(let session): self.converse(session, admission)
        }
        return true
    }

    /// Talks to the provider until a session has come of it, or none.
    private func converse(_ session: ProviderSession, _ admission: Admission) {
        let question = PendingQuestion(admission, epoch: self.node.epoch, askedAt: self.node.now())
        self.pendingQuestion = question
        self.ask(session.firstRequest, session, question)
    }

    private func ask(_ request: ProviderRequest, _ session: ProviderSession, _ question: PendingQuestion) {
        question.call = self.node.providers.ask(request) { [weak self] answer in
            guard let self, self.pendingQuestion === question else { return }
            self.providerAnswered(answer, session, question)
        }
    }

    private func providerAnswered(_ answer: ProviderAnswer, _ before: ProviderSession, _ question: PendingQuestion) {
        var session = before
        let now = self.node.now()
        let context = self.node.authenticationContext(at: now)
        let step = session.answered(answer, context)
        if case .ask(let request) = step {
            self.ask(request, session, question)
            return
        }
        self.node.counters.elbAuthLatency.record(nanoseconds: now &- question.askedAt)
        self.pendingQuestion = nil
        switch step {
        case .ask: break
        case .loggedIn(let answer):
            self.node.counters.elbAuthSuccess += 1
            self.refuse(with: answer)
        case .refuse(let answer):
            self.refuse(with: answer)
        case .refreshed(let identity, let cookies):
            self.node.counters.elbAuthRefreshTokenSuccess += 1
            self.goOn(question, identity: identity, cookies: cookies)
        case .notRefreshed:
            let inbound = self.inbound
            let decision = session.login.refreshFailed(self.head, bytes: inbound.readableBytesUInt8Span, context)
            if !self.isHeldBack(by: decision, question.admission) { self.goOn(question) }
        }
    }

    // MARK: Tokens

    private func isHeldBack(
        by check: CompiledTokenCheck,
        _ token: CompiledTokenCheck.Token,
        _ admission: Admission
    ) -> Bool {
        if let keys = self.node.keySets.known(check.jwksEndpoint, keyID: token.keyID, now: self.receivedAt) {
            return self.isHeldBack(by: self.judge(token, by: keys, check))
        }
        let question = PendingQuestion(admission, epoch: self.node.epoch, askedAt: self.receivedAt)
        self.pendingQuestion = question
        self.node.keySets.fetch(by: check) { [weak self] reading in
            guard let self, self.pendingQuestion === question else { return }
            self.pendingQuestion = nil
            switch reading {
            case .refuse(let answer): self.refuse(with: answer)
            case .keys(let keys):
                if !self.isHeldBack(by: self.judge(token, by: keys, check)) { self.goOn(question) }
            }
        }
        return true
    }

    private func judge(
        _ token: CompiledTokenCheck.Token,
        by keys: KeySet,
        _ check: CompiledTokenCheck
    ) -> CompiledTokenCheck.Judgement {
        check.judge(token, by: keys, self.node.authenticationContext(at: self.node.now()))
    }

    private func isHeldBack(by judgement: CompiledTokenCheck.Judgement) -> Bool {
        switch judgement {
        case .valid: return false
        case .unknownKey: self.refuse(with: CompiledTokenCheck.unknownKeyAnswer)
        case .refuse(let answer): self.refuse(with: answer)
        }
        return true
    }

    // MARK: Going on

    /// Carries out the rule's action. If the configuration has changed while the request waited, everything is decided anew: its
    /// rule may be gone, or ask something else.
    private func goOn(_ question: PendingQuestion, identity: [UInt8] = [], cookies: [UInt8] = []) {
        guard question.epoch == self.node.epoch else {
            self.requestAdditions.removeAll(keepingCapacity: true)
            self.decide(question.admission)
            self.process()
            return
        }
        self.requestAdditions += identity
        self.responseAdditions += cookies
        self.carryOut(question.admission)
        self.process()
    }

    /// Answers in place of the rule's action.
    private func refuse(with answer: OwnAnswer) {
        self.record.errorReason = answer.reason
        self.countAuthentication(answer)
        if !answer.location.isEmpty { self.record.redirectURL = answer.location }
        self.consumeHead()
        self.answer(
            with: self.node.page(for: answer.status).adding(fields: answer.fields),
            location: answer.location.isEmpty ? nil : answer.location
        )
    }

    private func countAuthentication(_ answer: OwnAnswer) {
        switch answer.reason?.authenticationMetric {
        case .error: self.node.counters.elbAuthError += 1
        case .failure: self.node.counters.elbAuthFailure += 1
        case .userClaimsSizeExceeded: self.node.counters.elbAuthUserClaimsSizeExceeded += 1
        case .tokenFailure: self.node.counters.jwtValidationFailureCount += 1
        case nil where answer.status == 561: self.node.counters.elbAuthFailure += 1
        case nil: break
        }
    }
}

/// What a request waits for before its action is carried out.
final class PendingQuestion {
    let admission: ClientRequest.Admission
    /// The configuration that the question belongs to.
    let epoch: Int
    let askedAt: UInt64
    /// The provider that is being asked; keys are asked for on behalf of all requests, and nobody's leaving ends that.
    var call: ProviderCall?

    init(_ admission: ClientRequest.Admission, epoch: Int, askedAt: UInt64) {
        self.admission = admission
        self.epoch = epoch
        self.askedAt = askedAt
    }
}
