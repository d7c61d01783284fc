"""No TLS: a listener that asks for it cannot be opened. Lesson 10 builds it."""


def context(listener, certificates):
    raise SystemExit(f"port {listener['Port']}: this balancer does not speak TLS")
