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
    do {
        connection = try Connection(to: target.address, target.port, within: 60)
    } catch {
        try discardBody(of: request, from: client.connection)
        try client.answer(502)
        return true
    }
    defer { connection.close() }
    connection.setTimeout(nil)
    try connection.send(request.bytes(fields))
    try copyBody(of: request, from: client.connection) { try connection.send($0) }
    while true {
        guard let response = try Message(from: connection) else {
            try client.answer(502)
            return true
        }
        try client.connection.send(response.bytes(response.fields + cookies))
        let status = Int(response.start[1]) ?? 0
        if status < 200 { continue }
        if request.start[0] == "HEAD" || status == 204 || status == 304 { return true }
        try copyBody(of: response, from: connection, untilEnd: true) { try client.connection.send($0) }
        return try response.isChunked || response.length != nil
    }
}
