extension CaddyEngine {
    package var differences: [Difference] {
        [
            .init(
                "actions.redirect.too-long",
                "It sends a Location of any length."
            ),
            .init(
                "changes.deregistration-delay-over",
                "Requests of the old configuration may finish, however long they take; no delay ends them."
            ),
            .init(
                "changes.deregistered",
                "It closes the connections of the old configuration, and a request that comes at that moment is lost."
            ),
            .init(
                "changes.nothing-lost",
                "It closes the connections of the old configuration, and a request that comes at that moment is lost."
            ),
            .init(
                "errors.408",
                "It ends the connection of a client that is too slow without a word."
            ),
            .init(
                "errors.504-hang",
                "When a connection that was used before times out, a GET is sent once more."
            ),
            .init(
                "errors.504-no-body",
                "It passes the head of an answer on as soon as it has it, and can only cut the connection when no body follows."
            ),
            .init(
                "headers.client-headers-kept",
                "It drops headers with an underscore in their names."
            ),
            .init(
                "health.blips",
                "A good probe does not start the count of failures again."
            ),
            .init(
                "health.fail-open",
                "When no target is healthy it answers 503."
            ),
            .init(
                "health.removed-by-reset",
                "Its probes take connections that requests have used, and one that such a connection loses is sent again at once, uncounted."
            ),
            .init(
                "health.redirect-not-followed",
                "Its probes follow redirects."
            ),
            .init(
                "http.body.expect-continue",
                "It answers the 100 itself, as AWS does, and passes Expect on, which AWS does not."
            ),
            .init(
                "http.body.trailers",
                "It relays the trailers of answers, and drops those of requests."
            ),
            .init(
                "http.websocket.draining",
                "It keeps the tunnels of an old configuration for the delay at least, and does not end them when it is over."
            ),
            .init(
                "http.methods.trace",
                "It forwards TRACE."
            ),
            .init(
                "http2.clear-text",
                "It ends the connection of a client that speaks HTTP/2 in clear text, and answers nothing."
            ),
            .init(
                "http2.client-keep-alive",
                "It has no limit to the age of a connection."
            ),
            .init(
                "http2.expect-ignored",
                "It answers the 100 itself, over HTTP/2, too."
            ),
            .init(
                "http2.header-limits",
                "It has a limit for all headers together and none for one."
            ),
            .init(
                "http2.lower-case-names",
                "It writes names in their usual form, x-word as X-Word, whatever the client wrote."
            ),
            .init(
                "http2.malformed",
                "Of two lengths of one request it takes the first."
            ),
            .init(
                "http2.streams",
                "It announces 250 streams, and has no setting for that."
            ),
            .init(
                "http2.ten-thousand-requests",
                "It has no limit to the number of requests on a connection."
            ),
        ]
    }
}
