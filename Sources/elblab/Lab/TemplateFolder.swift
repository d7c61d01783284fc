import ELBConformance
import ELBControlAPI
import ELBModel
import Glibc

/// The templates of a running lab: reading them, and noticing that they changed.
struct TemplateFolder {
    let paths: [String]
    let parameters: [String: String]

    /// Reads and compiles the templates. Mistakes are printed, and end as a reported failure.
    func read(addresses: AddressBook = AddressBook()) throws -> TemplateReader.Result {
        let sources = try self.paths.map { TemplateReader.Source(file: $0, bytes: try InputFile.read($0)) }
        do throws(DiagnosticsError) {
            return try TemplateReader.read(sources, parameters: self.parameters, addresses: addresses)
        } catch {
            error.print()
            throw CommandFailure.reported(.usage)
        }
    }

    /// What tells one state of the files from another; a file that is missing for a moment, as editors do, has one too.
    var fingerprint: [FileStatus?] { self.paths.map { FileStatus(of: $0, followsLinks: true) } }
}
