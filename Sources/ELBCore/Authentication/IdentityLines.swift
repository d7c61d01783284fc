import ELBModel
import ELBWire

extension CompiledLogin {
    /// Seconds that targets may take what they are told of the user for granted.
    private static let validitySeconds: Int64 = 120

    /// The three fields that tell a target who the user is (ALB-AUTH-013). Only `x-amzn-oidc-data` is signed, and the ID token
    /// is never among them.
    func identityLines(of session: UserSession, _ context: AuthenticationContext) -> [UInt8] {
        guard !self.quirks.contains(.identityMissing) else { return [] }
        var lines: [UInt8] = []
        lines.append("x-amzn-oidc-accesstoken: ")
        lines += session.accessToken
        lines.append("\r\nx-amzn-oidc-identity: ")
        lines += session.subject
        lines.append("\r\nx-amzn-oidc-data: ")
        self.appendSignedClaims(of: session, context, to: &lines)
        lines.append("\r\n")
        return lines
    }

    /// A token with the user info as its payload, signed by the load balancer (ALB-AUTH-014). Its segments are padded with `=`,
    /// which standard libraries refuse (ALB-AUTH-015).
    private func appendSignedClaims(
        of session: UserSession,
        _ context: AuthenticationContext,
        to lines: inout [UInt8]
    ) {
        let isPadded = !self.quirks.contains(.paddingMissing)
        var header: [UInt8] = []
        header.append(#"{"typ":"JWT","kid":"#)
        JSONText.append(context.cryptography.keyID, to: &header)
        header.append(#","alg":"ES256","iss":"#)
        JSONText.append(self.provider.issuer, to: &header)
        header.append(#","client":"#)
        JSONText.append(self.provider.clientID, to: &header)
        header.append(#","signer":"#)
        JSONText.append(context.signer, to: &header)
        header.append(#","exp":"#)
        header.append(decimal: Int(context.time / 1_000_000 + Self.validitySeconds))
        header.append("}")
        var token: [UInt8] = []
        Base64URL.append(header.span, padded: isPadded, to: &token)
        token.append(UInt8(ascii: "."))
        Base64URL.append(session.claims.span, padded: isPadded, to: &token)
        let signature = context.cryptography.signES256(token)
        token.append(UInt8(ascii: "."))
        Base64URL.append(signature.span, padded: isPadded, to: &token)
        lines += token
    }
}
