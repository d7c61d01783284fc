/// Sends the request to the target and the answer to the client. False when the client's connection must end.
///
/// The other files stand ready; this one is yours. It works as lesson 03 leaves it: a new connection for every request, and as long as
/// it takes.
func exchange(
    _ request: Message,
    _ fields: [Message.Field],
    _ client: Client,
    _ target: Target,
    _ cookies: [Message.Field],
    idle: Double
) throws -> Bool {
    // TODO: keep connections. `target.idle` starts empty and is for those that wait, `target.busy` for those that carry a request
    // (lesson 14 will want to know); `target.lock { … }` lets one thread in at a time. A kept connection may have died unseen: which
    // requests may be sent again, and when?
    // TODO: errors. `idle` is how many seconds the target may be silent. What is the client told when the target refuses, is silent,
    // ends the connection, or answers something that is not HTTP? And when half the answer is with the client already?
    let connection = try Connection(to: target.address, target.port, within: 60)
    defer { connection.close() }
    connection.setTimeout(nil)
    try connection.send(request.bytes(fields))
    try copyBody(of: request, from: client.connection) { try connection.send($0) }
    guard let response = try Message(from: connection) else { return false }
    try client.connection.send(response.bytes(response.fields + cookies))
    if request.start[0] != "HEAD", response.start[1] != "204", response.start[1] != "304" {
        try copyBody(of: response, from: connection, untilEnd: true) { try client.connection.send($0) }
    }
    return try response.isChunked || response.length != nil
}
