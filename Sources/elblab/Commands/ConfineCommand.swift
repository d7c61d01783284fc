import ArgumentParser
import CSockets
import ELBConformance
import Glibc

/// `elblab confine`: what starts and watches a program in a sandbox. Not for people.
struct ConfineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "confine",
        abstract: "Run a program in the sandbox that a plan describes, or where the network is its own.",
        discussion: "Example: elblab confine plan.json",
        shouldDisplay: false
    )

    @Argument(help: "The plan, as 'elblab grade' writes it.") var plan: String?
    @Flag(help: "Run the program behind -- where there is no network but a loopback of its own.") var alone = false
    @Argument(parsing: .postTerminator, help: "The program.") var program: [String] = []

    func validate() throws {
        guard self.alone ? !self.program.isEmpty && self.plan == nil : self.plan != nil else {
            throw ValidationError("confine takes a plan, or --alone and a program behind --")
        }
    }

    func run() throws {
        guard let plan else {
            let code = CStrings.with(self.program) { elblab_run_alone($0) }
            guard code < 0 else { ExitStatus.end(code) }
            throw CommandFailure("no network namespace can be made: \(String(cString: strerror(-code)))")
        }
        do throws(SubjectFailure) {
            var confinement = Confinement(try SandboxPlan(file: plan))
            ExitStatus.end(confinement.run())
        } catch {
            throw CommandFailure(error.description)
        }
    }
}
