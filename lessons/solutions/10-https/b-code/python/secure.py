"""TLS at the listener: which versions are spoken, and which certificate is shown to whom."""

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
    listed = [known[entry["CertificateArn"]] for entry in listener.get("ListenerCertificates", [])]
    oldest, newest = certificates.versions(listener.get("SslPolicy"))

    def made_of(entries):
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.set_ciphers("ALL:!aNULL:@SECLEVEL=0")
        made.minimum_version, made.maximum_version = VERSIONS[oldest], VERSIONS[newest]
        for entry in entries:
            certificates.load(made, entry)
        return made

    # Certificates for the same name stand in one context, which then shows the one that the client can use.
    by_name = {}
    for entry in listed:
        for name in certificates.names(entry):
            by_name.setdefault(name.lower(), []).append(entry)
    contexts = {name: made_of(entries) for name, entries in by_name.items()}
    usual = made_of([default])

    def change(connection, name, _):
        found = covering(contexts, name)
        if found:
            connection.context = found

    usual.sni_callback = change
    return usual


def covering(contexts, name):
    """The context of the name itself, or of the wildcard that stands for its first label; None without either."""
    if not name:
        return None
    name = name.lower()
    return contexts.get(name) or contexts.get("*." + name.partition(".")[2])
