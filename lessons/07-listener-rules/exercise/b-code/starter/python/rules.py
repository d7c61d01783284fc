"""Listener rules: which action a request gets. The other files stand ready; this one is yours."""


def choose(listener, request, client):
    """The action of the first rule, by priority, all of whose conditions hold; without one, the default action."""
    # TODO: listener["Rules"] is a list of {"Priority", "Conditions", "Actions"}, in no order that you could rely on.
    return listener["DefaultActions"][0]


def holds(condition, request, client):
    """Whether one of the condition's values fits the request."""
    # TODO: condition["Field"] is path-pattern, host-header, http-header, http-request-method, query-string or source-ip.
    # docs/subject-contract.md shows where each keeps its values. `request` has start (method, target, version), path, query,
    # first(NAME) and all(NAME); `client` has address. Which of them mind upper and lower case?
    return False


def fits(pattern, text):
    """AWS's wildcards over the whole text: * is any characters, ? exactly one, and a backslash takes either literally."""
    # TODO
    return pattern == text


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
    # TODO: settings has Protocol, Host, Port, Path and Query, or some of them; #{protocol}, #{host}, #{port}, #{path} (without its
    # slash) and #{query} may stand in any.
    return "/"
