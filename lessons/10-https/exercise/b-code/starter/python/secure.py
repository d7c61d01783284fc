"""TLS at the listener: which versions are spoken, and which certificate is shown to whom. This file is yours."""

import ssl

import certificates

VERSIONS = {
    "1.0": ssl.TLSVersion.TLSv1,
    "1.1": ssl.TLSVersion.TLSv1_1,
    "1.2": ssl.TLSVersion.TLSv1_2,
    "1.3": ssl.TLSVersion.TLSv1_3,
}


def context(listener, material):
    """The TLS settings of a listener: a context that changes to another one by the name that the client asks for."""
    known = {entry["CertificateArn"]: entry for entry in material}
    default = known[listener["Certificates"][0]["CertificateArn"]]
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.set_ciphers("ALL:!aNULL:@SECLEVEL=0")
    # TODO: certificates.versions(listener["SslPolicy"]) gives the oldest and the newest version of the policy.
    certificates.load(made, default)
    # TODO: listener["ListenerCertificates"] lists further certificates. certificates.names(entry) tells the names that one is made
    # out to; a name may have a * for its first label, and two certificates, with keys of different kinds, may have the same name.
    # `made.sni_callback` is asked during the handshake: see the documentation of Python's ssl.
    return made
