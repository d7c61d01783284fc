package import ELBFleet
package import ELBModel
internal import Glibc

extension Scene {
    /// Connects, in clear text or by TLS, and runs a script on a thread; the connection is closed when it returns.
    /// - Throws: `Problem.broken` when there is no connection, `Problem.timedOut` when there was none within our limit.
    package func onStream<Value: Sendable>(
        to listener: Endpoint,
        tls: TLSChoice = .none,
        script: @escaping @Sendable (any ByteStream) -> Value
    ) async throws -> Value {
        do {
            return try await self.stage.raw.onStream(to: listener, tls: tls, script: script).get()
        } catch {
            if Self.isOurLimit(error) { throw Problem.timedOut("no connection to \(listener) within our limit") }
            throw Problem.broken(
                tried: "connect to \(listener)",
                expected: "a connection",
                actual: "\(error)",
                evidence: []
            )
        }
    }

    /// Whether a connection did not come about because we stopped waiting, which says nothing of the subject.
    static func isOurLimit(_ error: any Error) -> Bool {
        switch error {
        case let failure as RawConnection.Failure: failure.errorNumber == ETIMEDOUT
        case let failure as TLSClientConnection.Failure: failure.isTimeout
        default: false
        }
    }

    /// What a script on a WebSocket found.
    package struct WebSocketTalk: Sendable {
        package var answer: RawAnswer?
        package var isOpen: Bool
        package var frames: [WebSocketFrame]
        package var problem: String?
        /// How the subject ended the connection, `nil` while it stood.
        package var end: RawConnection.End?

        /// The texts of the frames that have some.
        package var texts: [String] { self.frames.filter { $0.opcode == .text }.map(\.text) }

        /// For people.
        package var summary: String {
            guard self.isOpen else { return self.answer.map { "status \($0.status)" } ?? "no answer" }
            let frames = self.frames.map { "\($0.opcode.name) \($0.payload.count)" }.joined(separator: ", ")
            return "101, then [\(frames)]\(self.end.map { ", \($0.rawValue)" } ?? "")"
        }
    }

    /// Asks for a WebSocket and runs the script on it, whether it was granted or not.
    /// - Parameter path: as in `send`; the request id goes with it.
    package func talk(
        _ path: String,
        to listener: Endpoint,
        tls: TLSChoice = .none,
        headers: [CurlHeader] = [],
        script: @escaping @Sendable (WebSocketClient) -> Void = { _ in }
    ) async throws -> (talk: WebSocketTalk, hits: [Exchange.Hit]) {
        let id = self.nextID()
        let target = "\(path)\(path.contains("?") ? "&" : "?")elb-id=\(id)"
        let talk = try await self.onStream(to: listener, tls: tls) { stream in
            let client = WebSocketClient(over: stream, host: "chat.example.com", target: target, headers: headers)
            script(client)
            return WebSocketTalk(
                answer: client.answer,
                isOpen: client.isOpen,
                frames: client.frames,
                problem: client.problem,
                end: client.end
            )
        }
        return (talk, await self.hits(id))
    }
}
