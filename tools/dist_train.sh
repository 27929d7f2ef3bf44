#!/usr/bin/env bash
# Trains in several processes; nodes and ports as in dist_run.sh.
set -euo pipefail
if [ $# -lt 2 ]; then
    echo "usage: $0 CONFIG GPUS [arguments of train.py]" >&2
    exit 2
fi
config=$1
gpus=$2
shift 2
exec "$(dirname "$0")/dist_run.sh" train.py "$gpus" "$config" --launcher pytorch "$@"
