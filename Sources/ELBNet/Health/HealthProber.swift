package import ELBCore
package import ELBModel
package import NIOCore

/// When a probe ran, in nanoseconds of the monotonic clock.
package struct ProbeTime: Hashable, Sendable {
    package var startedAt: UInt64
    package var endedAt: UInt64
}

/// Runs one node's health probes: each target by itself, on the node's event loop, a new connection every time.
///
/// Probes are spaced start to start, so a slow answer does not shift the next one (ALB-HC-006); the first one starts
/// at once. All methods and both closures belong to the event loop. Nothing is decided here: results go to
/// `TargetGroupState`.
package final class HealthProber {
    private let eventLoop: any EventLoop
    private let timeScale: TimeScale
    private let source: IPAddress?
    private let quirks: QuirkSet
    private let started: (ProbeAssignment) -> Void
    private let finished: (ProbeAssignment, ProbeResult, ProbeTime) -> Void
    private var schedules: [Key: Schedule] = [:]
    /// How probes over HTTPS speak TLS.
    package var targetTLS: TargetTLS?
    /// What security groups let out; `nil` is everything. Functions are not reached over the network (ALB-LMB-002).
    package var egress: TrafficFilter?

    /// What makes two assignments the same target.
    private struct Key: Hashable {
        var group: TargetGroupID
        var handle: TargetHandle
    }

    /// The probes of one target.
    private final class Schedule {
        var assignment: ProbeAssignment
        var nextStart: NIODeadline
        var timer: Scheduled<Void>?
        var probe: Probe?
        private(set) var isCancelled = false

        init(_ assignment: ProbeAssignment, start: NIODeadline) {
            self.assignment = assignment
            self.nextStart = start
        }

        func cancel() {
            self.isCancelled = true
            self.timer?.cancel()
            self.probe?.cancel()
        }
    }

    /// - Parameters:
    ///   - source: The node's address, which probes come from (ALB-HC-001); used for targets of the same family.
    ///     `nil` lets the system choose.
    ///   - started: Called when a probe begins.
    ///   - finished: Called once per probe that was not cancelled.
    package init(
        eventLoop: any EventLoop,
        timeScale: TimeScale,
        source: IPAddress?,
        quirks: QuirkSet = QuirkSet(),
        started: @escaping (ProbeAssignment) -> Void,
        finished: @escaping (ProbeAssignment, ProbeResult, ProbeTime) -> Void
    ) {
        self.eventLoop = eventLoop
        self.timeScale = timeScale
        self.source = source
        self.quirks = quirks
        self.started = started
        self.finished = finished
    }

    /// Makes `assignments` the probes that run. New ones start at once, missing ones stop without a result, changed
    /// ones start anew with the changed settings (ALB-HC-034), the others are not disturbed.
    package func update(_ assignments: [ProbeAssignment]) {
        self.eventLoop.preconditionInEventLoop()
        var gone = self.schedules
        for assignment in assignments {
            let key = Key(group: assignment.group, handle: assignment.handle)
            if let schedule = gone.removeValue(forKey: key) {
                guard schedule.assignment != assignment else { continue }
                schedule.cancel()
            }
            let schedule = Schedule(assignment, start: .now())
            self.schedules[key] = schedule
            self.arm(schedule)
        }
        for (key, schedule) in gone {
            schedule.cancel()
            self.schedules[key] = nil
        }
    }

    /// Stops all probes without further results.
    package func stop() {
        self.update([])
    }

    private func arm(_ schedule: Schedule) {
        schedule.timer = self.eventLoop.assumeIsolated().scheduleTask(deadline: schedule.nextStart) {
            [weak self, weak schedule] in
            guard let self, let schedule else { return }
            self.start(schedule)
        }
    }

    private func blocks(_ assignment: ProbeAssignment) -> Bool {
        guard let egress, assignment.targetType != .lambda else { return false }
        return !egress.admits(assignment.endpoint.address, port: assignment.endpoint.port)
    }

    private func start(_ schedule: Schedule) {
        // Only a timeout as long as the interval leaves a probe running here; it has had its time.
        schedule.probe?.expire()
        // Its result may have ended this schedule.
        guard !schedule.isCancelled else { return }
        let interval = self.timeScale.timeAmount(seconds: schedule.assignment.settings.intervalSeconds)
        schedule.nextStart = max(schedule.nextStart + interval, .now())
        let assignment = schedule.assignment
        let startedAt = NIODeadline.now().uptimeNanoseconds
        let probe = Probe(
            assignment,
            source: self.source,
            isBlocked: self.blocks(assignment),
            quirks: self.quirks,
            tls: self.targetTLS
        ) {
            [weak self, weak schedule] result in
            schedule?.probe = nil
            let time = ProbeTime(startedAt: startedAt, endedAt: NIODeadline.now().uptimeNanoseconds)
            self?.finished(assignment, result, time)
        }
        schedule.probe = probe
        self.started(assignment)
        probe.start(
            on: self.eventLoop,
            timeout: self.timeScale.timeAmount(seconds: assignment.settings.timeoutSeconds)
        )
        if !schedule.isCancelled { self.arm(schedule) }
    }
}
