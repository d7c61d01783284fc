import ArgumentParser
import Glibc

/// Measures every proxy that is installed under the same load: one worker each, in front of one backend. Proxies are pinned to one
/// core and everything else to the others where taskset is installed. CPU is user plus system time of the proxy's process.
struct ProxyMeasurement {
    let options: MeasurementOptions
    let traffic: Traffic

    /// What one measurement saw.
    private struct Sample {
        var perSecond: Double
        var microseconds: Double
        var errors: Int
    }

    /// A proxy that runs.
    private struct Contender {
        let rival: Rival
        let port: UInt16
        let process: ChildProcess
    }

    /// Sends the loads one after the other and prints a table for each.
    func run(_ loads: [Load]) throws {
        let folder = try WorkFolder()
        defer { folder.remove() }
        if self.traffic.isSecure { try ServerCertificate.make(in: folder) }
        let backend = try FixedBackend.start(self.traffic.backend, in: folder)
        defer { backend.process.stop() }
        var contenders: [Contender] = []
        defer { for contender in contenders { contender.process.stop() } }
        for rival in Rival.allCases where self.options.only.isEmpty || self.options.only.contains(rival) {
            guard let contender = try self.start(rival, backend: backend.port, folder) else { continue }
            contenders.append(contender)
        }
        var isGood = true
        for load in loads {
            var best: [Rival: Sample] = [:]
            for contender in contenders { _ = try load.send(contender.port, 1, folder) }
            // In turns, so that whatever else runs on the machine for a while disturbs all of them.
            for _ in 0..<self.options.rounds {
                for contender in contenders {
                    guard let sample = try self.measure(contender, load, folder) else { continue }
                    if sample.microseconds < best[contender.rival]?.microseconds ?? .infinity {
                        best[contender.rival] = sample
                    }
                }
            }
            isGood = self.report(contenders.map { ($0.rival, best[$0.rival]) }, of: load) && isGood
            // Tables appear as they are made, on a pipe too.
            fflush(nil)
        }
        guard isGood else { throw ExitCode.failure }
    }

    /// The command, kept to the proxy's core or away from it.
    static func pinned(_ command: [String], toProxyCore: Bool) -> [String] {
        guard System.cores > 1, let taskset = System.find("taskset") else { return command }
        return [taskset, "-c", toProxyCore ? "0" : "1-\(System.cores - 1)"] + command
    }

    /// A rival that is not there, or does not start, is left out with a line that says so; without ours there is nothing to compare.
    private func start(_ rival: Rival, backend: UInt16, _ folder: WorkFolder) throws -> Contender? {
        let port = try System.freePort()
        guard let command = try rival.command(listen: port, traffic: self.traffic, backend: backend, folder: folder)
        else {
            print("\(rival.rawValue): not installed, left out")
            return nil
        }
        let output = folder.file("\(rival.rawValue).txt")
        let process = try ChildProcess(Self.pinned(command, toProxyCore: true), output: output)
        do {
            if self.traffic == .udp {
                try DatagramClient.waitForEcho(port: port, seconds: 20)
            } else {
                try Loopback.waitForListener(port: port, seconds: 20)
            }
        } catch {
            process.stop()
            let words = (try? TextFile.read(output)) ?? ""
            let failure = ChildProcess.Failure(description: "\(rival.rawValue) did not start: \(words)")
            if rival == .elblab { throw failure }
            print("\(failure.description)\n\(rival.rawValue): left out")
            return nil
        }
        return Contender(rival: rival, port: port, process: process)
    }

    private func measure(_ contender: Contender, _ load: Load, _ folder: WorkFolder) throws -> Sample? {
        let before = contender.process.cpuSeconds
        var count = Load.Count()
        let time = try ContinuousClock().measure {
            count = try load.send(contender.port, self.options.seconds, folder)
        }
        let cpu = contender.process.cpuSeconds - before
        guard count.done > 0 else { return nil }
        return Sample(
            perSecond: Double(count.done) / (time / .seconds(1)),
            microseconds: cpu * 1_000_000 / Double(count.done),
            errors: count.errors
        )
    }

    /// Whether ours did what it was asked, and well enough.
    private func report(_ results: [(rival: Rival, sample: Sample?)], of load: Load) -> Bool {
        let ours = results.first { $0.rival == .elblab }?.sample
        var table = Table(["proxy", "CPU µs/\(load.unit)", "\(load.unit)s/s", "errors", "ours ÷ it"])
        for (rival, sample) in results {
            guard let sample else {
                table.add([rival.rawValue, "nothing answered"])
                continue
            }
            let ratio = rival == .elblab ? nil : ours.map { Hundredths.text($0.microseconds / sample.microseconds) }
            table.add([
                rival.rawValue, Hundredths.text(sample.microseconds), "\(Int(sample.perSecond))", "\(sample.errors)",
                ratio ?? "",
            ])
        }
        print("\n\(load.title)\n\(table.text)")
        guard results.contains(where: { $0.rival == .elblab }) else { return true }
        guard let ours, ours.errors == 0 else {
            print("elblab did not answer everything as it should: its number says nothing")
            return false
        }
        guard let best = results.filter({ $0.rival != .elblab }).compactMap({ $0.sample?.microseconds }).min()
        else { return true }
        let ratio = ours.microseconds / best
        let goal = self.options.goal
        let verdict = goal.map { ratio <= $0 ? "; the goal of \($0) is met" : "; the goal of \($0) is missed" } ?? ""
        print("ratio to the best of the others: \(Hundredths.text(ratio)) (smaller is better)\(verdict)")
        return ratio <= goal ?? .infinity
    }
}
