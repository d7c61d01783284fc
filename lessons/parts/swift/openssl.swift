import FoundationEssentials
import Glibc

// OpenSSL as the system has it, found when the program starts: Swift's standard library has no TLS. Nothing of this is an exercise.

/// Versions of TLS, by their numbers on the wire.
let tlsVersions = ["1.0": 0x0301, "1.1": 0x0302, "1.2": 0x0303, "1.3": 0x0304]

/// What docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html says of the policies used here: the
/// oldest and the newest version.
func versions(of policy: String?) -> (oldest: String, newest: String) {
    switch policy {
    case "ELBSecurityPolicy-TLS13-1-3-2021-06": ("1.3", "1.3")
    case "ELBSecurityPolicy-TLS-1-2-2017-01": ("1.2", "1.2")
    case "ELBSecurityPolicy-2016-08": ("1.0", "1.2")
    default: ("1.2", "1.3")
    }
}

private let library: UnsafeMutableRawPointer = {
    for name in ["libssl.so.3", "libssl.so", "libssl.so.1.1"] {
        if let found = dlopen(name, RTLD_NOW | RTLD_GLOBAL) { return found }
    }
    fatalError("this system has no libssl")
}()

private func function<Kind>(_ name: String, _: Kind.Type) -> Kind {
    guard let address = dlsym(library, name) else { fatalError("libssl has no \(name)") }
    return unsafeBitCast(address, to: Kind.self)
}

private typealias Pointer = UnsafeMutableRawPointer
private typealias NameCallback = @convention(c) (Pointer?, UnsafeMutablePointer<Int32>?, Pointer?) -> Int32

private enum SSL {
    static let method = function("TLS_server_method", (@convention(c) () -> Pointer?).self)
    static let newContext = function("SSL_CTX_new", (@convention(c) (Pointer?) -> Pointer?).self)
    static let control = function("SSL_CTX_ctrl", (@convention(c) (Pointer?, Int32, Int, Pointer?) -> Int).self)
    static let callback = function("SSL_CTX_callback_ctrl", (@convention(c) (Pointer?, Int32, NameCallback) -> Int).self)
    static let ciphers = function("SSL_CTX_set_cipher_list", (@convention(c) (Pointer?, UnsafePointer<CChar>) -> Int32).self)
    static let chain = function(
        "SSL_CTX_use_certificate_chain_file", (@convention(c) (Pointer?, UnsafePointer<CChar>) -> Int32).self)
    static let key = function(
        "SSL_CTX_use_PrivateKey_file", (@convention(c) (Pointer?, UnsafePointer<CChar>, Int32) -> Int32).self)
    static let new = function("SSL_new", (@convention(c) (Pointer?) -> Pointer?).self)
    static let free = function("SSL_free", (@convention(c) (Pointer?) -> Void).self)
    static let setDescriptor = function("SSL_set_fd", (@convention(c) (Pointer?, Int32) -> Int32).self)
    static let accept = function("SSL_accept", (@convention(c) (Pointer?) -> Int32).self)
    static let read = function("SSL_read", (@convention(c) (Pointer?, Pointer?, Int32) -> Int32).self)
    static let write = function("SSL_write", (@convention(c) (Pointer?, UnsafeRawPointer?, Int32) -> Int32).self)
    static let serverName = function("SSL_get_servername", (@convention(c) (Pointer?, Int32) -> UnsafePointer<CChar>?).self)
    static let setContext = function("SSL_set_SSL_CTX", (@convention(c) (Pointer?, Pointer?) -> Pointer?).self)
}

/// Settings with which connections are accepted: certificates, at most one for each kind of key, and versions.
final class TLSContext {
    fileprivate let pointer: UnsafeMutableRawPointer
    /// Asked during the handshake, with the name that the client wants or `nil`: another context to go on with, or `nil` to stay.
    var choose: ((String?) -> TLSContext?)?

    init(oldest: String, newest: String) {
        guard let pointer = SSL.newContext(SSL.method()) else { fatalError("libssl gives no context") }
        self.pointer = pointer
        // Otherwise the library's own idea of safety would keep the oldest versions out, whatever the policy says.
        _ = SSL.ciphers(pointer, "ALL:!aNULL:@SECLEVEL=0")
        _ = SSL.control(pointer, 123, tlsVersions[oldest] ?? 0, nil)
        _ = SSL.control(pointer, 124, tlsVersions[newest] ?? 0, nil)
        _ = SSL.callback(pointer, 53) { session, _, context in
            guard let session, let context else { return 0 }
            let asked = Unmanaged<TLSContext>.fromOpaque(context).takeUnretainedValue()
            let name = SSL.serverName(session, 0).map { String(cString: $0) }
            if let chosen = asked.choose?(name) { _ = SSL.setContext(session, chosen.pointer) }
            return 0
        }
        _ = SSL.control(pointer, 54, 0, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Adds a certificate and its key.
    func load(_ material: CertificateMaterial) throws {
        let folder = FileManager.default.temporaryDirectory.path
        let path = "\(folder)/\(UInt64.random(in: 0 ... .max)).pem"
        defer { unlink(path) }
        try Data((material.certificate + "\n" + material.privateKey).utf8).write(to: URL(filePath: path))
        guard SSL.chain(self.pointer, path) == 1, SSL.key(self.pointer, path, 1) == 1 else { throw WireError.malformed }
    }

    /// Accepts a connection: the handshake, and then the same as without TLS.
    func accept(_ descriptor: Int32) throws -> Connection { try Secure(descriptor, self) }
}

/// A connection in TLS.
private final class Secure: Connection {
    private let session: UnsafeMutableRawPointer
    private let context: TLSContext

    init(_ descriptor: Int32, _ context: TLSContext) throws {
        guard let session = SSL.new(context.pointer) else { throw WireError.lost }
        self.session = session
        self.context = context
        super.init(descriptor)
        self.setTimeout(10)
        _ = SSL.setDescriptor(session, descriptor)
        guard SSL.accept(session) == 1 else { throw WireError.lost }
        self.setTimeout(nil)
    }

    deinit { SSL.free(self.session) }

    override func receive() throws -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 16384) { space, count in
            count = Int(max(0, SSL.read(self.session, space.baseAddress, Int32(space.count))))
        }
    }

    override func send(_ bytes: ArraySlice<UInt8>) throws {
        guard !bytes.isEmpty else { return }
        let count = bytes.withUnsafeBytes { SSL.write(self.session, $0.baseAddress, Int32($0.count)) }
        guard count == bytes.count else { throw WireError.lost }
    }
}

extension CertificateMaterial {
    /// The names that the certificate is made out to: its subject alternative names.
    var names: [String] {
        let lines = self.certificate.split(whereSeparator: \.isNewline).drop { !$0.hasPrefix("-----BEGIN") }.dropFirst()
        guard let data = Data(base64Encoded: lines.prefix { !$0.hasPrefix("-----") }.joined()) else { return [] }
        let bytes = Array(data)
        // The extension's identifier, 2.5.29.17, then an octet string around a sequence of names; those of hosts have tag 2.
        let identifier: [UInt8] = [0x06, 0x03, 0x55, 0x1D, 0x11]
        guard let place = bytes.indices.first(where: { bytes[$0...].starts(with: identifier) }) else { return [] }
        guard var string = element(bytes[(place + 5)...]) else { return [] }
        // Whether it is critical.
        if string.tag == 0x01 { string = element(bytes[(place + 8)...]) ?? string }
        var rest = element(string.content)?.content ?? []
        var names: [String] = []
        while let name = element(rest) {
            if name.tag == 0x82 { names.append(String(decoding: name.content, as: UTF8.self)) }
            rest = rest[name.content.endIndex...]
        }
        return names
    }
}

/// One element of DER: its tag and its content.
private func element(_ bytes: ArraySlice<UInt8>) -> (tag: UInt8, content: ArraySlice<UInt8>)? {
    guard bytes.count >= 2, let tag = bytes.first else { return nil }
    var start = bytes.startIndex + 2
    var length = Int(bytes[start - 1])
    if length >= 0x80 {
        let count = length & 0x7F
        guard count <= 4, bytes.endIndex - start >= count else { return nil }
        length = bytes[start..<start + count].reduce(0) { $0 << 8 | Int($1) }
        start += count
    }
    guard bytes.endIndex - start >= length else { return nil }
    return (tag, bytes[start..<start + length])
}
