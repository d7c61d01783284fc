import ELBCore
import NIOCore
import NIOHPACK
import NIOHTTP2

/// Asks over HTTP/2, as groups of protocol version HTTP2 and GRPC are asked (ALB-HC-019): one stream, and the answer's status, or
/// for gRPC the call's.
final class HTTP2ProbeHandler: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    /// What is asked.
    enum Question {
        /// GET of the path (ALB-HC-003).
        case get
        /// A call of the method with an empty message (ALB-HC-012).
        case call
    }

    private let question: Question
    private let request: HPACKHeaders
    private let answered: (ProbeHandler.Answer) -> Void

    /// - Parameters:
    ///   - path: or the gRPC method.
    ///   - authority: as in Host (ALB-HC-016).
    ///   - userAgent: `nil` leaves it out.
    init(
        _ question: Question,
        path: String,
        authority: String,
        isSecure: Bool,
        userAgent: String?,
        answered: @escaping (ProbeHandler.Answer) -> Void
    ) {
        self.question = question
        self.answered = answered
        var request: HPACKHeaders = [
            ":method": question == .get ? "GET" : "POST", ":scheme": isSecure ? "https" : "http", ":path": path,
            ":authority": authority,
        ]
        if let userAgent { request.add(name: "user-agent", value: userAgent) }
        if question == .call {
            request.add(name: "content-type", value: "application/grpc")
            request.add(name: "te", value: "trailers")
        }
        self.request = request
    }

    /// The codec that stands before this handler.
    static func codec() -> NIOHTTP2Handler {
        NIOHTTP2Handler(mode: .client, connectionConfiguration: .init(), streamConfiguration: .init())
    }

    func channelActive(context: ChannelHandlerContext) {
        let stream: HTTP2StreamID = 1
        let isWhole = self.question == .get
        let headers = HTTP2Frame.FramePayload.Headers(headers: self.request, endStream: isWhole)
        context.write(self.wrapOutboundOut(HTTP2Frame(streamID: stream, payload: .headers(headers))), promise: nil)
        if !isWhole {
            // Not compressed, no bytes: the length-prefixed form of an empty message.
            let message = ByteBuffer(repeating: 0, count: 5)
            let data = HTTP2Frame.FramePayload.Data(data: .byteBuffer(message), endStream: true)
            context.write(self.wrapOutboundOut(HTTP2Frame(streamID: stream, payload: .data(data))), promise: nil)
        }
        context.flush()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data).payload {
        case .headers(let headers): self.received(headers.headers, isLast: headers.endStream)
        case .rstStream, .goAway: self.answered(.unusable)
        case .data(let data):
            // A call that ends without trailers says nothing of how it ended.
            if data.endStream, self.question == .call { self.answered(.unusable) }
        case .settings, .ping, .priority, .pushPromise, .windowUpdate, .alternativeService, .origin: break
        }
    }

    private func received(_ headers: HPACKHeaders, isLast: Bool) {
        switch self.question {
        case .get:
            guard let status = headers.first(name: ":status").flatMap({ Int($0) }) else { return }
            // An interim answer is not the answer.
            if status >= 200 { self.answered(.status(status)) }
        case .call:
            if let status = headers.first(name: "grpc-status").flatMap({ Int($0) }), status >= 0 {
                self.answered(.status(status))
            } else if isLast {
                self.answered(.unusable)
            }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.answered(.unusable)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.answered(.unusable)
        context.close(promise: nil)
    }
}
