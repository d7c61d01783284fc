/// Fields that speak of one connection, not of the message.
private let ofOneConnection: Set = ["connection", "keep-alive", "proxy-connection", "upgrade"]

/// Sends the request to the target and the answer to the client. False when the client's connection must end.
func exchange(
    _ request: Message,
    _ fields: [Message.Field],
    _ client: Client,
    _ target: Target,
    _ cookies: [Message.Field],
    idle: Double
) throws -> Bool {
    let connection: Connection
    let wasKept: Bool
    do {
        (connection, wasKept) = try target.take(within: idle)
    } catch {
        try discardBody(of: request, from: client.connection)
        try client.answer(status(of: error))
        return true
    }
    let response: Message
    do {
        try connection.send(request.bytes(fields))
        try copyBody(of: request, from: client.connection) { try connection.send($0) }
        response = try readAnswer(connection)
    } catch {
        target.end(connection)
        // A kept connection may have died unseen.
        if wasKept, case WireError.lost = error, try isHarmless(request), !target.lock({ target.isGone }) {
            return try exchange(request, fields, client, target, cookies, idle: idle)
        }
        try client.answer(status(of: error))
        return try !request.hasBody
    }
    return try relay(response, to: request, from: connection, client, target, cookies)
}

/// Passes the answer on. From here on an error cannot be told any more: the client's connection is cut.
private func relay(
    _ response: Message,
    to request: Message,
    from connection: Connection,
    _ client: Client,
    _ target: Target,
    _ cookies: [Message.Field]
) throws -> Bool {
    let fields = response.fields.filter { !ofOneConnection.contains($0.name.lowercased()) }
    let hasBody = request.start[0] != "HEAD" && response.start[1] != "204" && response.start[1] != "304"
    let endsByItself = try !hasBody || response.isChunked || response.length != nil
    do {
        try client.connection.send(response.bytes(fields + cookies))
        if hasBody {
            try copyBody(of: response, from: connection, untilEnd: true) { try client.connection.send($0) }
        }
    } catch {
        target.end(connection)
        return false
    }
    if endsByItself, !response.closes, response.start[0] == "HTTP/1.1" {
        target.keep(connection)
    } else {
        target.end(connection)
    }
    return endsByItself
}

/// Whether doing it twice is as good as doing it once.
func isHarmless(_ request: Message) throws -> Bool {
    try ["GET", "HEAD", "OPTIONS"].contains(request.start[0]) && !request.hasBody
}

/// The head of the target's answer proper; what comes before it with 1xx is passed by.
private func readAnswer(_ connection: Connection) throws -> Message {
    while let response = try Message(from: connection) {
        guard response.start[0].hasPrefix("HTTP/1."), response.start[1].count == 3, let status = Int(response.start[1]),
            (100..<600).contains(status)
        else { throw WireError.malformed }
        // Two lengths are an error, and now there is still time to tell.
        _ = try response.length
        if status >= 200 { return response }
    }
    throw WireError.lost
}

/// 504 for a target that was too slow, 502 for everything else.
func status(of error: any Error) -> Int {
    if case WireError.timedOut = error { return 504 }
    return 502
}

extension Target {
    /// A connection to the target, and whether it is one that was kept.
    func take(within idle: Double) throws -> (Connection, wasKept: Bool) {
        while let connection = self.lock({ self.idle.popLast() }) {
            guard connection.isQuiet else {
                connection.close()
                continue
            }
            self.lock { self.busy.append(connection) }
            return (connection, true)
        }
        let connection = try Connection(to: self.address, self.port, within: idle)
        self.lock { self.busy.append(connection) }
        return (connection, false)
    }

    func keep(_ connection: Connection) {
        let isGone = self.lock {
            self.busy.removeAll { $0 === connection }
            if !self.isGone { self.idle.append(connection) }
            return self.isGone
        }
        if isGone { connection.close() }
    }

    func end(_ connection: Connection) {
        self.lock { self.busy.removeAll { $0 === connection } }
        connection.close()
    }
}
