import FoundationEssentials
import Glibc

/// A folder with a template of two backends behind one load balancer, on ports that nothing else uses; gone with it.
final class LabFolder: Sendable {
    private let folder: String
    /// Of the listener and of the backends.
    let ports: (listener: UInt16, backend: UInt16)
    /// Where the lab's endpoint listens.
    let endpoint: UInt16

    init() throws {
        self.folder = FileManager.default.temporaryDirectory.path + "/elblab-test-\(UUID().uuidString)"
        self.ports = (Self.freePort(), Self.freePort())
        self.endpoint = Self.freePort()
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
        try self.write()
    }

    deinit { try? FileManager.default.removeItem(atPath: self.folder) }

    var template: String { self.folder + "/lab.yaml" }
    var configuration: String { self.folder + "/lb.json" }
    var arguments: [String] { ["up", self.template, "--endpoint", "127.0.0.1:\(self.endpoint)", "--time-scale", "50"] }

    /// Replaces the template by rename, as editors do.
    func write(_ change: (String) -> String = { $0 }) throws {
        try change(self.text).write(toFile: self.template, atomically: true, encoding: .utf8)
    }

    private var text: String {
        """
        Resources:
          SubnetA:
            Type: AWS::EC2::Subnet
            Properties: { VpcId: vpc-1, CidrBlock: 10.0.0.0/24, AvailabilityZone: ap-northeast-2a }
          SubnetB:
            Type: AWS::EC2::Subnet
            Properties: { VpcId: vpc-1, CidrBlock: 10.0.1.0/24, AvailabilityZone: ap-northeast-2b }
          One:
            Type: AWS::EC2::Instance
            Metadata: { elblab: { Ports: [\(self.ports.backend)] } }
            Properties: { SubnetId: !Ref SubnetA }
          Two:
            Type: AWS::EC2::Instance
            Metadata: { elblab: { Ports: [\(self.ports.backend)] } }
            Properties: { SubnetId: !Ref SubnetB }
          Group:
            Type: AWS::ElasticLoadBalancingV2::TargetGroup
            Properties:
              Protocol: HTTP
              Port: \(self.ports.backend)
              VpcId: vpc-1
              HealthCheckIntervalSeconds: 5
              HealthCheckTimeoutSeconds: 2
              HealthyThresholdCount: 2
              UnhealthyThresholdCount: 2
              Targets: [{ Id: !Ref One }, { Id: !Ref Two }]
          Balancer:
            Type: AWS::ElasticLoadBalancingV2::LoadBalancer
            Properties: { Name: web, Subnets: [!Ref SubnetA, !Ref SubnetB] }
          Listener:
            Type: AWS::ElasticLoadBalancingV2::Listener
            Properties:
              LoadBalancerArn: !Ref Balancer
              Port: \(self.ports.listener)
              Protocol: HTTP
              DefaultActions: [{ Type: forward, TargetGroupArn: !Ref Group }]

        """
    }

    /// What the template becomes with one more rule, `/gone`.
    static let rule = """
          Rule:
            Type: AWS::ElasticLoadBalancingV2::ListenerRule
            Properties:
              ListenerArn: !Ref Listener
              Priority: 1
              Conditions: [{ Field: path-pattern, PathPatternConfig: { Values: [/gone] } }]
              Actions: [{ Type: fixed-response, FixedResponseConfig: { StatusCode: "410" } }]

        """

    /// A port that is free on every address now. Below the range that the system deals out to clients.
    static func freePort() -> UInt16 {
        while true {
            let port = UInt16.random(in: 10_000..<32_000)
            if PortHolder(address: "0.0.0.0", port: port) != nil { return port }
        }
    }
}

/// Holds a port until it goes.
final class PortHolder: Sendable {
    private let descriptor: Int32
    let port: UInt16

    /// Nil when the port is taken; port 0 takes any.
    init?(address: String = "127.50.1.62", port: UInt16 = 0) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        // Connections that ended a moment ago do not take a port; who listens does.
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = port.bigEndian
        place.sin_addr.s_addr = inet_addr(address)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let held = withUnsafeMutableBytes(of: &place) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { place in
                bind(descriptor, place.baseAddress, length) == 0 && listen(descriptor, 1) == 0
                    && getsockname(descriptor, place.baseAddress, &length) == 0
            }
        }
        self.descriptor = descriptor
        self.port = UInt16(bigEndian: place.sin_port)
        if !held { return nil }
    }

    deinit { close(self.descriptor) }
}
