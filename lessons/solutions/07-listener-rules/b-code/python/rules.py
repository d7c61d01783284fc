"""Listener rules: which action a request gets."""

import ipaddress
import re


def choose(listener, request, client):
    """The action of the first rule, by priority, all of whose conditions hold; without one, the default action."""
    for rule in sorted(listener.get("Rules", []), key=lambda rule: rule["Priority"]):
        if all(holds(condition, request, client) for condition in rule["Conditions"]):
            return rule["Actions"][0]
    return listener["DefaultActions"][0]


def holds(condition, request, client):
    """Whether one of the condition's values fits the request."""
    settings = next(value for key, value in condition.items() if key != "Field")
    values = settings["Values"]
    field = condition["Field"]
    if field == "path-pattern":
        return any(fits(value, request.path) for value in values)
    if field == "host-header":
        host = request.first("Host").partition(":")[0]
        return any(fits(value.lower(), host.lower()) for value in values)
    if field == "http-header":
        texts = request.all(settings["HttpHeaderName"])
        return any(fits(value.lower(), text.lower()) for value in values for text in texts)
    if field == "http-request-method":
        return request.start[0] in values
    if field == "query-string":
        return any(fits_query(value, pair) for value in values for pair in request.query.split("&"))
    address = ipaddress.ip_address(client.address)
    return any(address in ipaddress.ip_network(value) for value in values)


def fits(pattern, text):
    """AWS's wildcards over the whole text: * is any characters, ? exactly one, and a backslash takes either literally."""
    parts = re.findall(r"\\[*?\\]|.", pattern, re.DOTALL)
    expression = "".join({"*": ".*", "?": "."}.get(part) or re.escape(part[-1]) for part in parts)
    return re.fullmatch(expression, text, re.DOTALL) is not None


def fits_query(wanted, pair):
    """Whether one parameter has the value, under the key if one is wanted. Neither minds upper and lower case."""
    key, _, value = pair.lower().partition("=")
    return fits(wanted.get("Key", "*").lower(), key) and fits(wanted["Value"].lower(), value)


def group_of(action):
    """The name of the group that a forward goes to."""
    return action["ForwardConfig"]["TargetGroups"][0]["TargetGroupArn"]


def own_answer(action, listener, request):
    """Status, text and fields of an answer that no target gives."""
    if action["Type"] == "fixed-response":
        settings = action["FixedResponseConfig"]
        kind = settings.get("ContentType", "text/plain")
        return int(settings["StatusCode"]), settings.get("MessageBody", ""), [("Content-Type", kind)]
    settings = action["RedirectConfig"]
    status = 301 if settings["StatusCode"] == "HTTP_301" else 302
    return status, "", [("Location", location(settings, listener, request))]


def location(settings, listener, request):
    """The redirect's URL: what it does not name stays as it was, and #{…} stands for a part of the old one."""
    old = {
        "protocol": listener["Protocol"].lower(),
        "host": request.first("Host").partition(":")[0],
        "port": str(listener["Port"]),
        "path": request.path.removeprefix("/"),
        "query": request.query,
    }

    def part(key, usual):
        return re.sub(r"#\{(\w+)\}", lambda found: old.get(found[1], found[0]), settings.get(key, usual))

    query = part("Query", "#{query}")
    return (
        f"{part('Protocol', '#{protocol}').lower()}://{part('Host', '#{host}')}:{part('Port', '#{port}')}"
        f"{part('Path', '/#{path}')}{'?' if query else ''}{query}"
    )
