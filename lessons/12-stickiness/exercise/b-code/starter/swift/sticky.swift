/// The target, and the fields that the answer gets besides its own. This file is yours.
func chooseTarget(_ group: Group, _ request: Message) -> (Target?, [Message.Field]) {
    // TODO: `group.attributes` has stickiness.enabled, stickiness.type and stickiness.lb_cookie.duration_seconds (AWS's seconds:
    // `group.scale` of them pass in one of yours). `group.choose()` is whose turn it is, `group.able` is who may be asked; a target has
    // a name. `request.all("Cookie")` is what the client has returned. What must stand in a cookie, and how do you know that it is
    // yours? Swift's Hasher is a keyed hash whose key is drawn when the program starts.
    (group.choose(), [])
}
