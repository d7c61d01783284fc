"""Stickiness by the balancer's own cookie: clients that return it come to the same target."""

import base64
import email.utils
import hashlib
import hmac
import secrets
import time

SECRET = secrets.token_bytes(32)
WEEK = 7 * 24 * 3600


def choose(group, request):
    """The target, and the fields that the answer gets besides its own."""
    if group.attributes.get("stickiness.enabled") != "true" or group.attributes["stickiness.type"] != "lb_cookie":
        return group.choose(), []
    target = bound_target(group, request) or group.choose()
    return target, cookies(group, target) if target else []


def bound_target(group, request):
    """The target that the client's cookie names, if it can be believed, is not over, and its target may be asked."""
    given = given_cookies(request)
    # Browsers that ask from other sites return only the second one.
    name = opened(given.get("AWSALBCORS") or given.get("AWSALB", ""), group)
    return next((target for target in group.able if target.name == name), None)


def given_cookies(request):
    result = {}
    for line in request.all("Cookie"):
        for pair in line.split(";"):
            name, _, value = pair.strip().partition("=")
            result.setdefault(name, value)
    return result


def cookies(group, target):
    """The same value twice: browsers send cookies to other sites only if SameSite says None."""
    duration = int(group.attributes.get("stickiness.lb_cookie.duration_seconds", 86400)) / group.scale
    value = sealed(f"{group.name} {target.name} {time.time() + duration}")
    date = email.utils.formatdate(time.time() + WEEK, usegmt=True)
    return [
        ("Set-Cookie", f"AWSALB={value}; Expires={date}; Path=/"),
        ("Set-Cookie", f"AWSALBCORS={value}; Expires={date}; Path=/; SameSite=None"),
    ]


def is_ours(text, value):
    return hmac.compare_digest(sealed(text), value)


def sealed(text):
    """The text with a mark behind it that only we can make."""
    mark = hmac.new(SECRET, text.encode(), hashlib.sha256).digest()
    return base64.b64encode(text.encode() + mark).decode()


def opened(value, group):
    """The target's name in a cookie of ours; None if somebody else wrote it, or its time is over."""
    try:
        text = base64.b64decode(value, validate=True)[:-32].decode()
        if not is_ours(text, value):
            return None
        group_name, target_name, end = text.split(" ")
    except ValueError:
        return None
    return target_name if group_name == group.name and time.time() < float(end) else None
