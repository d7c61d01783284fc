package import ELBModel

/// The commands of zonal shift, a part of Application Recovery Controller.
package enum ZonalShift {}

package protocol ZonalShiftCommand: Command {}

extension ZonalShiftCommand {
    package static var service: Service { .zonalShift }
}

extension ZonalShift {
    package struct StartZonalShift: ZonalShiftCommand {
        /// The load balancer's ARN.
        package var resource: String
        package var awayFrom: String
        package var seconds: Int
        package var comment: String

        package init(_ input: inout CommandInput) throws(APIError) {
            self.resource = try input.required("resourceIdentifier")
            self.awayFrom = try input.required("awayFrom")
            self.seconds = try ShiftDuration.seconds(try input.required("expiresIn"))
            self.comment = try input.required("comment")
        }
    }

    package struct UpdateZonalShift: ZonalShiftCommand {
        package var id: String
        /// From now on.
        package var seconds: Int?
        package var comment: String?

        package init(_ input: inout CommandInput) throws(APIError) {
            self.id = try input.required("zonalShiftId")
            if let text = input.text("expiresIn") { self.seconds = try ShiftDuration.seconds(text) }
            self.comment = input.text("comment")
            guard self.seconds != nil || self.comment != nil else {
                throw APIError("ValidationException", "expiresIn or comment must be given", reason: "MissingValue")
            }
        }
    }

    package struct CancelZonalShift: ZonalShiftCommand {
        package var id: String

        package init(_ input: inout CommandInput) throws(APIError) { self.id = try input.required("zonalShiftId") }
    }

    package struct ListZonalShifts: ZonalShiftCommand {
        package var status: ZonalShiftRecord.Status?
        package var resource: String?
        package var page: Page

        package init(_ input: inout CommandInput) throws(APIError) {
            self.status = input.text("status").flatMap(ZonalShiftRecord.Status.init(rawValue:))
            self.resource = input.text("resourceIdentifier")
            self.page = try Page(&input, size: "maxResults", marker: "nextToken", sizes: 1...100)
        }
    }

    package struct ListManagedResources: ZonalShiftCommand {
        package var page: Page

        package init(_ input: inout CommandInput) throws(APIError) {
            self.page = try Page(&input, size: "maxResults", marker: "nextToken", sizes: 1...100)
        }
    }

    package struct GetManagedResource: ZonalShiftCommand {
        package var resource: String

        package init(_ input: inout CommandInput) throws(APIError) {
            self.resource = try input.required("resourceIdentifier")
        }
    }
}

/// How long a shift is to last: `20h` or `90m` (ALB-ZS-003).
enum ShiftDuration {
    /// AWS seconds.
    private static let allowed = 60...72 * 3600

    static func seconds(_ text: String) throws(APIError) -> Int {
        // The service model has judged the form.
        let factor = text.hasSuffix("h") ? 3600 : 60
        guard let number = Int(text.dropLast()), Self.allowed.contains(number * factor) else {
            throw APIError(
                "ValidationException",
                "expiresIn '\(text.prefix(20))' must be from 1 minute to 72 hours, such as 90m or 2h",
                reason: "InvalidExpiresIn"
            )
        }
        return number * factor
    }
}
