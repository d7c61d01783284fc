# The calls that 'aws elbv2' sends, sent by curl, which starts faster. Read by the lesson's steps: '. demo/elb.sh'.
endpoint=http://${ELBLAB_ENDPOINT:-127.0.0.1:4566}

call() { local action=$1; shift; curl -s "$endpoint/" -d Version=2015-12-01 -d Action="$action" "${@/#/-d}"; }
arn() { call DescribeTargetGroups Names.member.1="$1" | grep -o 'arn:[^<]*targetgroup/[^<]*'; }
id() { curl -s "$endpoint/_lab/state" | grep -B1 "\"name\" : \"$1\"" | grep -o 'i-[0-9a-f]*'; }

# aws elbv2 register-targets, deregister-targets: GROUP SERVER
register() { call RegisterTargets TargetGroupArn="$(arn "$1")" Targets.member.1.Id="$(id "$2")" > call.xml; }
deregister() { call DeregisterTargets TargetGroupArn="$(arn "$1")" Targets.member.1.Id="$(id "$2")" > call.xml; }

# aws elbv2 modify-target-group-attributes: GROUP KEY VALUE
attribute() {
    call ModifyTargetGroupAttributes TargetGroupArn="$(arn "$1")" \
        Attributes.member.1.Key="$2" Attributes.member.1.Value="$3" > call.xml
}

# aws elbv2 describe-target-health: GROUP
states() { call DescribeTargetHealth TargetGroupArn="$(arn "$1")" | grep -o '<State>[a-z]*' | cut -c8- | sort; }
