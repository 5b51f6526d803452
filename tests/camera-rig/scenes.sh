#!/usr/bin/env bash
# The scenes of the camera rig, run inside the guest by run.sh. Rates are held to a tenth: the emulated processor is
# slow, the camera's own clock is not, so what counts is what the camera sent (frames given out, passed over and bad).
set -u
export LC_ALL=C B=${B:-build}
device=/dev/video0 commands=/run/camera out=$(mktemp -d)
failed=0 passed=0 simulator=

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
    nice -n -20 build/rig/uvcsim -c $commands -j 1280,720,build/rig/large.mjpg -j 320,240,build/rig/small.mjpg \
        -y 320,240,build/rig/small.yuyv &
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

scene() { # NAME FUNCTION
    if "$2"; then
        passed=$((passed + 1))
        echo "ok     $1: $figures"
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
yuyv_30() { rate 320 240 30 5 "320x240 YUYV 30 fps"; }
yuyv_15() { rate 320 240 15 5 "320x240 YUYV 15 fps"; }
mjpeg_720() { rate 1280 720 30 8 "1280x720 MJPEG 30 fps"; }

list() {
    capture $device 320 240 30 0.3
    figures=$(grep '^camera' "$out/log")
    [ "$(grep -c '^camera' "$out/log")" = 1 ] && [[ $figures == *"MJPEG 1280x720@30 320x240@30; YUYV 320x240@30"* ]]
}

bad_frames() {
    rm -f "$out/log"
    (streaming "$out/log" && tell err 3 && sleep 1 && tell short 3 && sleep 1 && tell stall 1 && sleep 1 && tell stall 0) &
    capture $device 320 240 30 12
    local status=$?
    wait $!
    figures="$(value frames) given out, $(value dropped) passed over, $(value bad) bad"
    figures+=", longest gap $(value longest_gap_ms) ms"
    [ $status -eq 0 ] && between "$(($(value dropped) + $(value bad)))" 6 1000 &&
        between "$(value longest_gap_ms)" 800 3000
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
    wait_for_camera && capture $device 320 240 30 2
    status=$?
    figures+="; plugged in again: $(value frames) frames"
    [ $status -eq 0 ]
}

live() {
    "$B/plumbline" live --camera $device --size 320x240 --no-window --model lite --json "$out/json" \
        --frames "$out/frames" --seconds "${RIG_LIVE_S:-40}" >"$out/log" 2>"$out/sentence"
    local status=$? rows first last
    rows=$(($(wc -l <"$out/frames") - 1))
    first=$(sed -n 2p "$out/frames" | cut -d, -f1) last=$(tail -n 1 "$out/frames" | cut -d, -f1)
    figures="$rows rows from $first to $last s; $(grep -o '"frames":[^,]*' "$out/json")"
    cat "$out/json" >>"$out/log"
    [ $status -eq 0 ] && [ $rows -gt 1 ] && grep -q '"schema": *"plumbline.analysis/1"' "$out/json"
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
[ $# -gt 0 ] || scenes=(list yuyv_30 yuyv_15 mjpeg_720 bad_frames busy unplug live none)
for name in "${scenes[@]}"; do
    figures=
    scene "${name//_/ }" "$name"
done
kill $simulator 2>/dev/null
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
