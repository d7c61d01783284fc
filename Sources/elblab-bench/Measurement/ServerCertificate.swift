/// One key and certificate for all proxies of a run, so that they do the same arithmetic: P-256.
enum ServerCertificate {
    static func certificate(in folder: WorkFolder) -> String { folder.file("server.crt") }
    static func key(in folder: WorkFolder) -> String { folder.file("server.key") }
    /// Both in one file, as HAProxy wants them.
    static func bundle(in folder: WorkFolder) -> String { folder.file("server.pem") }

    static func make(in folder: WorkFolder) throws {
        let openssl = try System.require("openssl", package: "openssl")
        let process = try ChildProcess(
            [
                openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2",
                "-keyout", Self.key(in: folder), "-out", Self.certificate(in: folder),
            ],
            output: folder.file("openssl.txt")
        )
        process.wait()
        let parts = [Self.certificate(in: folder), Self.key(in: folder)]
        try TextFile.write(try parts.map { try TextFile.read($0) }.joined(), to: Self.bundle(in: folder))
    }
}
