"""No changes: the configuration of the start stays in force. Lesson 14 builds what takes a new one."""


def take_over(balancer, config):
    pass
