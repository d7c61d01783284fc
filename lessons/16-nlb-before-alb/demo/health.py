"""Tells what zone a's node thinks of the targets of a group: python3 health.py GROUP."""

import json
import os
import sys
import urllib.request

endpoint = os.environ.get("ELBLAB_ENDPOINT", "127.0.0.1:4566")
with urllib.request.urlopen(f"http://{endpoint}/_lab/state") as answer:
    state = json.load(answer)
states = [
    seen["state"]
    for group in state["targetGroups"]
    if group["name"] == sys.argv[1]
    for target in group["targets"]
    for seen in target["health"]
    if seen["node"].endswith("a")
]
print(*sorted(set(states)))
