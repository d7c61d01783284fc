/// Where connection log lines go. Called from event loops, so it must not block.
package protocol ConnectionLogSink: Sendable {
    /// Takes whole lines, each ending with a line feed. Lines of one node arrive in order.
    func write(_ lines: [UInt8])
    /// Returns when everything taken so far is where it belongs.
    func flush() async
}

extension FileAccessLogSink: ConnectionLogSink {}
