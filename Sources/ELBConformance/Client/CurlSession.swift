internal import CCurl
internal import FoundationEssentials

/// One libcurl handle with its connections. Blocking.
final class CurlSession: @unchecked Sendable {
    // Unchecked: a handle may move between threads but is used by one at a time; `CurlClient` lends it out so.
    private let handle: UnsafeMutableRawPointer

    /// libcurl wants to be set up once before any thread uses it.
    private static let isReady = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK

    /// `nil` when libcurl cannot start, which it does for want of memory only.
    init?() {
        guard Self.isReady, let handle = curl_easy_init() else { return nil }
        self.handle = handle
    }

    deinit { curl_easy_cleanup(self.handle) }

    /// Sends the request and waits for the answer or the limit.
    func perform(_ request: CurlRequest) -> CurlOutcome {
        // Options are forgotten, connections are kept.
        curl_easy_reset(self.handle)
        let exchange = CurlExchange(request)
        var lists = CurlLists()
        defer { lists.free() }
        self.configure(for: request, lists: &lists)
        let context = Unmanaged.passUnretained(exchange).toOpaque()
        elb_curl_set_pointer(self.handle, CURLOPT_WRITEDATA, context)
        elb_curl_set_pointer(self.handle, CURLOPT_HEADERDATA, context)
        elb_curl_set_pointer(self.handle, CURLOPT_READDATA, context)
        let code = withExtendedLifetime(exchange) { curl_easy_perform(self.handle) }
        return self.outcome(code, of: exchange)
    }

    private func configure(for request: CurlRequest, lists: inout CurlLists) {
        elb_curl_set_long(self.handle, CURLOPT_NOSIGNAL, 1)
        elb_curl_set_long(self.handle, CURLOPT_PATH_AS_IS, 1)
        elb_curl_set_string(self.handle, CURLOPT_PROXY, "")
        elb_curl_set_string(self.handle, CURLOPT_URL, request.url)
        elb_curl_set_string(self.handle, CURLOPT_CUSTOMREQUEST, request.method)
        elb_curl_set_long(self.handle, CURLOPT_CONNECTTIMEOUT_MS, request.connectTimeout.milliseconds)
        elb_curl_set_long(self.handle, CURLOPT_TIMEOUT_MS, request.timeout.milliseconds)
        elb_curl_set_long(self.handle, CURLOPT_HTTP_VERSION, request.version.curlValue)
        elb_curl_set_callback(self.handle, CURLOPT_WRITEFUNCTION, receiveBody)
        elb_curl_set_callback(self.handle, CURLOPT_HEADERFUNCTION, receiveHeader)
        if request.method == "HEAD" { elb_curl_set_long(self.handle, CURLOPT_NOBODY, 1) }
        if let interface = request.interface { elb_curl_set_string(self.handle, CURLOPT_INTERFACE, interface) }
        if !request.verifiesCertificate {
            elb_curl_set_long(self.handle, CURLOPT_SSL_VERIFYPEER, 0)
            elb_curl_set_long(self.handle, CURLOPT_SSL_VERIFYHOST, 0)
        }
        request.tls?.apply(to: self.handle)
        request.signature?.apply(to: self.handle)
        if request.connection == .fresh {
            elb_curl_set_long(self.handle, CURLOPT_FRESH_CONNECT, 1)
            elb_curl_set_long(self.handle, CURLOPT_FORBID_REUSE, 1)
        }
        var headers = request.headers
        switch request.body {
        case .none:
            break
        case .bytes(let bytes) where request.signature != nil:
            // libcurl signs only what it has as a whole.
            elb_curl_set_offset(self.handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count))
            elb_curl_set_string(self.handle, CURLOPT_COPYPOSTFIELDS, String(decoding: bytes, as: UTF8.self))
        case .bytes(let bytes):
            elb_curl_set_long(self.handle, CURLOPT_UPLOAD, 1)
            elb_curl_set_offset(self.handle, CURLOPT_INFILESIZE_LARGE, curl_off_t(bytes.count))
            elb_curl_set_callback(self.handle, CURLOPT_READFUNCTION, sendBody)
        case .chunked:
            elb_curl_set_long(self.handle, CURLOPT_UPLOAD, 1)
            elb_curl_set_callback(self.handle, CURLOPT_READFUNCTION, sendBody)
            // HTTP/2 has no chunks: there a body without a length is enough.
            if !request.version.isHTTP2 { headers.append(CurlHeader("Transfer-Encoding", "chunked")) }
        }
        for header in headers { lists.headers.append(header.line) }
        // libcurl adds Expect to large bodies by itself; only a check that wants it shall have it.
        if !headers.contains(where: { $0.name.lowercased() == "expect" }) { lists.headers.append("Expect:") }
        elb_curl_set_list(self.handle, CURLOPT_HTTPHEADER, lists.headers.first)
        for entry in request.resolve { lists.resolve.append(entry) }
        if !request.resolve.isEmpty { elb_curl_set_list(self.handle, CURLOPT_RESOLVE, lists.resolve.first) }
    }

    private func outcome(_ code: CURLcode, of exchange: CurlExchange) -> CurlOutcome {
        let head = exchange.finalHead
        guard code == CURLE_OK, let head else {
            return .failure(
                CurlFailure(
                    kind: code == CURLE_OK ? .malformedAnswer : CurlFailure.Kind(code),
                    code: Int(code.rawValue),
                    message: String(cString: curl_easy_strerror(code)),
                    status: head?.status,
                    bodyBytes: exchange.body.count
                )
            )
        }
        return .success(
            CurlResponse(
                status: head.status,
                version: head.version,
                reason: head.reason,
                headers: head.headers,
                trailers: exchange.trailers,
                interimStatuses: exchange.heads.dropLast().map(\.status),
                body: exchange.body,
                openedConnection: self.number(CURLINFO_NUM_CONNECTS) > 0,
                localPort: self.number(CURLINFO_LOCAL_PORT),
                certificates: exchange.wantsCertificates ? CurlTLS.shownCertificates(self.handle) : [],
                timings: .init(
                    connected: self.span(CURLINFO_CONNECT_TIME_T),
                    firstByte: self.span(CURLINFO_STARTTRANSFER_TIME_T),
                    total: self.span(CURLINFO_TOTAL_TIME_T)
                )
            )
        )
    }

    private func number(_ fact: CURLINFO) -> Int {
        var value = 0
        elb_curl_get_long(self.handle, fact, &value)
        return value
    }

    private func span(_ fact: CURLINFO) -> Duration {
        var microseconds: curl_off_t = 0
        elb_curl_get_offset(self.handle, fact, &microseconds)
        return .microseconds(microseconds)
    }
}

/// libcurl's linked lists, freed when the transfer is over.
private struct CurlLists: ~Copyable {
    struct List {
        var first: UnsafeMutablePointer<curl_slist>?

        mutating func append(_ text: String) {
            // A null pointer means that memory ran out; the list so far stays valid.
            self.first = curl_slist_append(self.first, text) ?? self.first
        }
    }

    var headers = List()
    var resolve = List()

    mutating func free() {
        curl_slist_free_all(self.headers.first)
        curl_slist_free_all(self.resolve.first)
    }
}

extension CurlRequest.Signature {
    fileprivate func apply(to handle: UnsafeMutableRawPointer) {
        let keys = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"].map {
            ProcessInfo.processInfo.environment[$0] ?? "elblab"
        }
        elb_curl_set_string(handle, CURLOPT_AWS_SIGV4, "aws:amz:\(self.region):\(self.service)")
        elb_curl_set_string(handle, CURLOPT_USERPWD, keys.joined(separator: ":"))
    }
}

extension CurlHeader {
    /// libcurl's notation: a name with a semicolon is a field with an empty value.
    fileprivate var line: String { self.value.isEmpty ? "\(self.name);" : "\(self.name): \(self.value)" }
}

extension CurlRequest.Version {
    fileprivate var isHTTP2: Bool {
        switch self {
        case .http10, .http11: false
        case .http2, .http2PriorKnowledge: true
        }
    }

    fileprivate var curlValue: Int {
        switch self {
        case .http10: Int(CURL_HTTP_VERSION_1_0)
        case .http11: Int(CURL_HTTP_VERSION_1_1)
        case .http2: Int(CURL_HTTP_VERSION_2TLS)
        case .http2PriorKnowledge: Int(CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE)
        }
    }
}

extension CurlFailure.Kind {
    fileprivate init(_ code: CURLcode) {
        switch code {
        case CURLE_COULDNT_CONNECT: self = .connectionRefused
        case CURLE_OPERATION_TIMEDOUT: self = .timeout
        case CURLE_GOT_NOTHING: self = .emptyReply
        case CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_PARTIAL_FILE: self = .connectionLost
        case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_HTTP2, CURLE_HTTP2_STREAM,
            CURLE_BAD_CONTENT_ENCODING:
            self = .malformedAnswer
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION: self = .tlsFailed
        case CURLE_URL_MALFORMAT, CURLE_INTERFACE_FAILED, CURLE_OUT_OF_MEMORY, CURLE_FAILED_INIT,
            CURLE_COULDNT_RESOLVE_HOST:
            self = .notSent
        default: self = .other
        }
    }
}

extension Duration {
    /// Whole milliseconds, rounded down; never 0 for a positive duration, because 0 means "no limit" to libcurl.
    package var milliseconds: Int {
        let (seconds, attoseconds) = self.components
        let whole = Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
        return whole == 0 && self > .zero ? 1 : whole
    }
}
