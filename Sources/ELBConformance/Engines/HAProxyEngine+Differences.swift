extension HAProxyEngine {
    package var differences: [Difference] {
        [
            .init(
                "actions.redirect.too-long",
                "It sends a Location of any length."
            ),
            .init(
                "changes.deregistration-delay-over",
                "A worker of the old configuration finishes its requests, however long they take; no delay ends them."
            ),
            .init(
                "errors.502-refused",
                "It answers 503 when no connection to the server comes about, and 502 only to what happens on one."
            ),
            .init(
                "errors.504-no-body",
                "It passes the head of an answer on as soon as it has it, and can only cut the connection when no body follows."
            ),
            .init(
                "errors.post-not-repeated",
                "It sends a request a second time, also a POST, when a connection that it reused ends before the answer begins."
            ),
            .init(
                "headers.hop-by-hop",
                "It forwards headers that Connection names."
            ),
            .init(
                "http.body.expect-continue",
                "It leaves the 100 to the server, and passes Expect on."
            ),
            .init(
                "http.methods.trace",
                "It forwards TRACE."
            ),
            .init(
                "http.websocket.draining",
                "A worker of the old configuration keeps its tunnels; no delay ends them."
            ),
            .init(
                "tls.targets.plain-text",
                "It answers 503 when no connection to the server comes about, and a handshake is a part of that."
            ),
            .init(
                "tls.targets.silent",
                "It answers 503 when no connection to the server comes about, and a handshake is a part of that."
            ),
            .init(
                "selection.weighted-random",
                "Its random choice looks into a ring of hashes whose parts are not of one size."
            ),
            .init(
                "http2.clear-text",
                "It answers 400 to HTTP/2 in clear text."
            ),
            .init(
                "http2.client-keep-alive",
                "It has no limit to the age of a connection."
            ),
            .init(
                "http2.expect-ignored",
                "It passes Expect on, and the server's 100 back."
            ),
            .init(
                "http2.header-limits",
                "It reads 16K of headers at most, all of them together, and ends the connection of a client that sends more."
            ),
            .init(
                "http2.lower-case-names",
                "It writes all names in lower case, its own, too."
            ),
            .init(
                "http2.ten-thousand-requests",
                "It has no limit to the number of requests on a connection, in this version."
            ),
        ]
    }
}
