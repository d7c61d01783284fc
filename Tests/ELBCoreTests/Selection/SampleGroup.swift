import ELBCore
import ELBModel

/// A group of numbered targets: the script's side of `TargetGroupState`. A second lasts one tick of its clock.
struct SampleGroup {
    var state: TargetGroupState
    var generator = SplitMix64(seed: 42)
    var group: TargetGroup
    var context: TargetGroupState.Context

    init(
        _ zones: [AvailabilityZone?],
        node: AvailabilityZone = .a,
        quirks: Set<Quirk> = [],
        isReferenced: Bool = true,
        _ change: (inout TargetGroup) -> Void = { _ in }
    ) {
        var group = TargetGroup(
            id: TargetGroupID(rawValue: "g"),
            name: TargetGroupName(rawValue: "g"),
            port: 80,
            targets: zones.enumerated().map { Self.target($0.offset, $0.element) }
        )
        change(&group)
        self.group = group
        self.context = TargetGroupState.Context(
            zone: node,
            enabledZones: [.a, .b],
            isReferenced: isReferenced,
            quirks: QuirkSet(quirks),
            secondLength: 1
        )
        self.state = TargetGroupState(group, context: self.context)
    }

    static func target(_ number: Int, _ zone: AvailabilityZone?) -> Target {
        let address = IPAddress.v4(IPv4Address(rawValue: 0x7f0a_0140 + UInt32(number)))
        return Target(id: TargetID(rawValue: "t\(number)"), endpoint: Endpoint(address: address, port: 80), zone: zone)
    }

    /// Reports a result for each numbered target that is known.
    mutating func probe(
        _ numbers: some Sequence<Int>,
        _ result: ProbeResult = .passed(status: 200),
        times: Int = 1,
        now: UInt64 = 0
    ) {
        for number in numbers {
            guard let handle = self.handle(number) else { continue }
            for _ in 0..<times { _ = self.state.probeFinished(handle, result, now: now) }
        }
    }

    func handle(_ number: Int) -> TargetHandle? {
        self.state.probeAssignments.first { $0.target.id.rawValue == "t\(number)" }?.handle
    }

    mutating func select(now: UInt64 = 0) -> SelectedTarget? {
        self.state.selectTarget(now: now, using: &self.generator)
    }

    /// The numbers of the next targets; -1 where there is none.
    mutating func next(_ count: Int, now: UInt64 = 0) -> [Int] {
        var numbers: [Int] = []
        for _ in 0..<count {
            if case .v4(let address) = self.select(now: now)?.endpoint.address {
                numbers.append(Int(address.rawValue - 0x7f0a_0140))
            } else {
                numbers.append(-1)
            }
        }
        return numbers
    }

    mutating func reconcile(now: UInt64 = 0, _ change: (inout TargetGroup) -> Void) {
        change(&self.group)
        self.state.reconcile(with: self.group, context: self.context, now: now)
    }

    /// Begins or ends a zonal shift.
    mutating func shift(awayFrom zone: AvailabilityZone?) {
        self.context.shiftedZone = zone
        self.state.reconcile(with: self.group, context: self.context, now: 0)
    }

    func health(_ number: Int) -> TargetHealth? {
        self.state.targetHealth.first { $0.target.id.rawValue == "t\(number)" }?.health
    }
}
