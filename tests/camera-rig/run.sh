#!/usr/bin/env bash
# Tests the camera code against the kernel's own webcam driver, on a machine without a camera: a guest with Debian's
# kernel, in which uvcsim.c is the webcam. Prints a line for each scene; status 1 if one failed.
#
#   tests/camera-rig/run.sh [SCENE...]      from the repository root; B = build folder (default build); scenes: see
#   scenes.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
export B=${B:-build}
rig=build/rig clip=samples/sls_front_both_L.mp4
tests/camera-rig/setup.sh
make B="$B" "$B/plumbline" "$B/tests/camera-rig/capture"

convert() { # FILE OPTIONS...: a clip as uvcsim plays it
    local file=$1
    shift
    [ "$rig/$file" -nt "$clip" ] || ffmpeg -v error -y -i "$clip" -t 4 "$@" "$rig/$file"
}
convert small.mjpg -vf fps=30,scale=320:240 -c:v mjpeg -q:v 4 -pix_fmt yuvj422p -f mjpeg
convert large.mjpg -vf fps=30,scale=1280:720 -c:v mjpeg -q:v 5 -pix_fmt yuvj422p -f mjpeg
convert small.yuyv -vf fps=30,scale=320:240 -pix_fmt yuyv422 -f rawvideo

tests/camera-rig/in-guest.sh env "B=$B" "RIG_LIVE_S=${RIG_LIVE_S:-40}" tests/camera-rig/scenes.sh "$@"
