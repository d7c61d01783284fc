import NIOCore
import NIOPosix

/// A client that sends any bytes and tells exactly what came back and how the connection ended.
final class RawClient: Sendable {
    enum Ending: Equatable {
        case inOrder
        case reset
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        var bytes: [UInt8] = []
        var ending: Ending?
        private var error: Ending?
        private var waiters: [(count: (([UInt8]) -> Bool)?, promise: EventLoopPromise<[UInt8]>)] = []

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            self.bytes += self.unwrapInboundIn(data).readableBytesView
            self.check()
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            if (error as? IOError)?.errnoCode == 104 { self.error = .reset }
            context.close(promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            self.ending = self.error ?? .inOrder
            self.check()
        }

        func wait(_ condition: (([UInt8]) -> Bool)?, _ promise: EventLoopPromise<[UInt8]>) {
            self.waiters.append((condition, promise))
            self.check()
        }

        private func check() {
            self.waiters.removeAll { waiter in
                if waiter.count?(self.bytes) ?? false {
                    waiter.promise.succeed(self.bytes)
                } else if self.ending != nil {
                    waiter.count == nil ? waiter.promise.succeed(self.bytes) : waiter.promise.fail(ChannelError.eof)
                } else {
                    return false
                }
                return true
            }
        }
    }

    private let channel: any Channel
    private let collector: NIOLoopBound<Collector>

    private init(_ channel: any Channel, _ collector: NIOLoopBound<Collector>) {
        self.channel = channel
        self.collector = collector
    }

    /// - Throws: when nothing accepts within `timeout`.
    static func connect(
        _ port: Int,
        address: String = "127.0.0.1",
        timeout: TimeAmount = .seconds(10)
    ) async throws -> RawClient {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let collector = try await loop.submit { NIOLoopBound(Collector(), eventLoop: loop) }.get()
        let channel = try await ClientBootstrap(group: loop)
            .connectTimeout(timeout)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(collector.value)
                }
            }
            .connect(host: address, port: port).get()
        return RawClient(channel, collector)
    }

    func send(_ text: String) async throws {
        try await self.send(Array(text.utf8))
    }

    func send(_ bytes: [UInt8]) async throws {
        try await self.channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
    }

    /// All bytes so far, as soon as they satisfy the condition.
    func received(until condition: @escaping @Sendable ([UInt8]) -> Bool) async throws -> [UInt8] {
        try await self.wait(condition)
    }

    /// All text so far, as soon as it ends so.
    func received(endingWith suffix: String) async throws -> String {
        let bytes = try await self.received { String(decoding: $0, as: UTF8.self).hasSuffix(suffix) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Everything until the server ended the connection.
    func receivedUntilEnd() async throws -> (bytes: [UInt8], ending: Ending) {
        let bytes = try await self.wait(nil)
        let ending = try await self.channel.eventLoop.submit { self.collector.value.ending ?? .inOrder }.get()
        return (bytes, ending)
    }

    func close() async {
        try? await self.channel.close()
    }

    private func wait(_ condition: (@Sendable ([UInt8]) -> Bool)?) async throws -> [UInt8] {
        try await self.channel.eventLoop.flatSubmit {
            let promise = self.channel.eventLoop.makePromise(of: [UInt8].self)
            self.collector.value.wait(condition, promise)
            return promise.futureResult
        }.get()
    }
}
