import ELBConformance
import ELBControlAPI
import ELBModel
import Glibc

/// The templates of a running lab: reading them, and noticing that they changed.
struct TemplateFolder {
    let paths: [String]
    let parameters: [String: String]
    let quirks: Set<Quirk>

    /// Reads and compiles the templates. Mistakes are printed, and end as a reported failure.
    func read(addresses: AddressBook = AddressBook()) throws -> TemplateReader.Result {
        let sources = try self.paths.map { TemplateReader.Source(file: $0, bytes: try InputFile.read($0)) }
        do throws(DiagnosticsError) {
            var result = try TemplateReader.read(sources, parameters: self.parameters, addresses: addresses)
            for index in result.topology.loadBalancers.indices {
                result.topology.loadBalancers[index].quirks = self.quirks
            }
            for index in result.topology.classicLoadBalancers.indices {
                result.topology.classicLoadBalancers[index].quirks = self.quirks
            }
            return result
        } catch {
            error.print()
            throw CommandFailure.reported(.usage)
        }
    }

    /// What tells one state of the files from another; a file that is missing for a moment, as editors do, has one too.
    var fingerprint: [FileStatus?] { self.paths.map { FileStatus(of: $0, followsLinks: true) } }
}
