#!/usr/bin/env bash
# First the order, then what two rules say, then the one that is missing.

# As describe-listeners and describe-rules tell them.
listener=arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:listener/app/lesson07-shop/43bcae151241f3db/fc3f1f2e3ef8b677
rules=${listener/:listener/:listener-rule}
api=$rules/67722dca0776967f
beta=$rules/599e78658efcdf8e
old=$rules/d7bb6f9bc5538b93

aws elbv2 set-rule-priorities --rule-priorities RuleArn=$old,Priority=5 RuleArn=$beta,Priority=10 RuleArn=$api,Priority=20
aws elbv2 modify-rule --rule-arn $api --conditions 'Field=path-pattern,PathPatternConfig={Values=[/api,/api/*]}'
aws elbv2 modify-rule --rule-arn $old --actions 'Type=redirect,RedirectConfig={Host=shop.example.com,StatusCode=HTTP_301}'
aws elbv2 create-rule --listener-arn $listener --priority 40 --conditions 'Field=path-pattern,Values=/admin/*' \
    --actions 'Type=fixed-response,FixedResponseConfig={StatusCode=403}'
