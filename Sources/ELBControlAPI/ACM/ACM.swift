import ELBModel

/// The commands of Certificate Manager.
package enum ACM {}

package protocol ACMCommand: Command {}

extension ACMCommand {
    package static var service: Service { .acm }
}

extension CommandInput {
    /// The ARN of one certificate.
    mutating func certificateARN() throws(APIError) -> String { try self.required("CertificateArn") }

    /// Tags with Certificate Manager's codes.
    mutating func certificateTags() throws(APIError) -> [ResourceTag] {
        do throws(APIError) {
            return try self.tags("Tags")
        } catch {
            let code = error.code == "TooManyTags" ? "TooManyTagsException" : "InvalidTagException"
            throw APIError(code, error.message)
        }
    }
}
