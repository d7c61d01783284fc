// Listener rules: which action a request gets. The other files stand ready; this one is yours.

/// The action of the first rule, by priority, all of whose conditions hold; without one, the default action.
func chooseAction(_ listener: Listener, _ request: Message, _ client: Client) -> Action {
    // TODO: `listener.rules` stand in no order that you could rely on.
    listener.defaultActions[0]
}

/// Whether one of the condition's values fits the request.
func holds(_ condition: Condition, _ request: Message, _ client: Client) -> Bool {
    // TODO: `condition.field` is path-pattern, host-header, http-header, http-request-method, query-string or source-ip; config.swift
    // shows where each keeps its values. `request` has start (method, target, version), path, query, first(_:) and all(_:); `client`
    // has address. Which of them mind upper and lower case?
    false
}

/// AWS's wildcards over the whole text: * is any characters, ? exactly one, and a backslash takes either literally.
func fits(_ pattern: String, _ text: String) -> Bool {
    // TODO
    pattern == text
}

func hostName(_ request: Message) -> String { String((request.first("Host") ?? "").prefix { $0 != ":" }) }

/// The name of the group that a forward goes to.
func groupName(of action: Action) -> String { action.forwardConfig?.targetGroups.first?.targetGroupArn ?? "" }

/// Status, text and fields of an answer that no target gives.
func ownAnswer(_ action: Action, _ listener: Listener, _ request: Message) -> (Int, String?, [Message.Field]) {
    if let fixed = action.fixedResponseConfig {
        let kind: Message.Field = ("Content-Type", fixed.contentType ?? "text/plain")
        return (Int(fixed.statusCode) ?? 500, fixed.messageBody ?? "", [kind])
    }
    guard let redirect = action.redirectConfig else { return (501, nil, []) }
    let status = redirect.statusCode == "HTTP_301" ? 301 : 302
    return (status, "", [("Location", location(redirect, listener, request))])
}

/// The redirect's URL: what it does not name stays as it was, and #{…} stands for a part of the old one.
func location(_ redirect: Action.Redirect, _ listener: Listener, _ request: Message) -> String {
    // TODO: #{protocol}, #{host}, #{port}, #{path} (without its slash) and #{query} may stand in any part.
    "/"
}
