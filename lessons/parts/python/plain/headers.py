"""What a target is told: the client's own fields, and nothing of who the client is. Lesson 09 changes that."""


def for_target(request, client, listener, attributes):
    return [field for field in request.fields if field[0].lower() != "connection"]
