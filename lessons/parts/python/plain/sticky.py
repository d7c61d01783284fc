"""No stickiness: whoever's turn it is. Lesson 12 builds it."""


def choose(group, request):
    """The target, and fields for the answer."""
    return group.choose(), []
