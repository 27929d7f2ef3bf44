#!/usr/bin/env bash
# Tests in several processes; nodes and ports as in dist_run.sh.
set -euo pipefail
if [ $# -lt 3 ]; then
    echo "usage: $0 CONFIG CHECKPOINT GPUS [arguments of test.py]" >&2
    exit 2
fi
config=$1
checkpoint=$2
gpus=$3
shift 3
exec "$(dirname "$0")/dist_run.sh" test.py "$gpus" "$config" "$checkpoint" --launcher pytorch "$@"
