/// The resource types that the lab builds, and those that a template needs at AWS only.
enum ResourceType: String, CaseIterable {
    case loadBalancer = "AWS::ElasticLoadBalancingV2::LoadBalancer"
    case classicLoadBalancer = "AWS::ElasticLoadBalancing::LoadBalancer"
    case targetGroup = "AWS::ElasticLoadBalancingV2::TargetGroup"
    case listener = "AWS::ElasticLoadBalancingV2::Listener"
    case listenerRule = "AWS::ElasticLoadBalancingV2::ListenerRule"
    case listenerCertificate = "AWS::ElasticLoadBalancingV2::ListenerCertificate"
    case trustStore = "AWS::ElasticLoadBalancingV2::TrustStore"
    case trustStoreRevocation = "AWS::ElasticLoadBalancingV2::TrustStoreRevocation"
    case certificate = "AWS::CertificateManager::Certificate"
    case instance = "AWS::EC2::Instance"
    case function = "AWS::Lambda::Function"
    case permission = "AWS::Lambda::Permission"
    case subnet = "AWS::EC2::Subnet"
    case vpc = "AWS::EC2::VPC"
    case securityGroup = "AWS::EC2::SecurityGroup"
    case securityGroupIngress = "AWS::EC2::SecurityGroupIngress"
    case securityGroupEgress = "AWS::EC2::SecurityGroupEgress"
    case elasticAddress = "AWS::EC2::EIP"
    case recordSet = "AWS::Route53::RecordSet"
    // A VPC of one's own reaches the internet at AWS only through these. The lab's VPC always does.
    case internetGateway = "AWS::EC2::InternetGateway"
    case natGateway = "AWS::EC2::NatGateway"
    case gatewayAttachment = "AWS::EC2::VPCGatewayAttachment"
    case routeTable = "AWS::EC2::RouteTable"
    case route = "AWS::EC2::Route"
    case routeTableAssociation = "AWS::EC2::SubnetRouteTableAssociation"
    // A function has one at AWS, an instance by way of a profile. What runs in the lab may do what its user may.
    case role = "AWS::IAM::Role"
    case instanceProfile = "AWS::IAM::InstanceProfile"
    // Where logs go. In the lab a bucket is a folder that the first file makes, and everybody may write to it.
    case bucket = "AWS::S3::Bucket"
    case bucketPolicy = "AWS::S3::BucketPolicy"

    /// What `Fn::GetAtt` can ask for.
    var attributes: [String] {
        switch self {
        case .loadBalancer:
            ["CanonicalHostedZoneID", "DNSName", "LoadBalancerArn", "LoadBalancerFullName", "LoadBalancerName"]
        case .classicLoadBalancer:
            [
                "CanonicalHostedZoneName", "CanonicalHostedZoneNameID", "DNSName", "SourceSecurityGroup.GroupName",
                "SourceSecurityGroup.OwnerAlias",
            ]
        case .targetGroup: ["TargetGroupArn", "TargetGroupFullName", "TargetGroupName"]
        case .listener: ["ListenerArn"]
        case .listenerRule: ["RuleArn"]
        case .listenerCertificate, .certificate: ["Id"]
        case .trustStore: ["TrustStoreArn"]
        case .trustStoreRevocation, .recordSet: []
        case .instance: ["AvailabilityZone", "InstanceId", "PrivateDnsName", "PrivateIp", "SubnetId", "VpcId"]
        case .function: ["Arn"]
        case .permission: ["Id"]
        case .role: ["Arn", "RoleId"]
        case .instanceProfile: ["Arn"]
        case .bucket: ["Arn"]
        case .subnet: ["AvailabilityZone", "CidrBlock", "SubnetId", "VpcId"]
        case .vpc: ["CidrBlock", "VpcId"]
        case .securityGroup: ["GroupId", "Id", "VpcId"]
        case .securityGroupIngress, .securityGroupEgress: ["Id"]
        case .elasticAddress: ["AllocationId", "PublicIp"]
        case .internetGateway: ["InternetGatewayId"]
        case .natGateway: ["NatGatewayId"]
        case .routeTable: ["RouteTableId"]
        case .routeTableAssociation: ["Id"]
        case .gatewayAttachment, .route, .bucketPolicy: []
        }
    }

    /// Whether `Metadata.elblab` says something of it: how a backend behaves, or which files stand for certificates.
    var takesMetadata: Bool {
        switch self {
        case .instance, .function, .listener, .listenerCertificate, .trustStore, .trustStoreRevocation, .certificate,
            .classicLoadBalancer:
            true
        case .loadBalancer, .targetGroup, .listenerRule, .permission, .role, .instanceProfile, .bucket, .bucketPolicy,
            .subnet, .vpc,
            .securityGroup, .securityGroupIngress, .securityGroupEgress, .elasticAddress, .recordSet, .internetGateway,
            .natGateway, .gatewayAttachment, .routeTable, .route, .routeTableAssociation:
            false
        }
    }

    /// What AWS would answer as well.
    var attributesNotInLab: Set<String> {
        switch self {
        case .loadBalancer: ["SecurityGroups"]
        case .targetGroup: ["LoadBalancerArns"]
        case .listenerRule: ["IsDefault"]
        case .instance: ["PublicDnsName", "PublicIp", "State.Code", "State.Name"]
        case .function: ["SnapStartResponse", "SnapStartResponse.ApplyOn", "SnapStartResponse.OptimizationStatus"]
        case .subnet: ["Ipv6CidrBlocks", "NetworkAclAssociationId"]
        case .vpc: ["CidrBlockAssociations", "DefaultNetworkAcl", "DefaultSecurityGroup", "Ipv6CidrBlocks"]
        case .gatewayAttachment: ["AttachmentType"]
        case .route: ["CidrBlock"]
        case .trustStore: ["NumberOfCaCertificates", "Status"]
        case .trustStoreRevocation: ["RevocationId", "TrustStoreRevocations"]
        case .bucket: ["DomainName", "DualStackDomainName", "RegionalDomainName", "WebsiteURL"]
        case .natGateway: ["EniId", "RouteTableId"]
        case .bucketPolicy, .listenerCertificate, .certificate, .permission, .role, .instanceProfile, .listener,
            .internetGateway,
            .routeTable, .routeTableAssociation, .securityGroup, .securityGroupIngress, .securityGroupEgress,
            .elasticAddress, .recordSet, .classicLoadBalancer:
            []
        }
    }
}

/// One resource as written.
struct TemplateResource {
    let logicalID: String
    let type: ResourceType
    /// An empty mapping when there are none.
    let properties: DocumentValue
    let metadata: DocumentValue?
    let dependsOn: [Located<String>]
    /// Stays when its stack lets go of it.
    let isRetained: Bool
    /// Where the logical id stands.
    let location: SourceLocation
}
