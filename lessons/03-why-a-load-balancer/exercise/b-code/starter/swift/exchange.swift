/// Sends the request to the target and the answer to the client. False when the client's connection must end.
func exchange(
    _ request: Message,
    _ fields: [Message.Field],
    _ client: Client,
    _ target: Target,
    _ cookies: [Message.Field],
    idle: Double
) throws -> Bool {
    // TODO: connect to the target (`Connection(to:_:within:)`), send the head (`request.bytes(fields)`) and the body (`copyBody`), read
    // the answer's head (`Message(from:)`), and send it on with its body. What can go wrong on the way, and what is the client told
    // then? `cookies` and `idle` are for later lessons.
    try client.answer(501)
    return false
}
