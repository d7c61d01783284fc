/// The action of the first rule, by priority, all of whose conditions hold; without one, the default action.
func chooseAction(_ listener: Listener, _ request: Message, _ client: Client) -> Action {
    for rule in (listener.rules ?? []).sorted(by: { $0.priority < $1.priority })
    where rule.conditions.allSatisfy({ holds($0, request, client) }) {
        return rule.actions[0]
    }
    return listener.defaultActions[0]
}

/// Whether one of the condition's values fits the request.
func holds(_ condition: Condition, _ request: Message, _ client: Client) -> Bool {
    switch condition.field {
    case "path-pattern": return (condition.pathPatternConfig?.values ?? []).contains { fits($0, request.path) }
    case "host-header":
        let host = hostName(request).lowercased()
        return (condition.hostHeaderConfig?.values ?? []).contains { fits($0.lowercased(), host) }
    case "http-header":
        let lines = request.all(condition.httpHeaderConfig?.httpHeaderName ?? "").map { $0.lowercased() }
        return (condition.httpHeaderConfig?.values ?? []).contains { value in
            lines.contains { fits(value.lowercased(), $0) }
        }
    case "http-request-method": return (condition.httpRequestMethodConfig?.values ?? []).contains(request.start[0])
    case "query-string":
        let pairs = request.query.split(separator: "&", omittingEmptySubsequences: false).map { $0.lowercased() }
        return (condition.queryStringConfig?.values ?? []).contains { wanted in
            pairs.contains { fitsQuery(wanted, $0) }
        }
    case "source-ip": return (condition.sourceIpConfig?.values ?? []).contains { block($0, holds: client.address) }
    default: return false
    }
}

func hostName(_ request: Message) -> String { String((request.first("Host") ?? "").prefix { $0 != ":" }) }

/// AWS's wildcards over the whole text: * is any characters, ? exactly one, and a backslash takes either literally.
func fits(_ pattern: String, _ text: String) -> Bool {
    let (pattern, text) = (Array(pattern.utf8), Array(text.utf8))
    let (star, mark, backslash) = (UInt8(ascii: "*"), UInt8(ascii: "?"), UInt8(ascii: "\\"))
    // Where the last star stands, and up to where it has been stretched: nothing before it need ever be tried again.
    var (p, t, afterStar, stretched) = (0, 0, -1, 0)
    while t < text.count {
        if p < pattern.count, pattern[p] == star {
            p += 1
            (afterStar, stretched) = (p, t)
            continue
        }
        let isEscaped = p + 1 < pattern.count && pattern[p] == backslash && [star, mark, backslash].contains(pattern[p + 1])
        let place = isEscaped ? p + 1 : p
        if place < pattern.count, pattern[place] == text[t] || !isEscaped && pattern[place] == mark {
            (p, t) = (place + 1, t + 1)
        } else if afterStar >= 0 {
            stretched += 1
            (p, t) = (afterStar, stretched)
        } else {
            return false
        }
    }
    return pattern[p...].allSatisfy { $0 == star }
}

/// Whether one parameter has the value, under the key if one is wanted. Neither minds upper and lower case.
func fitsQuery(_ wanted: Condition.Pair, _ pair: String) -> Bool {
    let key = String(pair.prefix { $0 != "=" })
    let value = String(pair.dropFirst(key.count + 1))
    return fits(wanted.key?.lowercased() ?? "*", key) && fits(wanted.value.lowercased(), value)
}

/// Whether the address lies in a block such as 10.0.0.0/8.
func block(_ block: String, holds address: String) -> Bool {
    let parts = block.split(separator: "/")
    guard parts.count == 2, let bits = UInt32(parts[1]), bits <= 32 else { return false }
    guard let first = number(of: String(parts[0])), let asked = number(of: address) else { return false }
    return bits == 0 || first >> (32 - bits) == asked >> (32 - bits)
}

private func number(of address: String) -> UInt32? {
    let parts = address.split(separator: ".").compactMap { UInt8($0) }
    return parts.count == 4 ? parts.reduce(0) { $0 << 8 | UInt32($1) } : nil
}

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
    let old = [
        ("#{protocol}", listener.protocol.lowercased()), ("#{host}", hostName(request)), ("#{port}", "\(listener.port)"),
        ("#{path}", String(request.path.dropFirst())), ("#{query}", request.query),
    ]
    func part(_ text: String?, _ usual: String) -> String {
        var rest = Substring(text ?? usual)
        var result = ""
        while let character = rest.first {
            if let (keyword, value) = old.first(where: { rest.hasPrefix($0.0) }) {
                result += value
                rest = rest.dropFirst(keyword.count)
            } else {
                result.append(character)
                rest = rest.dropFirst()
            }
        }
        return result
    }
    let query = part(redirect.query, "#{query}")
    return part(redirect.protocol, "#{protocol}").lowercased() + "://" + part(redirect.host, "#{host}") + ":"
        + part(redirect.port, "#{port}") + part(redirect.path, "/#{path}") + (query.isEmpty ? "" : "?" + query)
}
