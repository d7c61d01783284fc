#!/usr/bin/env bash
of=arn:aws:elasticloadbalancing:ap-northeast-2:123456789012
main=$of:targetgroup/lesson05-main/b653ca0d3384bc72
spare=$of:targetgroup/lesson05-spare/6bae1cae5ba9b0b5
listener=$of:listener/app/lesson05-shop/43bcae151241f3db/fc3f1f2e3ef8b677
spare_c=i-0662b95445a7da508

aws elbv2 modify-target-group --target-group-arn $spare --health-check-interval-seconds 5 --health-check-timeout-seconds 4
aws elbv2 modify-listener --listener-arn $listener --default-actions \
    "Type=forward,ForwardConfig={TargetGroups=[{TargetGroupArn=$main,Weight=0},{TargetGroupArn=$spare,Weight=1}]}"
aws elbv2 create-rule --listener-arn $listener --priority 20 \
    --conditions Field=host-header,Values=repair.example.com --actions "Type=forward,TargetGroupArn=$main"
