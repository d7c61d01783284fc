"""What a target is told of the client, and what it is not told."""

# Fields that speak of one connection (RFC 9110, section 7.6.1).
ONE_CONNECTION = {"connection", "keep-alive", "proxy-connection", "te", "trailer", "upgrade"}
FORWARDED_FOR = "x-forwarded-for"
LARGEST_LIST = 30


def for_target(request, client, listener, attributes):
    """The fields that the target gets; or a status, when the request is not to be forwarded."""
    mode = attributes.get("routing.http.xff_header_processing.mode", "append")
    if entries(request) > LARGEST_LIST:
        return 463
    dropped = ONE_CONNECTION | {"x-forwarded-proto", "x-forwarded-port"}
    # Whoever sends Connection: X-Secret says that X-Secret ends here, too.
    dropped |= {name.strip().lower() for value in request.all("Connection") for name in value.split(",")}
    if mode != "preserve":
        dropped.add(FORWARDED_FOR)
    fields = [field for field in request.fields if field[0].lower() not in dropped]
    if mode == "append":
        entry = client.address
        if attributes.get("routing.http.xff_client_port.enabled") == "true":
            entry = f"{client.address}:{client.port}"
        fields.append(("X-Forwarded-For", ", ".join([*request.all(FORWARDED_FOR), entry])))
    fields.append(("X-Forwarded-Proto", "https" if client.is_secure else "http"))
    fields.append(("X-Forwarded-Port", str(listener["Port"])))
    return fields


def entries(request):
    """How many addresses the client's own X-Forwarded-For holds."""
    return sum(len(value.split(",")) for value in request.all(FORWARDED_FOR))
