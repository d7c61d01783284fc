#!/usr/bin/env bash
# Your calls go here: elblab up b-cli/lb.yaml in one terminal, elblab shell --record b-cli/answer.sh in another.
