import ELBConformance
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Subject configurations` {
    @Test func `are written as the contract says`() throws {
        let block = try #require(CIDRBlock("127.200.0.0/16"))
        let group = TargetGroupID(rawValue: "api")
        let endpoint = try #require(Endpoint("127.10.1.64:9001"))
        let target = Target(id: TargetID(rawValue: "127.10.1.64"), endpoint: endpoint, zone: .a)
        let configuration = SubjectConfiguration(
            loadBalancer: LoadBalancer(
                name: LoadBalancerName(rawValue: "web"),
                nodes: [.init(zone: .a, address: LabAddresses.publicAddress(.a, host: 4))],
                listeners: [
                    Listener(
                        port: 18080,
                        rules: [
                            .when(
                                .path("/api/*"),
                                .sourceIP([block]),
                                priority: 10,
                                then: .forward(ForwardAction(to: group))
                            )
                        ],
                        defaultActions: [.answer(404, "no \"page\"")]
                    )
                ],
                dnsName: "web-1.ap-northeast-2.elb.aws.test"
            ),
            targetGroups: [
                TargetGroup(
                    id: group,
                    name: TargetGroupName(rawValue: "api"),
                    port: 80,
                    targetType: .ip,
                    targets: [target]
                )
            ]
        )
        #expect(configuration.text == Self.golden)
    }

    @Test func `say where names are answered`() {
        var configuration = SubjectConfiguration(
            loadBalancer: LoadBalancer(
                name: LoadBalancerName(rawValue: "web"),
                nodes: [],
                dnsName: "web-1.ap-northeast-2.elb.aws.test"
            ),
            targetGroups: []
        )
        #expect(!configuration.text.contains("NameServer"))
        configuration.nameServer = Endpoint("127.50.1.4:5353")
        configuration.recordSets = [
            RecordSet(name: "www.shop.example", zone: "shop.example", value: .canonicalName("a.b", timeToLive: 300))
        ]
        #expect(
            configuration.text.hasSuffix(
                #"""
                  "NameServer": {
                    "Address": "127.50.1.4",
                    "Port": 5353
                  },
                  "RecordSets": [
                    {
                      "Name": "www.shop.example",
                      "HostedZoneName": "shop.example",
                      "Type": "CNAME",
                      "TTL": 300,
                      "ResourceRecords": [
                        "a.b"
                      ]
                    }
                  ]
                }

                """#
            )
        )
    }

    private static let golden = #"""
        {
          "Schema": "elblab/lb-config/v1",
          "Type": "application",
          "Name": "web",
          "DNSName": "web-1.ap-northeast-2.elb.aws.test",
          "Scheme": "internet-facing",
          "TimeScale": 50,
          "Seed": 1,
          "LoadBalancerAttributes": [
            {
              "Key": "idle_timeout.timeout_seconds",
              "Value": "60"
            },
            {
              "Key": "routing.http2.enabled",
              "Value": "true"
            },
            {
              "Key": "client_keep_alive.seconds",
              "Value": "3600"
            },
            {
              "Key": "routing.http.xff_header_processing.mode",
              "Value": "append"
            },
            {
              "Key": "routing.http.xff_client_port.enabled",
              "Value": "false"
            },
            {
              "Key": "routing.http.preserve_host_header.enabled",
              "Value": "false"
            },
            {
              "Key": "routing.http.drop_invalid_header_fields.enabled",
              "Value": "false"
            },
            {
              "Key": "routing.http.desync_mitigation_mode",
              "Value": "defensive"
            }
          ],
          "Nodes": [
            {
              "AvailabilityZone": "ap-northeast-2a",
              "Address": "127.50.1.4"
            }
          ],
          "Listeners": [
            {
              "Port": 18080,
              "Protocol": "HTTP",
              "DefaultActions": [
                {
                  "Type": "fixed-response",
                  "FixedResponseConfig": {
                    "StatusCode": "404",
                    "ContentType": "text/plain",
                    "MessageBody": "no \"page\""
                  }
                }
              ],
              "Rules": [
                {
                  "Priority": 10,
                  "Conditions": [
                    {
                      "Field": "path-pattern",
                      "PathPatternConfig": {
                        "Values": [
                          "/api/*"
                        ]
                      }
                    },
                    {
                      "Field": "source-ip",
                      "SourceIpConfig": {
                        "Values": [
                          "127.200.0.0/16"
                        ]
                      }
                    }
                  ],
                  "Actions": [
                    {
                      "Type": "forward",
                      "ForwardConfig": {
                        "TargetGroups": [
                          {
                            "TargetGroupArn": "api",
                            "Weight": 1
                          }
                        ]
                      }
                    }
                  ]
                }
              ]
            }
          ],
          "TargetGroups": [
            {
              "Name": "api",
              "Protocol": "HTTP",
              "ProtocolVersion": "HTTP1",
              "Port": 80,
              "TargetType": "ip",
              "HealthCheckProtocol": "HTTP",
              "HealthCheckPort": "traffic-port",
              "HealthCheckPath": "/",
              "HealthCheckIntervalSeconds": 30,
              "HealthCheckTimeoutSeconds": 5,
              "HealthyThresholdCount": 5,
              "UnhealthyThresholdCount": 2,
              "Matcher": {
                "HttpCode": "200"
              },
              "TargetGroupAttributes": [
                {
                  "Key": "deregistration_delay.timeout_seconds",
                  "Value": "300"
                },
                {
                  "Key": "load_balancing.algorithm.type",
                  "Value": "round_robin"
                },
                {
                  "Key": "load_balancing.cross_zone.enabled",
                  "Value": "use_load_balancer_configuration"
                },
                {
                  "Key": "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",
                  "Value": "1"
                },
                {
                  "Key": "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage",
                  "Value": "off"
                }
              ],
              "Targets": [
                {
                  "Id": "127.10.1.64",
                  "Port": 9001,
                  "AvailabilityZone": "ap-northeast-2a"
                }
              ]
            }
          ]
        }

        """#
}
