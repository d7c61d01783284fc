/// A token that was signed once, elsewhere, with a 2048-bit key that nobody has any more; good until the year 2100.
enum SignedSample {
    /// `{"alg":"RS256","kid":"k"}`, `{"iss":"https://idp.example.com","sub":"app","exp":4102444800,"scope":"read write"}`.
    static let token =
        "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsifQ.eyJpc3MiOiJodHRwczovL2lkcC5leGFtcGxlLmNvbSIsInN1YiI6ImFwcCIsI"
        + "mV4cCI6NDEwMjQ0NDgwMCwic2NvcGUiOiJyZWFkIHdyaXRlIn0.FEJlr5JxRdkCRKfO7sepmlwbrAQWbATUto9nBkj0pIrfH"
        + "HTXAxlym3bg_QmAg6-zRv6xrqOgFRPFqteiAyNJnAVWflMR1FGhmXCQUXuo7G8TpcsTqYo58u2iyKxSuNgh3po7bEhEWUYHV"
        + "oeV2AL0EeIgDQObfLqljoQKibHNxh1fSPXNYzPQdzBS2BzpzutSl7JOoJ-jU9We0a2EbsCVgcQEJYrVP_fxcINP6RJmpgtfB"
        + "sKnODup1RLMks8D3t3dn0zuquHu-efD8hH_uTRaUiUFlGfvIEqA28zjXr8a_mZPOqc4w3CPsYf2UuaKe8-IF4vbmfr65rXUQ"
        + "JcrvC-Faw"

    /// The modulus of its key; the exponent is 65537.
    static let modulus =
        "w_qrXONwaxLiNKvOCK8z_pTwegrlDWrCYCZ5E88o5GyQuROgcdZEc2sdmX4VtANlr_hq9vs2N1obkLODD59BX69I0S8mM81l"
        + "7w55scynBerno1UgmjALHssZjS6yzwUvCtWu-a-bZR4wUpcdCJ0ITntNJVEyhCSwE0m_jMukA_N4MQMj16zrgNmdSh8bAi3Q"
        + "9Uc4m8xRiMyWRQ9w_7tfu8CfBp6Ct5NhGrz3W3zg_GiN5FriEC8b0WUY3a0f9sssf_UZ9-4xLs3nzBKinTOvS08Ng7V8_ldA"
        + "WMmz43dmT8Y6b9o7TBWWufAFmgGq9kzdyM6JlH2Qt2lsSdEVxkj1QQ"

    /// A set with the key.
    static var keySet: String {
        #"{"keys":[{"kty":"RSA","kid":"k","use":"sig","alg":"RS256","n":"\#(Self.modulus)","e":"AQAB"}]}"#
    }
}
