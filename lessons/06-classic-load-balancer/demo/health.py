"""Tells each instance's state as the Classic Load Balancer sees it, as `aws elb describe-instance-health` would."""

import json
import os
import urllib.request

endpoint = os.environ.get("ELBLAB_ENDPOINT", "127.0.0.1:4566")
with urllib.request.urlopen(f"http://{endpoint}/_lab/state") as answer:
    state = json.load(answer)
names = {instance["id"]: instance["name"] for instance in state["instances"]}
for instance in state["loadBalancers"][0]["instances"]:
    seen = instance["health"][0]
    print(names[instance["id"]], seen["state"], seen["description"])
