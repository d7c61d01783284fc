import Crypto
import ELBModel
import FoundationEssentials

/// A request to become a WebSocket (RFC 6455, section 4.2), and what a server says to it.
package struct WebSocketHandshake: Hashable, Sendable {
    package enum Verdict: Hashable, Sendable {
        /// With the value of Sec-WebSocket-Accept.
        case accepted(String)
        case refused(status: Int, reason: String)
    }

    package let verdict: Verdict
    /// The first of the subprotocols that the client offers; the backend speaks any.
    package let subprotocol: String?

    /// `nil` for a request that does not ask to become a WebSocket.
    package init?(_ record: RequestRecord) {
        guard Self.tokens(record, "Upgrade").contains("websocket") else { return nil }
        self.subprotocol = record.values(of: "Sec-WebSocket-Protocol").first?
            .split(separator: ",").first.map { String($0.drop { $0 == " " }.prefix { $0 != " " }) }
        let keys = record.values(of: "Sec-WebSocket-Key")
        if record.method != "GET" || record.version != "HTTP/1.1" {
            self.verdict = .refused(status: 400, reason: "a handshake is a GET of HTTP/1.1")
        } else if !Self.tokens(record, "Connection").contains("upgrade") {
            self.verdict = .refused(status: 400, reason: "a handshake has Connection: Upgrade")
        } else if record.values(of: "Sec-WebSocket-Version") != ["13"] {
            self.verdict = .refused(status: 426, reason: "only version 13 of WebSocket is spoken here")
        } else if keys.count != 1 || Data(base64Encoded: keys[0])?.count != 16 {
            self.verdict = .refused(status: 400, reason: "a handshake has one Sec-WebSocket-Key of 16 bytes")
        } else {
            self.verdict = .accepted(Self.accept(keys[0]))
        }
    }

    /// What proves that the server has read the key (section 1.3).
    package static func accept(_ key: String) -> String {
        let digest = Insecure.SHA1.hash(data: Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
        return Data(digest).base64EncodedString()
    }

    /// The 101 answer.
    func acceptance(_ accept: String, _ switches: AnswerSwitches, by backend: BackendDescription) -> [UInt8] {
        var text = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        text += "Sec-WebSocket-Accept: \(accept)\r\n"
        if let subprotocol = self.subprotocol { text += "Sec-WebSocket-Protocol: \(subprotocol)\r\n" }
        text += "X-Backend: \(backend.name)\r\n"
        for field in switches.fields { text += "\(field.name): \(field.value)\r\n" }
        return Array((text + "\r\n").utf8)
    }

    /// The answer to a handshake that is none.
    func refusal(_ status: Int, _ reason: String, by backend: BackendDescription) -> AnswerPlan {
        var draft = ResponseDraft(status: status, body: Array("\(backend.name): \(reason)\n".utf8))
        draft.fields = [RecordedField(name: "X-Backend", value: backend.name)]
        if status == 426 {
            draft.fields += [
                RecordedField(name: "Sec-WebSocket-Version", value: "13"),
                RecordedField(name: "Upgrade", value: "websocket"),
            ]
        }
        draft.closes = true
        return AnswerPlan(status: status, bytes: draft.serialized().bytes, ending: .close)
    }

    private static func tokens(_ record: RequestRecord, _ name: String) -> [String] {
        record.values(of: name).flatMap { $0.split(separator: ",") }.map { token in
            String(token.drop { $0 == " " }.prefix { $0 != " " }).lowercased()
        }
    }
}
