#!/usr/bin/env bash
# The scenes of the camera rig, run inside the guest by run.sh. The guest's clock counts instructions (in-guest.sh), so
# times and rates are those of the guest and the host's load does not matter.
set -u
export LC_ALL=C B=${B:-build}
device=/dev/video0 commands=/run/camera out=$(mktemp -d) rig=build/rig
failed=0 passed=0 skipped=0 simulator=

wait_for_camera() {
    for _ in $(seq 200); do
        [ -e $device ] && sleep 0.3 && return
        sleep 0.1
    done
    echo "the camera did not appear" >&2
    return 1
}

start_camera() {
    # before all others: a camera does not slow down with the computer
    nice -n -20 $rig/uvcsim -c $commands -j 1920,1080,$rig/1080.mjpg -j 1280,720,$rig/720.mjpg -j 480,360,$rig/set.mjpg \
        -y 640,480,$rig/set.yuyv -y 320,240,$rig/320.yuyv -n 352,288,$rig/352.nv12 &
    simulator=$!
    wait_for_camera
}

tell() { echo "$*" >$commands; }
capture() { "$B/tests/camera-rig/capture" "$@" >"$out/log" 2>"$out/sentence"; }
# For what is told while capture runs: loading the program alone takes seconds here. Uses the log, so an old one must
# be gone.
streaming() { until grep -qs '^mode' "$1"; do sleep 0.1; done && sleep 1; }
value() { awk -v name="$1" '$1 == name { $1 = ""; print substr($0, 2) }' "$out/log"; }
# shellcheck disable=SC2317 # used inside conditions
between() { awk -v v="$1" -v low="$2" -v high="$3" 'BEGIN { exit !(v != "" && v + 0 >= low && v + 0 <= high) }'; }

scene() { # NAME FUNCTION: status 0 right, 77 it cannot be done here
    "$2"
    local status=$?
    if [ $status -eq 0 ]; then
        passed=$((passed + 1))
        echo "ok     $1: $figures"
    elif [ $status -eq 77 ]; then
        skipped=$((skipped + 1))
        echo "not    $1: $figures"
    else
        failed=$((failed + 1))
        echo "FAILED $1: $figures"
        sed 's/^/    | /' "$out/log" "$out/sentence"
    fi
}

rate() { # WIDTH HEIGHT FPS SECONDS MODE
    capture $device "$1" "$2" "$3" "$4"
    local status=$?
    figures="asked $1x$2 at $3, got $(value mode); the camera sent $(value sent_fps) fps"
    figures+=", $(value frames) given out, $(value dropped) passed over, $(value bad) bad, age $(value age_ms) ms"
    [ $status -eq 0 ] && [ "$(value mode)" = "$5" ] &&
        between "$(value sent_fps)" $(($3 * 90 / 100)) $(($3 * 110 / 100 + 1)) &&
        between "$(value contrast)" 100 1e6
}
yuyv_30() { rate 320 240 30 1.5 "320x240 YUYV 30 fps"; }
yuyv_15() { rate 640 480 15 1.5 "640x480 YUYV 15 fps"; }
nv12() { rate 352 288 30 1 "352x288 NV12 30 fps"; }
mjpeg_720() { rate 1280 720 30 1.5 "1280x720 MJPEG 30 fps"; }
mjpeg_1080() { rate 1920 1080 15 1.5 "1920x1080 MJPEG 15 fps"; }

# a dark room: the mode still says 30
half_rate() {
    tell slow 200
    capture $device 320 240 30 3
    local status=$?
    tell slow 100
    figures="the mode says $(value mode), the camera sent $(value sent_fps) fps"
    [ $status -eq 0 ] && between "$(value sent_fps)" 14 16 && [ "$(value mode)" = "320x240 YUYV 30 fps" ]
}

list() {
    capture $device 320 240 30 0.3
    figures=$(grep '^camera' "$out/log")
    [ "$(grep -c '^camera' "$out/log")" = 1 ] && [[ $figures == *"MJPEG 1920x1080@30 1280x720@30 480x360@30; \
YUYV 640x480@30 320x240@30; NV12 352x288@30"* ]]
}

replug() {
    tell unplug
    for _ in $(seq 50); do [ -e $device ] && sleep 0.1; done
    tell plug
    wait_for_camera
}

# The driver passes over the spoilt frames by itself (their numbers are missing), or marks them when it was told to before
# the camera came.
spoilt() { # MARKED
    echo "$1" >/sys/module/uvcvideo/parameters/nodrop
    [ "$1" = 0 ] || replug
    rm -f "$out/log"
    (streaming "$out/log" && tell err 3 && sleep 0.4 && tell short 3 && sleep 0.4 && tell drop 2) &
    capture $device 320 240 30 3.5
    local status=$?
    wait $!
    echo 0 >/sys/module/uvcvideo/parameters/nodrop
    [ "$1" = 0 ] || replug
    figures="$(value frames) given out, $(value dropped) passed over, $(value bad) bad"
    [ $status -eq 0 ]
}
bad_frames() { spoilt 0 && [ "$(value dropped)/$(value bad)" = 6/0 ]; }
marked_frames() { spoilt 1 && [ "$(value dropped)/$(value bad)" = 0/6 ]; }

# What libjpeg can make nothing of is bad; pictures with wrong blocks are pictures.
corrupt_frames() {
    rm -f "$out/log"
    (streaming "$out/log" && tell corrupt 5) &
    capture $device 480 360 30 2.5
    local status=$?
    wait $!
    figures="$(value frames) given out, $(value dropped) passed over, $(value bad) bad"
    [ $status -eq 0 ] && between "$(value frames)" 60 80 && [ "$(value bad)" = 5 ]
}

stall() {
    rm -f "$out/log"
    (streaming "$out/log" && tell stall 1 && sleep 1 && tell stall 0) &
    capture $device 320 240 30 4
    local status=$?
    wait $!
    figures="$(value frames) given out, longest gap $(value longest_gap_ms) ms"
    [ $status -eq 0 ] && between "$(value longest_gap_ms)" 800 1500
}

two_cameras() {
    $rig/uvcsim -c /run/second -p 1 -t "Desk Camera" -y 320,240,$rig/320.yuyv &
    local second=$! first status
    for _ in $(seq 100); do [ -e /dev/video2 ] || sleep 0.1; done
    sleep 0.5
    capture "desk" 320 240 30 1
    status=$?
    first=$(value source)
    capture 0 320 240 30 1 || status=1
    figures="\"desk\" is $first, \"0\" is $(value source), listed: $(grep -c '^camera' "$out/log")"
    kill $second
    wait $second 2>/dev/null
    [ $status -eq 0 ] && [ "$first $(value source)" = "/dev/video2 /dev/video0" ] && [[ $figures == *"listed: 2" ]]
}

permission() {
    chgrp video $device && chmod 660 $device
    setpriv --reuid 65534 --regid 65534 --clear-groups "$B/tests/camera-rig/capture" $device 320 240 30 1 \
        >"$out/log" 2>"$out/sentence"
    local status=$?
    figures=$(<"$out/sentence")
    # shellcheck disable=SC2016 # the sentence's own $USER
    [ $status -eq 1 ] && [[ $figures == *'join the group "video" (sudo usermod -aG video $USER)'* ]]
}

busy() {
    "$B/tests/camera-rig/capture" $device 320 240 30 60 >"$out/first" 2>&1 &
    local first=$!
    streaming "$out/first"
    capture $device 320 240 30 1
    local status=$?
    figures="$(<"$out/sentence") (and in the list: $(grep -c '^camera.*in use' "$out/log"))"
    kill $first && [ $status -eq 1 ] && [[ $figures == *"/dev/video0 is in use by another program"*"list: 1)" ]]
}

unplug() {
    rm -f "$out/log"
    (streaming "$out/log" && tell unplug) &
    capture $device 320 240 30 20
    local status=$?
    figures="$(value frames) frames, then \"$(<"$out/sentence")\""
    [ $status -eq 1 ] && between "$(value frames)" 2 1000 &&
        [[ $(<"$out/sentence") == *"/dev/video0 was unplugged"* ]] || return 1
    for _ in $(seq 50); do [ -e $device ] && sleep 0.1; done
    capture $device 320 240 30 1
    [[ $(<"$out/sentence") == *"there is no such camera"* ]] || return 1
    tell plug
    wait_for_camera && capture $device 320 240 30 1
    status=$?
    figures+="; plugged in again: $(value frames) frames"
    [ $status -eq 0 ]
}

# plumbline sees the set through the camera; what it finds must be what analyze finds in the same pictures.
found() { jq -c '{reps: [.reps[] | [.n, .side]], faults: ([.faults[] | [.rep, .kind, .side, .cue]] | unique)}' "$1"; }
live() { # WIDTHxHEIGHT FPS SECONDS EXPECTED
    figures="no networks (make models)"
    [ -s "$rig/$4.json" ] || return 77
    tell once
    "$B/plumbline" live --camera $device --size "$1" --fps "$2" --no-window --model lite --threads 1 --voice off \
        --json "$out/json" --frames "$out/frames" --seconds "$3" >"$out/log" 2>"$out/sentence"
    local status=$?
    figures="$(($(wc -l <"$out/frames") - 1)) frames, $(found "$out/json")"
    echo "expected $(found "$rig/$4.json")" >>"$out/log"
    [ $status -eq 0 ] && [ "$(found "$out/json")" = "$(found "$rig/$4.json")" ] && grep -q '"reps":\[{' "$out/json"
}
live_yuyv() { live 640x480 15 7.5 yuyv; }

# at picture 35 (of 70) the first repetition is over and the second has not begun; at 68 the second is over
live_broken() {
    tell gone 35 3000
    tell pause 68 4500
    live 480x360 10 17 mjpeg || return
    figures+="; $(grep -oE "was unplugged|sends no pictures|sends pictures again" "$out/sentence" | paste -sd,)"
    [[ $figures == *"; was unplugged,sends pictures again,sends no pictures,sends pictures again" ]]
}

none() {
    kill $simulator
    wait $simulator 2>/dev/null
    for _ in $(seq 50); do [ -e $device ] && sleep 0.1; done
    "$B/plumbline" live --no-window --json - >"$out/log" 2>"$out/sentence"
    local status=$?
    figures=$(<"$out/sentence")
    [ $status -eq 1 ] && [[ $figures == *"no camera found"* ]]
}

start_camera || exit 1
scenes=("$@")
[ $# -gt 0 ] || scenes=(list yuyv_30 yuyv_15 nv12 mjpeg_720 mjpeg_1080 half_rate bad_frames marked_frames corrupt_frames
    stall busy two_cameras permission unplug live_yuyv live_broken none)
for name in "${scenes[@]}"; do
    figures=
    scene "${name//_/ }" "$name"
done
kill $simulator 2>/dev/null
echo "$passed passed, $failed failed, $skipped not done"
[ $failed -eq 0 ]
