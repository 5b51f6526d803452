#!/usr/bin/env bash
# Our kernels against other engines: builds tests/bench, fetches ONNX Runtime through npm if it can, runs.
#
#   tests/bench/run.sh [bench options]      from the repository root; B = build folder (default build)
set -u
B=${B:-build}
ort=$B/bench/ort
mkdir -p "$ort"
if ! command -v npm >/dev/null || ! command -v node >/dev/null; then
    echo "npm or node is not there: without ONNX Runtime" >&2
elif [ ! -d "$ort/node_modules/onnxruntime-node" ] &&
    ! npm install --prefix "$ort" --no-audit --no-fund --ignore-scripts --loglevel=error \
        onnxruntime-node@1.30.0 >"$ort/npm.log" 2>&1; then
    echo "npm could not fetch onnxruntime-node ($ort/npm.log): without ONNX Runtime" >&2
fi
options=(--build "$B/bench")
[ -d "$ort/node_modules/onnxruntime-node" ] && options+=(--ort "$PWD/$ort")
exec "$B/tests/bench/bench" "${options[@]}" "$@"
