extension RivalConfiguration {
    var nginx: String {
        let protocols =
            switch self.traffic {
            case .http1, .webSocket, .tcp, .bulk, .udp: ""
            case .http1OverTLS: " ssl"
            case .http2, .grpc: " ssl http2"
            }
        let certificate = ServerCertificate.certificate(in: self.folder)
        let secure = """
            ssl_certificate \(certificate);
            ssl_certificate_key \(ServerCertificate.key(in: self.folder));
            ssl_protocols TLSv1.3;
            """
        return """
            daemon off;
            master_process off;
            worker_processes 1;
            error_log \(self.folder.file("nginx-error.log")) crit;
            pid \(self.folder.file("nginx.pid"));
            events { worker_connections 4096; }
            http {
                access_log off;
                keepalive_requests 1000000000;
                http2_max_concurrent_streams 128;
                client_body_temp_path \(self.folder.path);
                proxy_temp_path \(self.folder.path);
                fastcgi_temp_path \(self.folder.path);
                uwsgi_temp_path \(self.folder.path);
                scgi_temp_path \(self.folder.path);
                upstream back {
                    server 127.0.0.1:\(self.backend);
                    keepalive 128;
                    keepalive_requests 1000000000;
                }
                server {
                    listen 127.0.0.1:\(self.listen)\(protocols);
                    \(self.traffic.isSecure ? secure : "")
                    location / {
                        \(self.nginxPass)
                    }
                }
            }

            """
    }

    private var nginxPass: String {
        let http = { (connection: String) in
            """
            proxy_pass http://back;
            proxy_http_version 1.1;
            \(connection)
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            """
        }
        return switch self.traffic {
        case .http1, .http1OverTLS, .http2, .tcp, .bulk, .udp: http("proxy_set_header Connection \"\";")
        case .webSocket: http("proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection \"upgrade\";")
        case .grpc: "grpc_pass grpc://back; grpc_set_header X-Forwarded-For $proxy_add_x_forwarded_for;"
        }
    }

    /// Debian's package libnginx-mod-stream has it.
    static let streamModule = "/usr/lib/nginx/modules/ngx_stream_module.so"

    /// A client that has said all may still be answered, as with the others; nginx would close both sides.
    var nginxStreams: String {
        """
        load_module \(Self.streamModule);
        daemon off;
        master_process off;
        worker_processes 1;
        error_log \(self.folder.file("nginx-error.log")) crit;
        pid \(self.folder.file("nginx.pid"));
        events { worker_connections 20000; }
        stream {
            upstream back { server 127.0.0.1:\(self.backend); }
            server {
                listen 127.0.0.1:\(self.listen)\(self.traffic == .udp ? " udp" : "");
                proxy_pass back;
                proxy_half_close on;
            }
        }

        """
    }
}
