#!/usr/bin/env bash
# Every create call prints the name that the next one needs.

servers() { aws ec2 describe-instances --query 'Reservations[].Instances[].InstanceId' --output text; }
subnets() { aws ec2 describe-subnets --query 'Subnets[].SubnetId' --output text; }

vpc=$(aws ec2 describe-vpcs --query 'Vpcs[0].VpcId' --output text)
group=$(aws elbv2 create-target-group --name lesson03-web --protocol HTTP --port 8031 --vpc-id "$vpc" \
    --health-check-path / --health-check-interval-seconds 5 --health-check-timeout-seconds 2 \
    --query 'TargetGroups[0].TargetGroupArn' --output text)
aws elbv2 register-targets --target-group-arn "$group" --targets $(for server in $(servers); do echo "Id=$server,Port=8031"; done)
balancer=$(aws elbv2 create-load-balancer --name lesson03 --subnets "$(subnets | cut -f 1)" \
    --query 'LoadBalancers[0].LoadBalancerArn' --output text)
aws elbv2 create-listener --load-balancer-arn "$balancer" --protocol HTTP --port 8030 \
    --default-actions "Type=forward,TargetGroupArn=$group"
