"""Stickiness by the balancer's own cookie: clients that return it come to the same target. This file is yours."""


def choose(group, request):
    """The target, and the fields that the answer gets besides its own, as a list of (name, value)."""
    # TODO: group.attributes has stickiness.enabled, stickiness.type and stickiness.lb_cookie.duration_seconds (AWS's seconds:
    # group.scale of them pass in one of yours). group.choose() is whose turn it is, group.able is who may be asked; a target has a
    # name. request.all("Cookie") is what the client has returned. What must stand in a cookie, and how do you know that it is yours?
    return group.choose(), []
