"""Who is the client? python3 who.py HEADER [OUR-NETWORK ...]

Reads X-Forwarded-For from the right, steps over the proxies that are ours, and takes the first address that is not. What
stands further left was written by that address, or by somebody behind it, and proves nothing.
"""

import ipaddress
import sys

entries = [entry.strip() for entry in sys.argv[1].split(",")]
ours = [ipaddress.ip_network(network) for network in sys.argv[2:]]


def address(entry):
    """The address of `10.0.0.7`, `10.0.0.7:4711` or `[2001:db8::1]:4711`; None when it is none."""
    if entry.startswith("["):
        entry = entry[1:].split("]")[0]
    elif entry.count(":") == 1:
        entry = entry.split(":")[0]
    try:
        return ipaddress.ip_address(entry)
    except ValueError:
        return None


client = None
for entry in reversed(entries):
    found = address(entry)
    if found is None:
        break
    client = found
    if not any(client in network for network in ours):
        break
print(client)
