#!/usr/bin/env bash
group=arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/lesson14-orders/c203fb63f8af554d
orders_a=i-08a8ba6e38501d17c
orders_c=i-026b0184d9caf42b5

aws elbv2 modify-target-group-attributes --target-group-arn "$group" \
    --attributes Key=deregistration_delay.timeout_seconds,Value=15 Key=slow_start.duration_seconds,Value=45
aws elbv2 deregister-targets --target-group-arn "$group" --targets "Id=$orders_a,Port=8148"
aws elbv2 register-targets --target-group-arn "$group" --targets "Id=$orders_c"
