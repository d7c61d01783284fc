/// The proxies that are measured side by side, each with one worker in front of one backend.
enum Rival: String, CaseIterable {
    case elblab
    case haproxy
    case nginx

    /// The command that runs it in the foreground, or `nil` if it is not installed.
    func command(listen: UInt16, front: Front, backend: UInt16, folder: WorkFolder) throws -> [String]? {
        switch self {
        case .elblab:
            let secure = [
                "--certificate", ServerCertificate.certificate(in: folder), "--key", ServerCertificate.key(in: folder),
            ]
            return [
                System.ownPath, "serve-balancer", "--port", "\(listen)", "--backend", "\(backend)", "--access-log",
                folder.file("access.log"),
            ] + (front.isSecure ? secure : [])
        case .haproxy:
            guard let program = System.find("haproxy") else { return nil }
            let configuration = folder.file("haproxy.cfg")
            try TextFile.write(
                Self.haproxy(listen: listen, front: front, backend: backend, folder: folder),
                to: configuration
            )
            return [program, "-db", "-f", configuration]
        case .nginx:
            guard let program = System.find("nginx") else { return nil }
            let configuration = folder.file("nginx.conf")
            try TextFile.write(
                Self.nginx(listen: listen, front: front, backend: backend, folder: folder),
                to: configuration
            )
            return [program, "-c", configuration, "-p", folder.path]
        }
    }

    private static func haproxy(listen: UInt16, front: Front, backend: UInt16, folder: WorkFolder) -> String {
        let protocols =
            switch front {
            case .http: ""
            case .https: " ssl crt \(ServerCertificate.bundle(in: folder)) alpn http/1.1"
            case .http2: " ssl crt \(ServerCertificate.bundle(in: folder)) alpn h2"
            }
        return """
            global
                nbthread 1
                maxconn 4096
            defaults
                mode http
                timeout connect 10s
                timeout client 60s
                timeout server 60s
                option http-keep-alive
                option forwardfor
                http-reuse always
            frontend front
                bind 127.0.0.1:\(listen)\(protocols)
                default_backend back
            backend back
                server one 127.0.0.1:\(backend)

            """
    }

    private static func nginx(listen: UInt16, front: Front, backend: UInt16, folder: WorkFolder) -> String {
        let protocols =
            switch front {
            case .http: ""
            case .https: " ssl"
            case .http2: " ssl http2"
            }
        let certificate =
            front.isSecure
            ? "ssl_certificate \(ServerCertificate.certificate(in: folder)); ssl_certificate_key \(ServerCertificate.key(in: folder));"
            : ""
        return """
            daemon off;
            master_process off;
            worker_processes 1;
            error_log \(folder.file("nginx-error.log")) warn;
            pid \(folder.file("nginx.pid"));
            events { worker_connections 4096; }
            http {
                access_log off;
                keepalive_requests 1000000000;
                http2_max_concurrent_streams 128;
                client_body_temp_path \(folder.path);
                proxy_temp_path \(folder.path);
                fastcgi_temp_path \(folder.path);
                uwsgi_temp_path \(folder.path);
                scgi_temp_path \(folder.path);
                upstream back {
                    server 127.0.0.1:\(backend);
                    keepalive 128;
                    keepalive_requests 1000000000;
                }
                server {
                    listen 127.0.0.1:\(listen)\(protocols);
                    \(certificate)
                    location / {
                        proxy_pass http://back;
                        proxy_http_version 1.1;
                        proxy_set_header Connection "";
                        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                    }
                }
            }

            """
    }
}
