#!/usr/bin/env bash
# Tests of the code that is chosen by processor, on x86-64 processors that qemu-user emulates: Haswell has AVX2 but not
# AVX-512, Nehalem neither. An instruction that should not have been chosen ends the program. Says nothing about speed.
#
#   tests/processors/run.sh        from the repository root; B = build folder (default build)
#
# Each processor's part ends with the lines of tests/run.sh; status 1 if one failed.
# Status 77: something cannot be had here; the last line says what.
set -u
export LC_ALL=C B=${B:-build}

cannot() { echo "$*"; exit 77; }

[ "$(uname -m)" = x86_64 ] || cannot "this is not an x86-64 machine"
.ci/deps.sh run test qemu || cannot "qemu-user cannot be installed (see above)"

tests=(base/test_cpu nn/test_kernels nn/test_tflite keypoints/test_crop camera/test_convert screen/test_scale)
programs=("${tests[@]/#/$B/tests/}")
make "${programs[@]}" "$B/tests/nn/test_networks" || exit 1

status=0
echo "Haswell:"
EMULATOR="qemu-x86_64 -cpu Haswell" PL_TEST_TIMEOUT=1200 tests/run.sh "${programs[@]}" "$B/tests/nn/test_networks" || status=1
echo "Nehalem:"
EMULATOR="qemu-x86_64 -cpu Nehalem" PL_TEST_TIMEOUT=1200 tests/run.sh "${programs[@]}" || status=1
exit $status
