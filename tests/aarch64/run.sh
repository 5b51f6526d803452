#!/usr/bin/env bash
# Tests of what needs no outside library but cJSON, base, nn and keypoints, built for 64-bit ARM and run by qemu-user:
# every kernel in plain C and NEON, the networks, crops, tracking. SAN=address,undefined: built with that. Says nothing
# about speed.
#
#   tests/aarch64/run.sh [PROGRAM...]        such as nn/test_kernels; default: all. From the repository root.
#
# Debian's cross compiler and qemu are installed by .ci/deps.sh; the two libraries are unpacked into build/aarch64/sysroot,
# by an apt of our own that knows arm64, so that the system's lists and packages stay as they are.
# The last lines are those of tests/run.sh. Status 77: something cannot be had here; the last line says what.
set -u
export LC_ALL=C PL_QUICK=1 ASAN_OPTIONS=detect_leaks=0 # the leak checker does not work in the emulator
unset ARGS ONLY
folder=build/aarch64
sysroot=$folder/sysroot
export B=$folder${SAN:+/san-${SAN//,/-}}
libraries=$sysroot/usr/lib/aarch64-linux-gnu
modules="base nn keypoints"

cannot() { echo "$*"; exit 77; }

[ "$(uname -m)" = aarch64 ] && cannot "this is a 64-bit ARM machine: make test has run the same natively"
.ci/deps.sh run test aarch64 qemu || cannot "the cross compiler or qemu-user cannot be installed (see above)"

unpack_libraries() ( # an apt that takes its sources from the system and keeps everything else in build/aarch64/apt
    mkdir -p $folder/apt/{state/lists/partial,cache/archives/partial} && cd $folder/apt || exit 1
    : >state/status
    apt=(apt-get -q -o Dir::State="$PWD/state" -o Dir::State::status="$PWD/state/status" -o Dir::Cache="$PWD/cache"
        -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o Acquire::Languages=none -o Acquire::Retries=1
        -o APT::Sandbox::User="$(id -un)")
    "${apt[@]}" update && "${apt[@]}" download libcmocka0 libcmocka-dev libcjson1 libcjson-dev || exit 1
    rm -rf ../sysroot.new
    for package in *.deb; do dpkg-deb -x "$package" ../sysroot.new || exit 1; done
    rm -rf ../sysroot && mv ../sysroot.new ../sysroot
)

if [ ! -d "$sysroot" ]; then
    unpack_libraries || cannot "Debian's arm64 packages of cmocka and cJSON cannot be fetched"
fi

if [ $# -gt 0 ]; then
    programs=("${@/#/$B/tests/}")
else # not test_reference, which follows whole clips for hours, and not what reads clips: that takes FFmpeg
    mapfile -t programs < <(for module in $modules; do
        find "tests/$module" -name 'test_*.c' ! -name test_reference.c -exec grep -LE 'plumbline/(video|camera)\.h' {} +
    done | sort | sed "s,\(.*\)\.c,$B/\1,")
fi

make B="$B" MODULES="$modules" CC=aarch64-linux-gnu-gcc CXX=aarch64-linux-gnu-gcc AR=aarch64-linux-gnu-ar OPENCV= \
    PKG_CFLAGS="-isystem $sysroot/usr/include" PKG_LIBS=-lcjson LDFLAGS="-L$libraries -Wl,-rpath-link,$libraries" \
    "${programs[@]}" || exit 1

EMULATOR="qemu-aarch64 -L /usr/aarch64-linux-gnu -E LD_LIBRARY_PATH=$libraries" \
    PL_TEST_TIMEOUT=${PL_TEST_TIMEOUT:-1800} tests/run.sh "${programs[@]}"
