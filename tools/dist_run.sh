#!/usr/bin/env bash
# Starts a tool in several processes: tools/dist_run.sh TOOL PROCESSES [arguments].
# Several nodes: NNODES, NODE_RANK, MASTER_ADDR and PORT on each. Without a GPU the
# processes share the CPU (gloo).
set -euo pipefail
tool=$1
processes=$2
shift 2
tools=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python}
nnodes=${NNODES:-1}
port=${PORT:-}
if [ -z "$port" ]; then
    port=29500
    if [ "$nnodes" = 1 ]; then
        port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("", 0)); print(s.getsockname()[1])')
    fi
fi
PYTHONPATH="$tools/..${PYTHONPATH:+:$PYTHONPATH}" exec "$python" -m torch.distributed.run \
    --nnodes="$nnodes" \
    --node_rank="${NODE_RANK:-0}" \
    --master_addr="${MASTER_ADDR:-127.0.0.1}" \
    --master_port="$port" \
    --nproc_per_node="$processes" \
    "$tools/$tool" "$@"
