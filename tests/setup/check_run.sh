#!/usr/bin/env bash
# `make run` on a screen without a camera: says so, plays a sample in a loop, draws it. Prints TAP.
# KEEP=PREFIX: keep the pictures there.
. tests/support/tap.bash
keep=${KEEP:-$SCRATCH/shot}

# How many of the 256 greys a picture has when it is 64 pixels wide: an empty window has one or two.
greys() { ffmpeg -v error -i "$1" -vf scale=64:40 -f rawvideo -pix_fmt gray - | od -An -v -tu1 -w1 | sort -u | wc -l; }
pixels() { ffmpeg -v error -i "$1" -f rawvideo -pix_fmt rgb24 - | sha256sum; }
differ() { ! cmp -s <(pixels "$1") <(pixels "$2"); }

if compgen -G '/dev/video*' >/dev/null; then
    skip "make run without a camera" "there is a camera here"
    done_testing
fi
make -s all # so that the pictures are not taken of the compiler
try tests/support/window.sh "${TIMES:-4 6 14}" "$keep" make run
check "runs until it is stopped" equal "$status" 0
check "says that there is no camera and that a sample plays" says "$out$err" "no camera.*sample|sample.*no camera"
for i in 1 2 3; do
    check "picture $i is not empty" [ "$(greys "$keep.$i.png")" -gt 40 ]
done
check "the picture moves" differ "$keep.1.png" "$keep.2.png"
done_testing
