"""The solution with one mistake: new targets are added to a group, and none is ever taken out."""

import pathlib
import sys

lessons = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(lessons / "solutions/14-draining/b-code/python"))

import balancer  # noqa: E402
import changes  # noqa: E402

right = changes.take_over


def take_over(balancer, config):
    for group in config["TargetGroups"]:
        listed = {(target["Id"], target["Port"]) for target in group["Targets"]}
        old = balancer.state.groups.get(group["Name"])
        for target in old.targets if old else []:
            if (target.address, target.port) not in listed:
                group["Targets"].append({"Id": target.address, "Port": target.port})
    right(balancer, config)


changes.take_over = take_over
balancer.main()
