internal import CCurl
package import ELBModel
internal import Glibc

/// A TLS connection for bytes that libcurl will not send by itself: libcurl connects and does the handshake, with ALPN,
/// and then carries whatever it is given. For the raw clients, so certificates are not verified.
package final class TLSConnection: ByteStream {
    private let handle: UnsafeMutableRawPointer
    package private(set) var received: [UInt8] = []
    package private(set) var end: RawConnection.End?

    /// - Parameters:
    ///   - name: the host name that the handshake asks for (SNI); without one, none is asked for.
    ///   - http2: whether ALPN offers `h2` beside `http/1.1`.
    /// - Throws: `CurlFailure` when there is no connection or the handshake fails.
    package init(
        to endpoint: Endpoint,
        name: String? = nil,
        http2: Bool = true,
        within limit: Duration
    ) throws(CurlFailure) {
        guard CurlSession.isReady, let handle = curl_easy_init() else { throw .cannotStart }
        self.handle = handle
        let host = name.map { "\($0):\(endpoint.port)" } ?? "\(endpoint)"
        elb_curl_set_string(handle, CURLOPT_URL, "https://\(host)/")
        elb_curl_set_string(handle, CURLOPT_PROXY, "")
        elb_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        elb_curl_set_long(handle, CURLOPT_CONNECT_ONLY, 1)
        elb_curl_set_long(handle, CURLOPT_SSL_VERIFYPEER, 0)
        elb_curl_set_long(handle, CURLOPT_SSL_VERIFYHOST, 0)
        elb_curl_set_long(handle, CURLOPT_TIMEOUT_MS, limit.milliseconds)
        elb_curl_set_long(
            handle,
            CURLOPT_HTTP_VERSION,
            Int(http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1)
        )
        let resolve = name.map { curl_slist_append(nil, "\($0):\(endpoint.port):\(endpoint.address)") } ?? nil
        elb_curl_set_list(handle, CURLOPT_RESOLVE, resolve)
        let code = curl_easy_perform(handle)
        elb_curl_set_list(handle, CURLOPT_RESOLVE, nil)
        curl_slist_free_all(resolve)
        guard code == CURLE_OK else { throw CurlFailure(code) }
    }

    deinit { curl_easy_cleanup(self.handle) }

    @discardableResult
    package func send(_ bytes: [UInt8], within limit: Duration = .seconds(5)) -> Bool {
        let deadline = ContinuousClock.now + limit
        var rest = bytes[...]
        while !rest.isEmpty {
            var count = 0
            let code = rest.withUnsafeBytes { curl_easy_send(self.handle, $0.baseAddress, $0.count, &count) }
            switch code {
            case CURLE_OK: rest = rest.dropFirst(count)
            case CURLE_AGAIN: guard self.poll(for: Int16(POLLOUT), until: deadline) else { return false }
            default: return false
            }
        }
        return true
    }

    @discardableResult
    package func receive(within limit: Duration, until isEnough: ([UInt8]) -> Bool) -> RawConnection.Wait {
        let deadline = ContinuousClock.now + limit
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            if isEnough(self.received) { return .satisfied }
            if self.end != nil { return .ended }
            var count = 0
            let code = buffer.withUnsafeMutableBytes { curl_easy_recv(self.handle, $0.baseAddress, $0.count, &count) }
            switch code {
            case CURLE_OK where count > 0: self.received.append(contentsOf: buffer[..<count])
            case CURLE_OK: self.end = .closed
            case CURLE_AGAIN: guard self.poll(for: Int16(POLLIN), until: deadline) else { return .timedOut }
            default: self.end = .reset
            }
        }
    }

    private func poll(for events: Int16, until deadline: ContinuousClock.Instant) -> Bool {
        var descriptor: curl_socket_t = -1
        guard elb_curl_get_socket(self.handle, CURLINFO_ACTIVESOCKET, &descriptor) == CURLE_OK, descriptor >= 0 else {
            return false
        }
        while true {
            let left = deadline - .now
            guard left > .zero else { return false }
            var entry = pollfd(fd: descriptor, events: events, revents: 0)
            let count = Glibc.poll(&entry, 1, Int32(clamping: left.milliseconds))
            if count > 0 { return true }
            if count < 0, errno != EINTR { return false }
        }
    }
}

extension CurlFailure {
    fileprivate init(_ code: CURLcode) {
        self.init(
            kind: Kind(code),
            code: Int(code.rawValue),
            message: String(cString: curl_easy_strerror(code)),
            status: nil,
            bodyBytes: 0
        )
    }
}
