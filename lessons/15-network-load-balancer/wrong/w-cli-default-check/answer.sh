#!/usr/bin/env bash
vpc=vpc-007e0949173580de5
subnets="subnet-00cfd91a18f1c5229 subnet-00cfd8ea18f1c4d10"
servers="Id=i-0cef024e18a72ec95 Id=i-05ce3abbdbecb748e Id=i-09e100b122a1b6fcb Id=i-070bb2d05bf53ca51"
web=arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/lesson15-web/cf2bf73be7df04b6

balancer=$(aws elbv2 create-load-balancer --name lesson15 --type network --subnets $subnets \
    --query 'LoadBalancers[0].LoadBalancerArn' --output text)
names=$(aws elbv2 create-target-group --name lesson15-names --protocol UDP --port 8156 --vpc-id $vpc \
    --health-check-protocol TCP \
    --query 'TargetGroups[0].TargetGroupArn' --output text)
aws elbv2 register-targets --target-group-arn "$names" --targets $servers
aws elbv2 create-listener --load-balancer-arn "$balancer" --protocol TCP --port 8158 \
    --default-actions "Type=forward,TargetGroupArn=$web"
aws elbv2 create-listener --load-balancer-arn "$balancer" --protocol UDP --port 8159 \
    --default-actions "Type=forward,TargetGroupArn=$names"
aws elbv2 modify-target-group-attributes --target-group-arn "$web" --attributes Key=preserve_client_ip.enabled,Value=true
