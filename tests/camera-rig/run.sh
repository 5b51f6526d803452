#!/usr/bin/env bash
# Tests the camera code against the kernel's own webcam driver, on a machine without a camera: a guest with Debian's
# kernel, in which uvcsim.c is the webcam. Prints a line for each scene; status 1 if one failed, 77 if this machine
# cannot do it.
#
#   tests/camera-rig/run.sh [SCENE...]      from the repository root; B = build folder (default build); scenes: see
#   scenes.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
export B=${B:-build}
rig=build/rig clip=samples/sls_front_both_L.mp4
tests/camera-rig/setup.sh || { [ $? -eq 77 ] && exit 77; exit 1; }
make B="$B" "$B/plumbline" "$B/tests/camera-rig/capture"

convert() { # FILE OPTIONS...: a clip as uvcsim plays it
    local file=$1
    shift
    [ "$rig/$file" -nt "$clip" ] && [ "$rig/$file" -nt tests/camera-rig/run.sh ] && return
    ffmpeg -v error -y -i "$clip" "$@" "$rig/$file"
}
mjpeg=(-c:v mjpeg -q:v 4 -pix_fmt yuvj422p -f mjpeg)
convert 1080.mjpg -t 1 -vf fps=30,scale=1920:1080 "${mjpeg[@]}"
convert 720.mjpg -t 2 -vf fps=30,scale=1280:720 "${mjpeg[@]}"
convert 320.yuyv -t 2 -vf fps=30,scale=320:240 -pix_fmt yuyv422 -f rawvideo
convert 352.nv12 -t 2 -vf fps=30,scale=352:288 -pix_fmt nv12 -f rawvideo
# the whole set, which is measured: as it is, and as MJPEG
convert set.yuyv -pix_fmt yuyv422 -f rawvideo
convert set.mjpg -vf fps=10,scale=480:360 "${mjpeg[@]}"
[ "$rig/set.mkv" -nt "$rig/set.mjpg" ] || ffmpeg -v error -y -framerate 10 -i "$rig/set.mjpg" -c copy "$rig/set.mkv"
if [ -r models/pose_landmark_lite.tflite ]; then
    "$B/plumbline" analyze --model lite --json "$rig/yuyv.json" "$clip"
    "$B/plumbline" analyze --model lite --json "$rig/mjpeg.json" "$rig/set.mkv"
else
    rm -f "$rig"/{yuyv,mjpeg}.json
fi

tests/camera-rig/in-guest.sh env "B=$B" tests/camera-rig/scenes.sh "$@"
