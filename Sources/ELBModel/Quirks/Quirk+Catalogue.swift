extension Quirk {
    /// What the balancer does wrong, in one sentence.
    package var summary: String {
        switch self {
        case .healthFailOpenNever: "Answers 503 when no target is healthy."
        case .healthFirstPassNeedsThreshold: "A new target waits for HealthyThresholdCount passes."
        case .healthMatcherAnyResponse: "Any answer to a probe counts as good."
        case .healthMatcherIgnored: "Only 200 counts as good, whatever the matcher says."
        case .healthPathIgnored: "Probes ask for / in place of HealthCheckPath."
        case .healthPortIgnored: "Probes go to the traffic port in place of HealthCheckPort."
        case .healthStopsProbingUnhealthy: "A target that is out of service is probed no more."
        case .healthThresholdMinusOne: "Both thresholds are one lower."
        case .healthThresholdPlusOne: "Both thresholds are one higher."
        case .healthTimeoutNotCounted: "A probe that times out counts neither way."
        case .healthUserAgentMissing: "Probes carry no User-Agent."
        case .healthConsecutiveNotReset: "A good probe does not reset the count of failures."
        case .healthRedirectFollowed: "A redirect counts as a good probe."
        case .hostPreservedAlways: "Host is forwarded as the client sent it."
        case .hopByHopForwarded: "Headers of one connection are forwarded."
        case .expectForwarded: "Expect is forwarded to the target."
        case .errorBadGatewayAs500: "500 in place of 502."
        case .errorTimeoutAs502: "502 in place of 504."
        case .errorXFFLimitMissing: "X-Forwarded-For may hold any number of addresses."
        case .errorNoTargetsAs502: "502 in place of 503."
        case .errorTraceAllowed: "TRACE is forwarded."
        case .fixedResponseBodyDropped: "Fixed responses have no body."
        case .fixedResponseContentTypeDropped: "Fixed responses have no configured content type."
        case .fixedResponseStatus200: "Fixed responses always say 200."
        case .keepAliveNever: "Every client connection is closed after one answer."
        case .desyncOff: "Requests that two readers could understand differently are forwarded."
        case .redirectDropsQuery: "Redirects lose the query."
        case .redirectKeepsPath: "Redirects keep the request's path, whatever the template says."
        case .redirectStatusSwapped: "301 and 302 change places."
        case .redirectHostIgnored: "Redirects keep the request's host."
        case .redirectPortIgnored: "Redirects keep the request's port."
        case .roundRobinAlwaysFirst: "The first healthy target gets everything."
        case .roundRobinRandom: "Targets are drawn at random."
        case .leastOutstandingIgnored: "Round robin in place of least outstanding requests."
        case .slowStartIgnored: "Targets get their whole share as soon as they are healthy."
        case .weightedRandomIsRoundRobin: "weighted_random goes round."
        case .anomalyIgnored: "Targets that fail keep their share."
        case .zonalShiftIgnored: "Nodes use the targets of the zone that traffic is shifted away from."
        case .crossZoneIgnored: "Nodes use every zone's targets though cross-zone is off."
        case .stickyIgnored: "Clients are not bound to targets."
        case .stickyGroupIgnored: "Clients are not bound to target groups."
        case .stickyForgedAccepted: "Cookies are neither encrypted nor checked."
        case .stickyCORSMissing: "There is no second cookie for cross-origin requests."
        case .stickyCORSLoses: "Of two different cookies AWSALB wins."
        case .stickyNeverRenewed: "Only the first response sets the cookie."
        case .stickyExpiresFollowsDuration: "Expires is the configured duration ahead."
        case .stickyDurationIgnored: "A cookie counts after its duration is over."
        case .stickyApplicationCookieNotNeeded: "AWSALBAPP suffices without the application's cookie."
        case .stickyPercentDecoded: "Percent-encoded cookies are understood."
        case .stickySameSiteAlways: "AWSALBAPP crosses sites for every browser."
        case .rulesDefaultFirst: "The default action is always taken."
        case .rulesHostCaseSensitive: "Host names are compared with their case."
        case .rulesHostPortCompared: "The port of Host takes part in the comparison."
        case .rulesMethodIgnored: "Method conditions always hold."
        case .rulesMethodCaseInsensitive: "Methods are compared without their case."
        case .rulesOnlyFirstValue: "Only a condition's first value is tried."
        case .rulesOrInsteadOfAnd: "One condition of a rule suffices."
        case .rulesPathCaseInsensitive: "Paths are compared without their case."
        case .rulesPathPrefix: "A path pattern is a prefix."
        case .rulesPathWithQuery: "Path patterns are compared with path and query."
        case .rulesPriorityReversed: "Rules are tested from the highest number downward."
        case .rulesQueryCaseSensitive: "Query strings are compared with their case."
        case .rulesQueryKeyIgnored: "A query value matches under any key."
        case .rulesSourceIPFromXFF: "The source address is read from X-Forwarded-For."
        case .rulesHeaderFirstInstanceOnly: "Only the first line of a repeated header is examined."
        case .rulesHeaderCaseSensitive: "Header values are compared with their case."
        case .rulesStarStopsAtSlash: "* does not stand for a slash."
        case .rulesQuestionMarkOptional: "? may stand for nothing."
        case .tlsDefaultCertificateAlways: "The default certificate is shown whatever name is asked for."
        case .tlsUnknownNameRefused: "A client that asks for an unknown name gets no certificate."
        case .tlsWildcardAnyDepth: "A wildcard certificate covers any number of labels."
        case .tlsRSAPreferred: "RSA certificates win over ECDSA."
        case .tlsClientOrder: "The client's order of cipher suites decides."
        case .tlsOldVersionsAllowed: "Every policy allows TLS 1.0 to 1.3."
        case .tlsValidatesTargets: "Certificates of targets are validated."
        case .tlsHeadersMissing: "The TLS version and cipher suite are never told to targets."
        case .tlsHeadersTrusted: "A client's own X-Amzn-Tls- and X-Amzn-Mtls- headers are believed."
        case .tlsHeaderRenameIgnored: "TLS headers keep their names."
        case .mtlsNotVerified: "Client certificates are not verified."
        case .mtlsExpiryIgnored: "Expired client certificates are accepted."
        case .mtlsRevocationIgnored: "Revocation lists are not looked at."
        case .mtlsHeadersMissing: "Client certificates are not told to targets."
        case .mtlsPassthroughRequires: "Passthrough refuses clients without a certificate."
        case .mtlsIgnoreExpiryIgnored: "Expired client certificates are refused even where that is to be ignored."
        case .tlsCertificateKept: "A replaced certificate is shown until the balancer is started anew."
        case .traceIDMissing: "No X-Amzn-Trace-Id is added."
        case .traceIDReplaced: "A client's trace id is thrown away."
        case .weightsEqual: "All positive weights are equal."
        case .weightsZeroCounts: "Weight 0 counts as 1."
        case .xffMissing: "No X-Forwarded-For is added."
        case .xffReplaced: "X-Forwarded-For loses what the client sent."
        case .xffPortMissing: "No X-Forwarded-Port is added."
        case .xffProtoTrusted: "The client's X-Forwarded-Proto and -Port are believed."
        case .xffModeIgnored: "X-Forwarded-For is always appended to."
        case .urlDecoded: "The request target is decoded on its way."
        case .retriesPost: "A POST is sent again when its target fails."
        case .bodyTruncated: "The last byte of a body is lost."
        case .responseHeadersDropped: "A target's own headers do not reach the client."
        case .deregisteredKeepsTraffic: "A deregistered target goes on getting requests."
        case .rulesWildcardsLiteral: "* and ? of a value stand for themselves."
        case .rulesEscapeIgnored: "A backslash in a value is ignored."
        case .xffClientPortIgnored: "X-Forwarded-For never carries the client's port."
        case .viaAdded: "A Via header is added."
        case .requestHeadersDropped: "The client's own headers do not reach the target."
        case .invalidHeadersKept: "Invalid header names are never dropped."
        case .hostPreserveIgnored: "Host is rewritten even when it is to be preserved."
        case .upstreamNeverReused: "Every request opens a connection to its target."
        case .methodRewritten: "Methods other than GET, HEAD and POST reach the target as POST."
        case .errorRequestTimeoutAs400: "400 in place of 408."
        case .errorNotImplementedAs400: "400 in place of 501."
        case .errorBadRequestAs500: "500 in place of 400."
        case .responseLengthDropped: "Answers come without their length and end with the connection."
        case .desyncAlwaysStrictest: "Every mode is strictest."
        case .healthConnectFailureNotCounted: "A probe that loses its connection counts neither way."
        case .deregisterDelayEndless: "A deregistered target's requests are never cut."
        case .deregisterDelayIgnored: "Requests in flight are cut when their target is deregistered."
        case .transformIgnored: "Transforms are not applied."
        case .transformHostIgnored: "Hosts are never rewritten."
        case .transformBeforeRules: "Rules are tested again with the rewritten request."
        case .transformCapturesIgnored: "$1 of a replacement stands for itself."
        case .transformNoMatchFails: "A request that a transform does not match is answered with 500."
        case .transformFailureForwards: "A request whose rewriting fails is forwarded as it came."
        case .transformDropsQuery: "A rewritten request loses its query."
        case .transformPathOnly: "A rewritten request has no query, whatever the replacement says."
        case .transformKeepsEscapes: "A rewritten path keeps its percent-encoding."
        case .transformRedirects: "The client is redirected to the rewritten URL."
        case .headerInsertionIgnored: "Configured response headers are not set."
        case .headerInsertionAppends: "Configured response headers stand beside the target's."
        case .headerInsertionSuccessOnly: "Configured response headers are set on 2xx and 3xx only."
        case .headerInsertionTargetsOnly: "Configured response headers are not set on the balancer's own answers."
        case .headerInsertionStripsUnset: "Response headers that could be configured and are not are removed."
        case .serverHeaderKept: "The balancer names itself in Server, whatever is configured."
        case .serverHeaderReplaced: "A target's Server header is replaced by the balancer's."
        case .preflightAnswered: "OPTIONS is answered by the balancer once an allowed origin is configured."
        case .lambdaFirstValueWins: "A function gets the first value of a repeated header or query key."
        case .lambdaDecodesQuery: "A function gets query parameters decoded."
        case .lambdaNoBase64: "A function gets every body as text."
        case .lambdaAlwaysBase64: "A function gets every body as Base64."
        case .lambdaNamesKeepCase: "A function gets header names as the client wrote them."
        case .lambdaMultiValueIgnored: "Functions never get lists of values."
        case .lambdaErrorAs500: "500 in place of 502 when a function fails."
        case .lambdaIncompleteAccepted: "What a function's answer lacks is made up."
        case .lambdaBodyNotDecoded: "A function's Base64 body is sent as it is."
        case .lambdaLengthTrusted: "A function's own Content-Length reaches the client."
        case .lambdaRequestLimitMissing: "A function gets bodies of any size."
        case .lambdaResponseLimitMissing: "A function may answer with more than 1 MB."
        case .lambdaUpgradeIgnored: "A function is invoked for a WebSocket upgrade."
        case .lambdaIdleTimeoutApplies: "A function slower than the idle timeout becomes 504."
        case .lambdaUTF8Unchecked: "Requests that are not UTF-8 are put into events."
        case .lambdaAlwaysProbed: "Functions are probed although health checks are off."
        case .authSessionTimeoutIgnored: "Sessions do not end with SessionTimeout."
        case .authStateNotChecked: "A callback is taken whoever brings it."
        case .authDenyRedirects: "Users who are to be denied are led to the provider."
        case .authProviderErrorAs401: "401 in place of 561."
        case .authClaimsUnlimited: "Claims and access token may be of any size."
        case .authCookieNotSecure: "Session cookies lack Secure."
        case .authIdentityMissing: "Targets are not told who the user is."
        case .authIdentityTrusted: "Identity headers that the client sent reach the target."
        case .authPaddingMissing: "The signed claims have no padding."
        case .authFailuresAs502: "502 in place of 500 when a provider cannot be reached."
        case .authRefreshNever: "Claims are never refreshed."
        case .jwtExpiryIgnored: "Tokens that have expired are taken."
        case .jwtAlgorithmNoneAccepted: "Tokens without a signature are taken."
        case .jwtIssuerIgnored: "Tokens of any issuer are taken."
        case .jwtClaimsIgnored: "Additional claims are not looked at."
        case .jwtSignatureIgnored: "Signatures are not verified."
        case .jwtKeySetFailureAs500: "500 in place of 562."
        case .webSocketUpgradeDropped: "WebSocket handshakes reach their target as ordinary requests."
        case .webSocketIdleIgnored: "The idle timeout does not end a WebSocket."
        case .http2NotOffered: "HTTPS listeners never speak HTTP/2."
        case .http2AlwaysOffered: "HTTPS listeners offer HTTP/2 whatever the attribute says."
        case .http2NamesCapitalized: "Header names of HTTP/2 clients reach targets capitalized."
        case .http2StreamsFew: "A client may have 10 streams at once."
        case .http2MalformedAccepted: "Fields of HTTP/2 are written to targets unchecked."
        case .http2GoAwayNever: "An HTTP/2 connection lasts, whatever its age and number of requests."
        case .http2PingIsActivity: "PING frames reset the idle timeout."
        case .http2LimitsEndConnection:
            "One stream too many, or too long a header list, costs the client its connection."
        case .errorBadVersionAs400: "400 in place of 505."
        case .protocolVersionIgnored: "Every target is spoken to in HTTP/1.1."
        case .protocolVersionMismatchAllowed: "Requests are translated to whatever their group speaks."
        case .grpcTrailersDropped: "A target's trailers do not reach the client."
        case .grpcErrorsWithoutStatus: "Errors of the load balancer carry no grpc-status."
        case .healthProtocolVersionIgnored: "Health checks speak HTTP/1.1 whatever the group speaks."
        case .flowAlwaysFirst: "Every connection goes to the first usable target."
        case .flowClientIPHidden: "Targets never see clients' addresses."
        case .flowClientIPShown: "Targets always see clients' addresses."
        case .flowResetAsClose: "A reset of one side reaches the other as a farewell."
        case .flowHalfCloseEnds: "A side that has said all ends the connection for both."
        case .flowRefusedAsClose: "A connection that the target refuses is closed, not reset."
        case .flowIdleTimeoutCloses: "Connections that have been idle for too long are closed."
        case .flowIdleTimeoutMissing: "Connections may be idle for ever."
        case .flowKeepaliveIgnored: "Keepalive packets do not keep connections."
        case .flowUnhealthyKeepsConnections: "Connections outlive their target's health."
        case .flowDeregisteredCut: "Connections end with the deregistration delay, whatever the attribute says."
        case .flowSourceIPIgnored: "Clients are bound to no target."
        case .classicFailsOpen: "A Classic Load Balancer tries its instances when none is in service."
        case .classicTraceIDAdded: "A Classic Load Balancer writes X-Amzn-Trace-Id."
        case .classicCookieRenewed: "A Classic Load Balancer sets AWSELB with every answer."
        case .classicProxyLineMissing: "A Classic Load Balancer writes no line of PROXY protocol."
        case .classicLongMethodsForwarded: "A Classic Load Balancer forwards methods of any length."
        case .proxyProtocolMissing: "No header of PROXY protocol is sent."
        case .proxyProtocolTarget: "The header names the target in place of the address that was dialled."
        case .proxyProtocolChecksum: "The header's checksum is that of something else."
        case .udpPerDatagram: "Every datagram is a flow of its own."
        case .udpTimeoutMissing: "Flows of datagrams live for ever."
        case .dnsUnhealthyZoneKept: "A zone without healthy targets stays in the answer."
        case .dnsFailOpenNever: "The name stands for no address when no zone is healthy."
        case .dnsOneAddress: "The name stands for one zone's node only."
        case .dnsOrderFixed: "Addresses always come in the same order."
        case .dnsZonalNameAllZones: "A zonal name stands for the nodes of all zones."
        case .dnsTTLLong: "Answers may be remembered for five minutes."
        case .dnsInternalPublic: "Names of internal load balancers stand for public addresses."
        case .dnsNoDataAsNameError: "A name that has no record of the type is denied altogether."
        case .dnsNameErrorAsNoData: "Names that nobody has given are answered as if they had no such record."
        case .dnsForeignAnswered: "Names of others are denied, not refused."
        case .dnsCaseLowered: "The question comes back in lower case."
        case .dnsEDNSIgnored: "EDNS is neither read nor answered."
        case .dnsTruncationHidden: "Answers that do not fit a datagram are cut without a word."
        case .dnsTCPMissing: "Names are not answered by TCP."
        case .dnsAliasAsCanonicalName: "An alias is answered as a CNAME."
        case .dnsRecordTTLIgnored: "Records of hosted zones may be remembered for 60 seconds, whatever their TTL."
        }
    }

    /// The rows of the behaviour catalogue that it breaks.
    package var rows: [String] {
        switch self {
        case .healthFailOpenNever: ["ALB-TGH-009", "ALB-ERR-038"]
        case .healthFirstPassNeedsThreshold: ["ALB-TG-015"]
        case .healthMatcherAnyResponse: ["ALB-HC-010"]
        case .healthMatcherIgnored: ["ALB-HC-010"]
        case .healthPathIgnored: ["ALB-HC-004"]
        case .healthPortIgnored: ["ALB-HC-005"]
        case .healthStopsProbingUnhealthy: ["ALB-HC-001", "ALB-HC-022"]
        case .healthThresholdMinusOne: ["ALB-HC-008", "ALB-HC-009", "ALB-HC-022"]
        case .healthThresholdPlusOne: ["ALB-HC-008", "ALB-HC-009", "ALB-HC-022"]
        case .healthTimeoutNotCounted: ["ALB-HC-007", "ALB-HC-022"]
        case .healthUserAgentMissing: ["ALB-HC-015"]
        case .healthConsecutiveNotReset: ["ALB-HC-023"]
        case .healthRedirectFollowed: ["ALB-HC-013"]
        case .hostPreservedAlways: ["ALB-HDR-026", "ALB-HDR-029", "ALB-HDR-031", "ALB-HDR-032"]
        case .hopByHopForwarded: ["ALB-HTTP-023"]
        case .expectForwarded: ["ALB-HTTP-019"]
        case .errorBadGatewayAs500: ["ALB-ERR-027", "ALB-ERR-029", "ALB-ERR-030"]
        case .errorTimeoutAs502: ["ALB-ERR-040"]
        case .errorXFFLimitMissing: ["ALB-HDR-011", "ALB-ERR-019"]
        case .errorNoTargetsAs502: ["ALB-ERR-035", "ALB-FWD-007"]
        case .errorTraceAllowed: ["ALB-ERR-012"]
        case .fixedResponseBodyDropped: ["ALB-FIX-002", "ALB-FIX-008"]
        case .fixedResponseContentTypeDropped: ["ALB-FIX-003"]
        case .fixedResponseStatus200: ["ALB-FIX-001"]
        case .keepAliveNever: ["ALB-CONN-006", "ALB-HTTP-021"]
        case .desyncOff: ["ALB-DSYNC-004", "ALB-DSYNC-005", "ALB-DSYNC-006"]
        case .redirectDropsQuery: ["ALB-RDR-002", "ALB-RDR-009"]
        case .redirectKeepsPath: ["ALB-RDR-008"]
        case .redirectStatusSwapped: ["ALB-RDR-001"]
        case .redirectHostIgnored: ["ALB-RDR-002"]
        case .redirectPortIgnored: ["ALB-RDR-002"]
        case .roundRobinAlwaysFirst: ["ALB-ALG-003"]
        case .roundRobinRandom: ["ALB-ALG-003"]
        case .leastOutstandingIgnored: ["ALB-ALG-005"]
        case .slowStartIgnored: ["ALB-SLOW-002"]
        case .weightedRandomIsRoundRobin: ["ALB-ALG-008"]
        case .anomalyIgnored: ["ALB-ALG-014"]
        case .zonalShiftIgnored: ["ALB-ZS-004", "NLB-AZ-013"]
        case .crossZoneIgnored: ["ALB-XZ-004", "ALB-XZ-005"]
        case .stickyIgnored: ["ALB-STK-005", "ALB-STK-015"]
        case .stickyGroupIgnored: ["ALB-FWD-011", "ALB-FWD-012"]
        case .stickyForgedAccepted: ["ALB-STK-013"]
        case .stickyCORSMissing: ["ALB-STK-006", "ALB-FWD-011"]
        case .stickyCORSLoses: ["ALB-STK-012"]
        case .stickyNeverRenewed: ["ALB-STK-011"]
        case .stickyExpiresFollowsDuration: ["ALB-STK-007", "ALB-STK-017"]
        case .stickyDurationIgnored: ["ALB-STK-010"]
        case .stickyApplicationCookieNotNeeded: ["ALB-STK-018"]
        case .stickyPercentDecoded: ["ALB-STK-022", "ALB-HTTP-037", "ALB-FWD-013"]
        case .stickySameSiteAlways: ["ALB-STK-021"]
        case .rulesDefaultFirst: ["ALB-LSN-005"]
        case .rulesHostCaseSensitive: ["ALB-COND-004"]
        case .rulesHostPortCompared: ["ALB-COND-007"]
        case .rulesMethodIgnored: ["ALB-COND-022"]
        case .rulesMethodCaseInsensitive: ["ALB-COND-022"]
        case .rulesOnlyFirstValue: ["ALB-RULE-006"]
        case .rulesOrInsteadOfAnd: ["ALB-RULE-005", "ALB-RULE-007"]
        case .rulesPathCaseInsensitive: ["ALB-COND-010"]
        case .rulesPathPrefix: ["ALB-COND-011"]
        case .rulesPathWithQuery: ["ALB-COND-010"]
        case .rulesPriorityReversed: ["ALB-RULE-003"]
        case .rulesQueryCaseSensitive: ["ALB-COND-023"]
        case .rulesQueryKeyIgnored: ["ALB-COND-023"]
        case .rulesSourceIPFromXFF: ["ALB-COND-029"]
        case .rulesHeaderFirstInstanceOnly: ["ALB-COND-019"]
        case .rulesHeaderCaseSensitive: ["ALB-COND-017"]
        case .rulesStarStopsAtSlash: ["ALB-COND-003"]
        case .rulesQuestionMarkOptional: ["ALB-COND-002"]
        case .tlsDefaultCertificateAlways: ["ALB-TLS-007", "INT-AC-003"]
        case .tlsUnknownNameRefused: ["ALB-TLS-008"]
        case .tlsWildcardAnyDepth: ["ALB-TLS-009"]
        case .tlsRSAPreferred: ["ALB-TLS-007", "INT-AC-003"]
        case .tlsClientOrder: ["ALB-TLS-002"]
        case .tlsOldVersionsAllowed: ["ALB-TLS-003"]
        case .tlsValidatesTargets: ["ALB-TLS-012"]
        case .tlsHeadersMissing: ["ALB-HDR-038"]
        case .tlsHeadersTrusted: ["ALB-HDR-040"]
        case .tlsHeaderRenameIgnored: ["ALB-HMOD-009"]
        case .mtlsNotVerified: ["ALB-TLS-019", "ALB-TLS-024"]
        case .mtlsExpiryIgnored: ["ALB-TLS-019", "ALB-TLS-021"]
        case .mtlsRevocationIgnored: ["ALB-TLS-019", "ALB-TLS-025"]
        case .mtlsHeadersMissing: ["ALB-TLS-016", "ALB-TLS-020"]
        case .mtlsPassthroughRequires: ["ALB-TLS-018"]
        case .mtlsIgnoreExpiryIgnored: ["ALB-TLS-021"]
        case .tlsCertificateKept: ["ALB-TLS-011"]
        case .classicFailsOpen: ["CLB-RT-009", "CLB-ER-005"]
        case .classicTraceIDAdded: ["CLB-HD-006"]
        case .classicCookieRenewed: ["CLB-SK-005"]
        case .classicProxyLineMissing: ["CLB-PP-002"]
        case .classicLongMethodsForwarded: ["CLB-ER-002"]
        case .traceIDMissing: ["ALB-HDR-017"]
        case .traceIDReplaced: ["ALB-HDR-018", "ALB-HDR-019", "ALB-HDR-020"]
        case .weightsEqual: ["ALB-FWD-004"]
        case .weightsZeroCounts: ["ALB-FWD-005"]
        case .xffMissing: ["ALB-HDR-002", "ALB-HDR-003"]
        case .xffReplaced: ["ALB-HDR-003", "ALB-HDR-004"]
        case .xffPortMissing: ["ALB-HDR-014"]
        case .xffProtoTrusted: ["ALB-HDR-015"]
        case .xffModeIgnored: ["ALB-HDR-005", "ALB-HDR-006", "ALB-HDR-010"]
        case .urlDecoded: ["ALB-HTTP-036"]
        case .retriesPost: ["ALB-CONN-011"]
        case .bodyTruncated: ["ALB-ERR-002", "ALB-HTTP-029"]
        case .responseHeadersDropped: ["ALB-ERR-002"]
        case .deregisteredKeepsTraffic: ["ALB-DRG-002", "ALB-DRG-004"]
        case .rulesWildcardsLiteral: ["ALB-COND-002", "ALB-COND-006"]
        case .rulesEscapeIgnored: ["ALB-COND-025"]
        case .xffClientPortIgnored: ["ALB-HDR-008"]
        case .viaAdded: ["ALB-HDR-039"]
        case .requestHeadersDropped: ["ALB-HDR-034"]
        case .invalidHeadersKept: ["ALB-HDR-034"]
        case .hostPreserveIgnored: ["ALB-HDR-030"]
        case .upstreamNeverReused: ["ALB-CONN-007", "ALB-CONN-008"]
        case .methodRewritten: ["ALB-HTTP-016"]
        case .errorRequestTimeoutAs400: ["ALB-ERR-013"]
        case .errorNotImplementedAs400: ["ALB-ERR-025"]
        case .errorBadRequestAs500: ["ALB-ERR-004", "ALB-DSYNC-006"]
        case .responseLengthDropped: ["ALB-ERR-048"]
        case .desyncAlwaysStrictest: ["ALB-DSYNC-003"]
        case .healthConnectFailureNotCounted: ["ALB-HC-022", "ALB-HC-028"]
        case .deregisterDelayEndless: ["ALB-DRG-004", "ALB-ERR-032"]
        case .deregisterDelayIgnored: ["ALB-DRG-003"]
        case .transformIgnored: ["ALB-XFRM-002", "ALB-XFRM-005", "ALB-XFRM-009"]
        case .transformHostIgnored: ["ALB-XFRM-002", "ALB-XFRM-015"]
        case .transformBeforeRules: ["ALB-XFRM-009"]
        case .transformCapturesIgnored: ["ALB-XFRM-002"]
        case .transformNoMatchFails: ["ALB-XFRM-003"]
        case .transformFailureForwards: ["ALB-XFRM-004"]
        case .transformDropsQuery: ["ALB-XFRM-006", "ALB-XFRM-007"]
        case .transformPathOnly: ["ALB-XFRM-005", "ALB-XFRM-007"]
        case .transformKeepsEscapes: ["ALB-XFRM-010"]
        case .transformRedirects: ["ALB-XFRM-008"]
        case .headerInsertionIgnored: ["ALB-HMOD-005", "ALB-HMOD-007", "ALB-HMOD-008"]
        case .headerInsertionAppends: ["ALB-HMOD-005"]
        case .headerInsertionSuccessOnly: ["ALB-HMOD-007"]
        case .headerInsertionTargetsOnly: ["ALB-HMOD-008"]
        case .headerInsertionStripsUnset: ["ALB-HMOD-006"]
        case .serverHeaderKept: ["ALB-HMOD-002"]
        case .serverHeaderReplaced: ["ALB-HMOD-003"]
        case .preflightAnswered: ["ALB-HMOD-014"]
        case .lambdaFirstValueWins: ["ALB-LMB-006"]
        case .lambdaDecodesQuery: ["ALB-LMB-007"]
        case .lambdaNoBase64: ["ALB-LMB-008", "ALB-LMB-010"]
        case .lambdaAlwaysBase64: ["ALB-LMB-008"]
        case .lambdaNamesKeepCase: ["ALB-LMB-004"]
        case .lambdaMultiValueIgnored: ["ALB-LMB-005", "ALB-LMB-015"]
        case .lambdaErrorAs500: ["ALB-LMB-020", "ALB-LMB-021", "ALB-ERR-034"]
        case .lambdaIncompleteAccepted: ["ALB-LMB-014", "ALB-LMB-020"]
        case .lambdaBodyNotDecoded: ["ALB-LMB-016"]
        case .lambdaLengthTrusted: ["ALB-LMB-017", "ALB-HTTP-022"]
        case .lambdaRequestLimitMissing: ["ALB-LMB-012", "ALB-ERR-014"]
        case .lambdaResponseLimitMissing: ["ALB-LMB-013", "ALB-ERR-034"]
        case .lambdaUpgradeIgnored: ["ALB-LMB-024", "ALB-ERR-008", "ALB-HTTP-033"]
        case .lambdaIdleTimeoutApplies: ["ALB-LMB-023"]
        case .lambdaUTF8Unchecked: ["ALB-LMB-011"]
        case .lambdaAlwaysProbed: ["ALB-LMB-025"]
        case .authSessionTimeoutIgnored: ["ALB-AUTH-017", "ALB-AUTH-009"]
        case .authStateNotChecked: ["ALB-AUTH-019", "ALB-AUTH-028"]
        case .authDenyRedirects: ["ALB-AUTH-009"]
        case .authProviderErrorAs401: ["ALB-AUTH-024", "ALB-ERR-046"]
        case .authClaimsUnlimited: ["ALB-AUTH-020"]
        case .authCookieNotSecure: ["ALB-AUTH-017"]
        case .authIdentityMissing: ["ALB-AUTH-013"]
        case .authIdentityTrusted: ["ALB-AUTH-008", "ALB-AUTH-013"]
        case .authPaddingMissing: ["ALB-AUTH-015"]
        case .authFailuresAs502: ["ALB-AUTH-011", "ALB-ERR-022"]
        case .authRefreshNever: ["ALB-AUTH-025"]
        case .jwtExpiryIgnored: ["ALB-JWT-005"]
        case .jwtAlgorithmNoneAccepted: ["ALB-JWT-004", "ALB-JWT-009"]
        case .jwtIssuerIgnored: ["ALB-JWT-005"]
        case .jwtClaimsIgnored: ["ALB-JWT-006", "ALB-JWT-010"]
        case .jwtSignatureIgnored: ["ALB-JWT-009"]
        case .jwtKeySetFailureAs500: ["ALB-JWT-013", "ALB-ERR-047"]
        case .webSocketUpgradeDropped: ["ALB-HTTP-031"]
        case .webSocketIdleIgnored: ["ALB-HTTP-035"]
        case .http2NotOffered: ["ALB-HTTP-001", "ALB-HTTP-002"]
        case .http2AlwaysOffered: ["ALB-HTTP-002"]
        case .http2NamesCapitalized: ["ALB-HDR-033"]
        case .http2StreamsFew: ["ALB-HTTP-003"]
        case .http2MalformedAccepted: ["ALB-HTTP-006"]
        case .http2GoAwayNever: ["ALB-HTTP-004", "ALB-CONN-005"]
        case .http2PingIsActivity: ["ALB-HTTP-005"]
        case .http2LimitsEndConnection: ["ALB-HTTP-003", "ALB-HTTP-024", "ALB-ERR-005"]
        case .errorBadVersionAs400: ["ALB-HTTP-030"]
        case .protocolVersionIgnored: ["ALB-HTTP-009", "ALB-HTTP-012"]
        case .protocolVersionMismatchAllowed: ["ALB-HTTP-009", "ALB-ERR-020"]
        case .grpcTrailersDropped: ["ALB-HTTP-011"]
        case .grpcErrorsWithoutStatus: ["ALB-HTTP-013"]
        case .healthProtocolVersionIgnored: ["ALB-HC-011", "ALB-HC-019"]
        case .flowAlwaysFirst: ["NLB-FH-004", "NLB-FH-001", "NLB-SK-002"]
        case .flowClientIPHidden: ["NLB-IP-001", "NLB-IP-003"]
        case .flowClientIPShown: ["NLB-IP-001", "NLB-IP-002"]
        case .flowResetAsClose: ["NLB-TO-008"]
        case .flowHalfCloseEnds: ["NLB-FH-003"]
        case .flowRefusedAsClose: ["NLB-FH-005"]
        case .flowIdleTimeoutCloses: ["NLB-TO-002"]
        case .flowIdleTimeoutMissing: ["NLB-TO-001", "NLB-TO-003"]
        case .flowKeepaliveIgnored: ["NLB-TO-004"]
        case .flowUnhealthyKeepsConnections: ["NLB-FO-001"]
        case .flowDeregisteredCut: ["NLB-DR-003"]
        case .flowSourceIPIgnored: ["NLB-SK-002"]
        case .proxyProtocolMissing: ["NLB-PP-001", "NLB-PP-002"]
        case .proxyProtocolTarget: ["NLB-PP-004"]
        case .proxyProtocolChecksum: ["NLB-PP-008"]
        case .udpPerDatagram: ["NLB-FH-002", "NLB-UD-001"]
        case .udpTimeoutMissing: ["NLB-TO-007"]
        case .dnsUnhealthyZoneKept:
            [
                "ALB-DNS-009", "ALB-TGH-011", "ALB-XZ-009", "NLB-FO-007", "NLB-FO-011", "CLB-ER-008", "ALB-ZS-004",
                "NLB-AZ-013",
            ]
        case .dnsFailOpenNever: ["ALB-TGH-012", "NLB-FO-012"]
        case .dnsOneAddress: ["ALB-DNS-002", "NLB-AZ-008"]
        case .dnsOrderFixed: ["ALB-DNS-008"]
        case .dnsZonalNameAllZones: ["ALB-DNS-004", "NLB-AZ-007"]
        case .dnsTTLLong: ["ALB-DNS-007", "NLB-AZ-008", "CLB-AP-011"]
        case .dnsInternalPublic: ["ALB-DNS-010"]
        case .dnsNoDataAsNameError: ["ALB-DNS-012", "CLB-LS-015"]
        case .dnsNameErrorAsNoData: ["ALB-DNS-003"]
        case .dnsForeignAnswered: ["ALB-DNS-003"]
        case .dnsCaseLowered: ["ALB-DNS-002"]
        case .dnsEDNSIgnored: ["ALB-DNS-002"]
        case .dnsTruncationHidden: ["ALB-DNS-002"]
        case .dnsTCPMissing: ["ALB-DNS-002"]
        case .dnsAliasAsCanonicalName: ["INT-R5-001", "INT-R5-002"]
        case .dnsRecordTTLIgnored: ["CLB-AP-011", "INT-R5-002"]
        }
    }
}
