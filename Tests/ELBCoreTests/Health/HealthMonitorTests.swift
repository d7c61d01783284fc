import ELBCore
import ELBTestSupport
import Testing

@Suite struct `Health thresholds` {
    private static func monitor(healthy: Int = 5, unhealthy: Int = 2) -> HealthMonitor {
        HealthMonitor(settings: .init(healthyThreshold: healthy, unhealthyThreshold: unhealthy))
    }

    /// Feeds results (`+` passed, `-` failed) and gives the announcements (`H`, `U`, `.` for none).
    private static func run(_ script: String, _ monitor: inout HealthMonitor) -> String {
        var announcements = ""
        for step in script {
            switch step == "+" ? monitor.probePassed() : monitor.probeFailed() {
            case .none: announcements += "."
            case .announce(let healthy): announcements += healthy ? "H" : "U"
            }
        }
        return announcements
    }

    @Test(.covers("ALB-TG-015"), arguments: [2, 10])
    func `a new target needs one pass, whatever the threshold`(threshold: Int) {
        var monitor = Self.monitor(healthy: threshold)
        #expect(monitor.isHealthy == nil)
        #expect(monitor.probePassed() == .announce(healthy: true))
        #expect(monitor.isHealthy == true)
    }

    @Test(.covers("ALB-HC-008", "ALB-HC-022"), arguments: 2...10)
    func `recovers on the Nth pass in a row, not before`(threshold: Int) {
        var monitor = Self.monitor(healthy: threshold)
        #expect(Self.run("--", &monitor) == ".U")
        for _ in 1..<threshold { #expect(monitor.probePassed() == .none) }
        #expect(monitor.probePassed() == .announce(healthy: true))
    }

    @Test(.covers("ALB-HC-009", "ALB-HC-022"), arguments: 2...10)
    func `fails on the Nth failure in a row, not before`(threshold: Int) {
        var monitor = Self.monitor(unhealthy: threshold)
        #expect(monitor.probePassed() == .announce(healthy: true))
        for _ in 1..<threshold { #expect(monitor.probeFailed() == .none) }
        #expect(monitor.probeFailed() == .announce(healthy: false))
        #expect(monitor.probeFailed() == .none)
    }

    @Test(
        .covers("ALB-HC-023", "ALB-HC-024"),
        arguments: [
            ("+-+-+-+-", "H......."), ("+--", "H.U"), ("+-+--", "H...U"), ("--", ".U"), ("-+", ".H"),
            ("--+++-+++++", ".U........H"), ("+--+--++++", "H.U......."),
        ]
    )
    func `one opposite result starts the count anew`(script: String, announcements: String) {
        var monitor = Self.monitor()
        #expect(Self.run(script, &monitor) == announcements)
    }

    @Test(.covers("ALB-HC-034")) func `a changed threshold counts from the next result on`() {
        var monitor = Self.monitor(unhealthy: 5)
        #expect(Self.run("+--", &monitor) == "H..")
        monitor.settings.unhealthyThreshold = 2
        #expect(monitor.probeFailed() == .announce(healthy: false))
    }

    @Test func `deviates as the quirks say`() {
        var patient = Self.monitor(healthy: 3)
        patient.settings.firstPassNeedsThreshold = true
        #expect(Self.run("++-+++", &patient) == ".....H")
        var forgetless = Self.monitor(unhealthy: 2)
        forgetless.settings.neverStartsAnew = true
        #expect(Self.run("+-+-", &forgetless) == "H..U")
    }
}
