/// Fields that speak of one connection (RFC 9110, section 7.6.1).
private let ofOneConnection: Set = ["connection", "keep-alive", "proxy-connection", "te", "trailer", "upgrade"]
private let largestList = 30

/// The fields that the target gets; or a status, when the request is not to be forwarded.
func targetFields(
    _ request: Message,
    _ client: Client,
    _ listener: Listener,
    _ attributes: [String: String]
) -> Forwarding {
    let mode = attributes["routing.http.xff_header_processing.mode"] ?? "append"
    let list = request.all("X-Forwarded-For")
    guard list.reduce(0, { $0 + $1.split(separator: ",").count }) <= largestList else { return .refuse(463) }
    var dropped = ofOneConnection.union(["x-forwarded-proto", "x-forwarded-port"])
    // Whoever sends Connection: X-Secret says that X-Secret ends here, too.
    for value in request.all("Connection") {
        for name in value.split(separator: ",") { dropped.insert(trimmed(name).lowercased()) }
    }
    if mode != "preserve" { dropped.insert("x-forwarded-for") }
    var fields = request.fields.filter { !dropped.contains($0.name.lowercased()) }
    if mode == "append" {
        let hasPort = attributes["routing.http.xff_client_port.enabled"] == "true"
        let entry = hasPort ? "\(client.address):\(client.port)" : client.address
        fields.append(("X-Forwarded-For", (list + [entry]).joined(separator: ", ")))
    }
    fields.append(("X-Forwarded-Proto", client.isSecure ? "https" : "http"))
    fields.append(("X-Forwarded-Port", "\(listener.port)"))
    return .fields(fields)
}
