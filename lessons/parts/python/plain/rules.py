"""No rules yet: every request takes the listener's default action."""


def choose(listener, request, client):
    return listener["DefaultActions"][0]


def group_of(action):
    return action["ForwardConfig"]["TargetGroups"][0]["TargetGroupArn"]


def own_answer(action, listener, request):
    return 501, None, []
