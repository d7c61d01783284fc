import ELBControlPlane
import ELBHTTPProxy
import ELBModel

/// The Application Load Balancer as the lab's control plane commands it.
struct BalancerAdapter: LabBalancer {
    let balancer: ApplicationLoadBalancer

    func apply(_ loadBalancer: LoadBalancer, targetGroups: [TargetGroup]) async throws {
        try await self.balancer.apply(loadBalancer, targetGroups: targetGroups)
    }

    func stop(gracePeriod: Duration) async {
        await self.balancer.stop(gracePeriod: gracePeriod)
    }

    func targetHealth() async -> [LabTargetHealth] {
        await self.balancer.targetHealth().map {
            LabTargetHealth(targetGroup: $0.targetGroup, target: $0.target, health: $0.health, node: $0.node)
        }
    }

    func metrics() async -> [LabMetric] {
        let metrics = await self.balancer.metrics()
        let counters: KeyValuePairs = [
            "RequestCount": metrics.requestCount,
            "HTTPCode_ELB_3XX_Count": metrics.httpCodeELB3XXCount,
            "HTTPCode_ELB_4XX_Count": metrics.httpCodeELB4XXCount,
            "HTTPCode_ELB_5XX_Count": metrics.httpCodeELB5XXCount,
            "HTTPCode_ELB_500_Count": metrics.httpCodeELB500Count,
            "HTTPCode_ELB_502_Count": metrics.httpCodeELB502Count,
            "HTTPCode_ELB_503_Count": metrics.httpCodeELB503Count,
            "HTTPCode_ELB_504_Count": metrics.httpCodeELB504Count,
            "HTTPCode_Target_2XX_Count": metrics.httpCodeTarget2XXCount,
            "HTTPCode_Target_3XX_Count": metrics.httpCodeTarget3XXCount,
            "HTTPCode_Target_4XX_Count": metrics.httpCodeTarget4XXCount,
            "HTTPCode_Target_5XX_Count": metrics.httpCodeTarget5XXCount,
            "HTTP_Redirect_Count": metrics.httpRedirectCount,
            "HTTP_Fixed_Response_Count": metrics.httpFixedResponseCount,
            "TargetConnectionErrorCount": metrics.targetConnectionErrorCount,
            "NewConnectionCount": metrics.newConnectionCount,
            "DesyncMitigationMode_NonCompliant_Request_Count": metrics.desyncMitigationModeNonCompliantRequestCount,
            "UnhealthyRoutingRequestCount": metrics.unhealthyRoutingRequestCount,
            "ProcessedBytes": metrics.processedBytes,
        ]
        var samples = counters.map { LabMetric($0.key, value: Double($0.value)) }
        samples.append(
            LabMetric("ActiveConnectionCount", isCounter: false, value: Double(metrics.activeConnectionCount))
        )
        for group in metrics.targetGroups {
            let dimensions = ["TargetGroup": group.targetGroup.rawValue, "AvailabilityZone": group.node.name]
            samples += [
                LabMetric(
                    "HealthyHostCount",
                    isCounter: false,
                    dimensions: dimensions,
                    value: Double(group.healthyHostCount)
                ),
                LabMetric(
                    "UnHealthyHostCount",
                    isCounter: false,
                    dimensions: dimensions,
                    value: Double(group.unHealthyHostCount)
                ),
            ]
        }
        return samples
    }
}
