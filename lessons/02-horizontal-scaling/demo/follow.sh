# Auto Scaling in its smallest form: a metric, a target, and a loop. Sourced by the lesson's shell.

# servers RUNNING [REGISTERED]: the template with so many servers. Saving it applies it.
servers() {
  awk -v run="$1" -v use="${2:-$1}" '!/# server/ || $NF <= (/- { Id/ ? use : run)' demo/lb.yaml > lab.new
  mv lab.new lab.yaml
  echo "$1" > desired
}

# The metric: requests under way at all servers, whether a worker has them or they wait for one.
under_way() {
  elblab fleet status | grep -o 'serving=.* waiting=[0-9]*' | tr -c '0-9\n' ' ' | awk '{ sum += $1 + $2 } END { print sum + 0 }'
}

# The target: four requests under way per server, with one server at least and four at most.
follow() {
  wanted=$((($(under_way) + 3) / 4))
  [ "$wanted" -lt 1 ] && wanted=1
  [ "$wanted" -gt 4 ] && wanted=4
  [ "$wanted" = "$(cat desired)" ] || servers "$wanted"
}

# paying NAME MILLISECONDS: 16 customers, each with a request that takes so long; returns when servers have read all of them.
paying() {
  for _ in $(seq 16); do
    curl -s -o page.txt -w '%{http_code}\n' "$shop/?elb-delay=$2&elb-id=$1" &
  done > "$1"
  until [ "$(elblab fleet log --containing "$1" | wc -l)" = 16 ]; do sleep 0.1; done
}

# lost NAME: waits for the answers of all 16, and counts those that are errors.
lost() {
  until [ "$(wc -l < "$1")" = 16 ]; do sleep 0.1; done
  echo "lost: $(grep -vc 200 "$1")"
}
