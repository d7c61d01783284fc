package import ELBModel

/// Raw connections on threads of their own: the script blocks, the caller does not.
package final class RawClient: Sendable {
    private let pool: ThreadPool

    package init(parallelism: Int = 8) {
        self.pool = ThreadPool(threads: parallelism)
    }

    /// What a script found on its connection.
    package struct Outcome: Sendable {
        package var received: [UInt8]
        /// How the other side ended the connection, `nil` while it is open.
        package var end: RawConnection.End?
        /// Why there was no connection.
        package var failure: RawConnection.Failure?

        /// The complete answers; `methods` as in `RawAnswer.all`.
        package func answers(to methods: [String] = []) -> [RawAnswer] {
            RawAnswer.all(in: self.received, methods: methods, isAtEnd: self.end == .closed)
        }
    }

    /// Connects and runs the script on a thread; the connection is closed when it returns.
    package func run(
        to endpoint: Endpoint,
        from source: IPAddress? = nil,
        connectWithin limit: Duration = .seconds(5),
        script: @escaping @Sendable (RawConnection) -> Void
    ) async -> Outcome {
        await self.pool.run {
            do throws(RawConnection.Failure) {
                let connection = try RawConnection(to: endpoint, from: source, within: limit)
                script(connection)
                return Outcome(received: connection.received, end: connection.end, failure: nil)
            } catch {
                return Outcome(received: [], end: nil, failure: error)
            }
        }
    }

    /// Connects, from `source` if it is given, and runs the script on a thread; the connection is closed when it returns.
    package func onConnection<Value: Sendable>(
        to endpoint: Endpoint,
        from source: IPAddress? = nil,
        script: @escaping @Sendable (RawConnection) -> Value
    ) async -> Result<Value, any Error> {
        await self.pool.run {
            Result { script(try RawConnection(to: endpoint, from: source, within: .seconds(5))) }
        }
    }

    /// Sends and receives datagrams on a thread.
    package func onDatagrams<Value: Sendable>(
        to endpoint: Endpoint,
        from source: IPAddress? = nil,
        script: @escaping @Sendable (RawDatagrams) -> Value
    ) async -> Result<Value, any Error> {
        await self.pool.run { Result { script(try RawDatagrams(to: endpoint, from: source)) } }
    }

    /// Connects, in clear text or by TLS, and runs the script on a thread; the connection is closed when it returns.
    package func onStream<Value: Sendable>(
        to endpoint: Endpoint,
        tls: TLSChoice = .none,
        connectWithin limit: Duration = .seconds(10),
        script: @escaping @Sendable (any ByteStream) -> Value
    ) async -> Result<Value, any Error> {
        await self.pool.run {
            Result {
                switch tls {
                case .none: script(try RawConnection(to: endpoint, within: limit))
                case .http11(let name):
                    script(try TLSConnection(to: endpoint, name: name, http2: false, within: limit))
                case .http2(let name): script(try TLSConnection(to: endpoint, name: name, within: limit))
                }
            }
        }
    }

    /// Sends the bytes in one piece and receives until `answers` complete answers have come, the other side ends, or the
    /// limit is reached.
    package func send(
        _ bytes: [UInt8],
        to endpoint: Endpoint,
        methods: [String] = ["GET"],
        answers: Int = 1,
        within limit: Duration = .seconds(10)
    ) async -> Outcome {
        await self.run(to: endpoint) { connection in
            connection.send(bytes)
            connection.receive(within: limit) { received in
                RawAnswer.all(in: received, methods: methods, isAtEnd: false).count(where: { $0.status >= 200 })
                    >= answers
            }
        }
    }
}
