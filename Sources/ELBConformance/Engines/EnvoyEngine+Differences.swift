extension EnvoyEngine {
    package var differences: [Difference] {
        [
            .init(
                "changes.deregistration-delay-over",
                "Requests at a target that is no longer there may finish, however long they take; no delay ends them."
            ),
            .init(
                "errors.502-refused",
                "It answers 503 to whatever goes wrong with a target before its answer begins; AWS says 502."
            ),
            .init(
                "errors.502-reset",
                "It answers 503 to whatever goes wrong with a target before its answer begins; AWS says 502."
            ),
            .init(
                "errors.504-no-body",
                "It passes the head of an answer on as soon as it has it, and can only cut the connection when no body follows."
            ),
            .init(
                "http.body.trailers",
                "It drops trailers unless it is told otherwise."
            ),
            .init(
                "http.methods.trace",
                "It forwards TRACE."
            ),
            .init(
                "http.websocket.draining",
                "Tunnels to a target that is no longer there stay; no delay ends them."
            ),
            .init(
                "http.websocket.end",
                "It answers 503 when a target ends the connection in place of an answer; AWS says 502."
            ),
            .init(
                "routing.method.custom",
                "It answers 400 to methods that it does not know."
            ),
            .init(
                "selection.least-outstanding",
                "It compares two targets that it draws by chance, which may be the same one twice."
            ),
            .init(
                "http2.clear-text",
                "It answers 400 to HTTP/2 in clear text."
            ),
            .init(
                "http2.expect-ignored",
                "It answers the 100 itself, over HTTP/2, too."
            ),
            .init(
                "http2.header-limits",
                "It has a limit for all headers together and none for one, and resets the stream of a client that sends more."
            ),
            .init(
                "http2.least-outstanding",
                "It compares two targets that it draws by chance, which may be the same one twice."
            ),
            .init(
                "http2.lower-case-names",
                "It writes all names in lower case, its own, too."
            ),
            .init(
                "http2.streams-beyond-limit",
                "It ends the connection of a client that opens more streams than announced."
            ),
            .init(
                "tls.targets.plain-text",
                "It answers 503 to whatever goes wrong with a target before its answer begins; AWS says 502."
            ),
            .init(
                "tls.targets.silent",
                "It answers 503 to whatever goes wrong with a target before its answer begins; AWS says 504."
            ),
        ]
    }
}
