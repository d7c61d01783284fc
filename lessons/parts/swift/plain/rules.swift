// No rules yet: every request takes the listener's default action. Lesson 07 builds them.

func chooseAction(_ listener: Listener, _ request: Message, _ client: Client) -> Action { listener.defaultActions[0] }

func groupName(of action: Action) -> String { action.forwardConfig?.targetGroups.first?.targetGroupArn ?? "" }

func ownAnswer(_ action: Action, _ listener: Listener, _ request: Message) -> (Int, String?, [Message.Field]) {
    (Int(action.fixedResponseConfig?.statusCode ?? "") ?? 501, nil, [])
}
