// What a target is told: the client's own fields, and nothing of who the client is. Lesson 09 changes that.

func targetFields(
    _ request: Message,
    _ client: Client,
    _ listener: Listener,
    _ attributes: [String: String]
) -> Forwarding {
    .fields(request.fields.filter { $0.name.lowercased() != "connection" })
}
