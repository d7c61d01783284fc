/// Our own load generator for WebSockets, run as a process of its own; see `LoadWebSocketsCommand`.
struct WebSocketEcho {
    let connections: Int

    /// Messages that are sent and come back, one at a time on each connection.
    func roundTrips(title: String) -> Load {
        Load(title: title, unit: "round trip") { port, seconds, folder in
            let output = folder.file("load-websockets.txt")
            let command = [
                System.ownPath, "load-websockets", "--port", "\(port)", "--seconds", "\(seconds)", "--connections",
                "\(self.connections)",
            ]
            try ChildProcess(ProxyMeasurement.pinned(command, toProxyCore: false), output: output).wait()
            // "1000 round trips, 0 errors"
            let words = try TextFile.read(output)
            let numbers = words.split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }
            guard numbers.count == 2, words.hasSuffix(" errors\n") else {
                throw ChildProcess.Failure(description: "the load generator for WebSockets ended early: \(words)")
            }
            return Load.Count(done: numbers[0], errors: numbers[1])
        }
    }
}
