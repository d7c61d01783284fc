"""Certificates as the configuration holds them, and the versions of security policies."""

import base64
import os
import tempfile

# What docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html says of the policies used here.
POLICIES = {
    "ELBSecurityPolicy-TLS13-1-3-2021-06": ("1.3", "1.3"),
    "ELBSecurityPolicy-TLS13-1-2-2021-06": ("1.2", "1.3"),
    "ELBSecurityPolicy-TLS13-1-2-Res-2021-06": ("1.2", "1.3"),
    "ELBSecurityPolicy-TLS-1-2-2017-01": ("1.2", "1.2"),
    "ELBSecurityPolicy-2016-08": ("1.0", "1.2"),
}


def versions(policy):
    """The oldest and the newest version of TLS that a policy has."""
    return POLICIES.get(policy, ("1.2", "1.3"))


def load(context, entry):
    """Gives a context the certificate and its key, beside those of other kinds of keys that it has already."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for key in ("Certificate", "PrivateKey"):
            paths.append(os.path.join(folder, key))
            with open(paths[-1], "w") as file:
                file.write(entry[key])
        context.load_cert_chain(*paths)


def names(entry):
    """The names that a certificate is made out to: its subject alternative names."""
    body = entry["Certificate"].split("-----BEGIN CERTIFICATE-----")[1].split("-----END")[0]
    data = base64.b64decode(body)
    # The extension's identifier, 2.5.29.17, then an octet string around a sequence of names; those of hosts have tag 2.
    place = data.find(b"\x06\x03\x55\x1d\x11")
    if place < 0:
        return []
    kind, content, _ = element(data, place + 5)
    if kind == 0x01:  # whether it is critical
        kind, content, _ = element(data, place + 8)
    _, sequence, _ = element(content, 0)
    found, place = [], 0
    while place < len(sequence):
        kind, value, place = element(sequence, place)
        if kind == 0x82:
            found.append(value.decode("latin-1"))
    return found


def element(data, place):
    """One element of DER: its tag, its content, and where the next begins."""
    tag, length, start = data[place], data[place + 1], place + 2
    if length >= 0x80:
        count = length & 0x7F
        length, start = int.from_bytes(data[start : start + count], "big"), start + count
    return tag, data[start : start + length], start + length
