#!/usr/bin/env bash
groups=arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup

aws elbv2 modify-target-group-attributes --target-group-arn $groups/lesson12-quiz/e9cbff62403b89df \
    --attributes Key=stickiness.enabled,Value=true Key=stickiness.lb_cookie.duration_seconds,Value=600
aws elbv2 modify-target-group-attributes --target-group-arn $groups/lesson12-members/cb6ab56142ecd096 \
    --attributes Key=stickiness.app_cookie.cookie_name,Value=MEMBER Key=stickiness.app_cookie.duration_seconds,Value=14400
aws elbv2 modify-target-group-attributes --target-group-arn $groups/lesson12-pages/e9c1483be86fc7fb \
    --attributes Key=stickiness.lb_cookie.duration_seconds,Value=1
