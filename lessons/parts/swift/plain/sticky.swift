// No stickiness: whoever's turn it is. Lesson 12 builds it.

/// The target, and fields for the answer.
func chooseTarget(_ group: Group, _ request: Message) -> (Target?, [Message.Field]) { (group.choose(), []) }
