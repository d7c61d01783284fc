/// The properties of resources that a template needs at AWS and whose effect in the lab is fixed: one VPC, 127.10.0.0/16,
/// one subnet per zone, 127.10.z.0/24, and the internet within reach (docs/architecture.md, section 3).
enum Plumbing {
    struct Properties {
        var required: [String] = []
        var optional: [String] = []
        var notInLab: Set<String> = []
    }

    static let properties: [ResourceType: Properties] = [
        .vpc: Properties(
            required: ["CidrBlock"],
            optional: ["EnableDnsHostnames", "EnableDnsSupport", "InstanceTenancy", "Tags"],
            notInLab: ["Ipv4IpamPoolId", "Ipv4NetmaskLength"]
        ),
        .subnet: Properties(
            required: ["VpcId", "CidrBlock", "AvailabilityZone"],
            optional: ["MapPublicIpOnLaunch", "Tags"],
            notInLab: [
                "AssignIpv6AddressOnCreation", "AvailabilityZoneId", "EnableDns64", "Ipv4IpamPoolId",
                "Ipv4NetmaskLength", "Ipv6CidrBlock", "Ipv6IpamPoolId", "Ipv6Native", "Ipv6NetmaskLength",
                "OutpostArn", "PrivateDnsNameOptionsOnLaunch",
            ]
        ),
        .internetGateway: Properties(optional: ["Tags"]),
        .natGateway: Properties(
            required: ["SubnetId"],
            optional: ["AllocationId", "ConnectivityType", "Tags"],
            notInLab: [
                "AvailabilityMode", "AvailabilityZoneAddresses", "MaxDrainDurationSeconds", "PrivateIpAddress",
                "SecondaryAllocationIds", "SecondaryPrivateIpAddressCount", "SecondaryPrivateIpAddresses", "VpcId",
            ]
        ),
        .gatewayAttachment: Properties(
            required: ["VpcId"],
            optional: ["InternetGatewayId"],
            notInLab: ["VpnGatewayId"]
        ),
        .routeTable: Properties(required: ["VpcId"], optional: ["Tags"]),
        .route: Properties(
            required: ["RouteTableId"],
            optional: ["DestinationCidrBlock", "GatewayId", "NatGatewayId"],
            notInLab: [
                "CarrierGatewayId", "CoreNetworkArn", "DestinationIpv6CidrBlock", "DestinationPrefixListId",
                "EgressOnlyInternetGatewayId", "InstanceId", "LocalGatewayId", "NetworkInterfaceId",
                "TransitGatewayId", "VpcEndpointId", "VpcPeeringConnectionId",
            ]
        ),
        .routeTableAssociation: Properties(required: ["RouteTableId", "SubnetId"]),
        .bucket: Properties(
            optional: [
                "AccessControl", "BucketEncryption", "BucketName", "LifecycleConfiguration", "OwnershipControls",
                "PublicAccessBlockConfiguration", "Tags", "VersioningConfiguration",
            ],
            notInLab: [
                "AccelerateConfiguration", "AnalyticsConfigurations", "CorsConfiguration",
                "IntelligentTieringConfigurations", "InventoryConfigurations", "LoggingConfiguration",
                "MetricsConfigurations", "NotificationConfiguration", "ObjectLockConfiguration", "ObjectLockEnabled",
                "ReplicationConfiguration", "WebsiteConfiguration",
            ]
        ),
        .bucketPolicy: Properties(required: ["Bucket", "PolicyDocument"]),
        .instanceProfile: Properties(required: ["Roles"], optional: ["InstanceProfileName", "Path"]),
        .role: Properties(
            required: ["AssumeRolePolicyDocument"],
            optional: [
                "Description", "ManagedPolicyArns", "MaxSessionDuration", "Path", "PermissionsBoundary", "Policies",
                "RoleName", "Tags",
            ]
        ),
    ]
}
