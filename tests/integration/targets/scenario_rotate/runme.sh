#!/usr/bin/env bash
set -eu
exec python ../../run_scenario.py rotate "$@"
