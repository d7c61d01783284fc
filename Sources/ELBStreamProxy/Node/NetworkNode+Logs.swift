import ELBCore
import ELBNet
import NIOCore

// The access log, which tells of TLS listeners only (NLB-MT-009).
extension NetworkNode {
    /// A connection to a TLS listener is over.
    ///
    /// - Parameter began: on the monotonic clock; `nil` goes by the wall's, which is good enough for what lasted.
    func write(_ record: TLSLogRecord, began: UInt64? = nil) {
        guard self.accessLog.isWritten else { return }
        let now = self.wallClock
        var record = record
        record.connectionTime =
            began.map { NIODeadline.now().uptimeNanoseconds &- $0 }
            ?? max(record.handshakeTime ?? 0, UInt64(clamping: now - record.began) &* 1000)
        record.append(to: &self.accessLog.buffer, ended: now)
        self.accessLog.appended(now: now)
    }
}

extension TLSLogRecord {
    /// Takes over what the handshake has told.
    mutating func take(_ result: TLSAcceptor.Result, hasPolicy: Bool) {
        switch result {
        case .failed(let failure):
            self.certificate = failure.certificate
            self.alert = failure.alert
            self.serverName = failure.serverName
            self.offeredProtocols = hasPolicy ? failure.offeredProtocols : []
        case .established(let session):
            self.certificate = session.certificate
            self.cipherSuite = session.cipherSuite
            self.version = session.version
            self.serverName = session.serverName
            self.clientProtocol = session.applicationProtocol
            self.offeredProtocols = hasPolicy ? session.offeredProtocols : []
        }
    }
}
