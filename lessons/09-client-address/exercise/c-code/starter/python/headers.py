"""What a target is told of the client, and what it is not told. The other files stand ready; this one is yours."""


def for_target(request, client, listener, attributes):
    """The fields that the target gets; or a status, when the request is not to be forwarded."""
    # TODO: `request.fields` is the client's list of (name, value); request.all(NAME) gives every value of a name, whatever its case.
    # `client` has address, port and is_secure, `listener["Port"]` is where it came in. `attributes` may have
    # routing.http.xff_header_processing.mode (append, preserve, remove) and routing.http.xff_client_port.enabled. Which fields
    # must not reach the target, which are added, and what becomes of those that the client has invented?
    return request.fields
