/// The fields that the target gets; or a status, when the request is not to be forwarded. This file is yours.
func targetFields(
    _ request: Message,
    _ client: Client,
    _ listener: Listener,
    _ attributes: [String: String]
) -> Forwarding {
    // TODO: `request.fields` is the client's list of (name, value); `request.all(_:)` gives every value of a name, whatever its case.
    // `client` has address, port and isSecure, `listener.port` is where it came in. `attributes` may have
    // routing.http.xff_header_processing.mode (append, preserve, remove) and routing.http.xff_client_port.enabled. Which fields
    // must not reach the target, which are added, and what becomes of those that the client has invented?
    .fields(request.fields)
}
