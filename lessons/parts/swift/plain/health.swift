// No health checks: everybody may be asked. Lesson 04 builds them.

struct Health {}

extension Group {
    var able: [Target] { self.targets }

    func watch(_ target: Target) {}
}
