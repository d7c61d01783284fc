extension NginxEngine {
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
                "changes.new-rule",
                "A connection that stands may be served by a worker of the old configuration for a moment longer."
            ),
            .init(
                "errors.408",
                "It ends the connection of a client that is too slow without a word."
            ),
            .init(
                "errors.502-garbage",
                "It takes what is not HTTP/1 for an answer of HTTP/0.9, and passes it on."
            ),
            .init(
                "errors.504-no-body",
                "It passes the head of an answer on as soon as it has it, and can only cut the connection when no body follows."
            ),
            .init(
                "headers.hop-by-hop",
                "It forwards headers that Connection names."
            ),
            .init(
                "http.body.trailers",
                "It drops trailers."
            ),
            .init(
                "http.websocket.draining",
                "A worker of the old configuration keeps its tunnels; no delay ends them."
            ),
            .init(
                "routing.header.repeated",
                "Of a header that is repeated it looks at the first line only, before version 1.23."
            ),
            .init(
                "http2.clear-text",
                "It answers 400 to HTTP/2 in clear text."
            ),
            .init(
                "http2.header-limits",
                "It ends the connection of a client whose headers are too long, and answers nothing."
            ),
            .init(
                "http2.malformed",
                "It serves requests of HTTP/2 with fields about connections, and drops these fields."
            ),
        ]
    }
}
