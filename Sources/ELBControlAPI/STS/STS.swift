/// The commands of the Security Token Service: who is asking.
package enum STS {
    package struct GetCallerIdentity: Command {
        package static let service = Service.sts

        package init(_ input: inout CommandInput) {}
    }
}
