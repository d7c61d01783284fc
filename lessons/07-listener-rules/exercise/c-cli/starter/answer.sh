#!/usr/bin/env bash
# Your calls go here: elblab up c-cli/lb.yaml in one terminal, elblab shell --record c-cli/answer.sh in another.
