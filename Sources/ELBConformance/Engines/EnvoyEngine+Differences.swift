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
        ]
    }
}
