#!/usr/bin/env bash
# Every way in which a camera can fail, and what the person then sees: the real program in a window, a camera that is not there
# (stand_in.c), words read on pictures of the screen. Prints TAP; about two minutes.
#
#   tests/app/check_camera.sh [SCENE...]
#   KEEP=FOLDER: the pictures stay there, and sheet.png shows all of them, beside each what 3 m leave of it (320 pixels)
# shellcheck disable=SC2317  # scenes are called by their names
cd "$(dirname "$0")/../.." || exit 1
. tests/support/tap.bash
. tests/app/stand_in.bash
window_lacks jq && { echo "check_camera.sh: $out"; exit 77; }
keep=${KEEP:-$SCRATCH/pictures}
mkdir -p "$keep"
start_screen 1280 720 || { echo "Bail out! no screen"; exit 1; }

run() { try env LD_PRELOAD="$STAND_IN" "$IN_ASAN" timeout 60 "$PWD/${B:-build}/plumbline" "$@"; }
refused() { [ "$status" = 1 ] && one_sentence "$err" && says "$err" "^plumbline: .*$1"; }
live() { start_program live --model lite --threads 1 --voice "${VOICE:-off}" "$@"; }
picture() { shot "$keep/$1.png"; }
# sees, and the picture is kept under that name
shows() { sees "$2" "${3:-}" "${4:-11}"; local status=$?; cp "$SCRATCH/seen.png" "$keep/$1.png"; return "$status"; }
quit() { key q; ended || stop_program; }
dropped() { sed -nE 's/^[0-9]+ pictures measured, ([0-9]+) dropped$/\1/p' "$SCRATCH/said"; }
measured() { sed -nE 's/^([0-9]+) pictures measured, .*/\1/p' "$SCRATCH/said"; }

scene_none() {
    run live
    check "none: one sentence" refused "no camera found: connect one"
    start_program --voice off
    check "none, plumbline alone: a sample plays, and says why" shows none "Sample, no camera"
    stop_program
}
scene_busy() {
    person && camera 0 busy
    run live
    check "busy: one sentence" refused "/dev/video0 is in use by another program: close it"
    run doctor
    check "busy: doctor says it too" says "$out" "PROBLEM +camera +/dev/video0 .*in use by another program"
}
scene_forbidden() {
    person && camera 0 forbidden
    run live
    # shellcheck disable=SC2016 # the sentence's own $USER
    check "forbidden: names the group and the command" refused 'join the group "video" \(sudo usermod -aG video \$USER\)'
}
scene_two() { # and a node for metadata between them
    person 0 "Front Camera" && plug 1 "Front Camera" && person 2 "Desk Camera"
    run live --no-window --seconds 2 --model lite --voice off --camera desk
    check "two: --camera desk is the second" says "$err" "Desk Camera \(/dev/video2, 640x480 YUYV 30 fps\)"
    run live --no-window --seconds 2 --model lite --voice off
    check "two: without, the first, and the other is named" says "$err" "also there: Desk Camera \(/dev/video2\); --camera chooses"
    run doctor
    check "two: doctor lists both, no metadata" equal "$(grep -c '^ok *camera ' <<<"$out")" 2
}
scene_unplug() {
    person && live
    shows running "Stand still|Start when you like"
    unplug
    check "unplugged: the card" shows unplugged "Stand-in Camera.*was unplugged.*plug it in again"
    check "unplugged: no rate is told" [ "${out/now/}" = "$out" ]
    plug_again
    check "plugged in again: it goes on by itself" shows replugged "Stand still|Start when you like"
    unplug
    sees "was unplugged"
    echo forbidden >"$SCRATCH/unplugged0/state"
    plug_again
    check "plugged in again, without permission: the card" shows denied "You may not use.*group"
    camera 0 ""
    check "with permission: goes on" sees "Stand still|Start when you like"
    unplug
    sees "was unplugged"
    plug_again 0 3
    check "plugged in elsewhere: goes on as /dev/video3" sees "Stand still|Start when you like"
    unplug 3
    sees "was unplugged"
    echo busy >"$SCRATCH/unplugged3/state"
    plug_again 3
    check "another program took it: the card" shows busy_again "Stand-in Camera.*is in use by another program"
    camera 3 ""
    check "given back: goes on" sees "Stand still|Start when you like"
    quit
    check "unplug: status 0" equal "$status" 0
}
scene_german() { # the same cards
    person && live --language de
    check "German: stand still" sees "Steh still|Fang an"
    unplug
    check "German: unplugged" shows german_unplugged "Stand-in Camera.*ausgesteckt.*Steck sie wieder ein"
    echo busy >"$SCRATCH/unplugged0/state"
    plug_again
    check "German: busy" shows german_busy "anderes Programm benutzt"
    camera 0 forbidden
    check "German: no permission" shows german_denied "Kamera gesperrt.*Gruppe"
    camera 0 ""
    sees "Steh still|Fang an"
    camera 0 stall
    check "German: stalled" shows german_stalled "Keine Bilder.*Kamera"
    camera 0 "fps 14"
    check "German: slow" sees "14 Bilder pro Sekunde: mehr Licht"
    quit
}
scene_stall() {
    person && VOICE=full live --json "$SCRATCH/json"
    sees "Stand still|Start when you like"
    camera 0 stall
    check "stall: the card" shows stalled "sends no pictures.*I try again"
    camera 0 ""
    check "stall: goes on by itself" sees "Stand still|Start when you like"
    camera 0 hang
    sees "sends no pictures"
    camera 0 ""
    check "hung: opened anew, goes on" sees "Stand still|Start when you like"
    quit
    check "stalled and hung: said each time" \
        equal "$(jq '[.spoken[] | select(.text | test("sends no pictures"))] | length' "$SCRATCH/json")" 2
}
scene_slow() {
    person && camera 0 "fps 14" && live
    check "slow: 14 fps, more light" shows slow "14 fps: more light"
    camera 0 ""
    check "at its rate again: the mode stands there" sees "640x480 YUYV 30 fps"
    quit
}
scene_dark() {
    FILTER="colorlevels=romax=0.08:gomax=0.08:bomax=0.08" person && live
    check "dark: says so" shows dark "More light"
    quit
}
scene_bad() {
    person 0 "Stand-in Camera" 640 480 10 MJPEG && live --size 640x480 --fps 10
    sees "Stand still|Start when you like"
    for what in "error 3" "short 3" "corrupt 3" "lose 3"; do
        fault 0 "$what"
        for _ in $(seq 30); do [ -e "$PL_STAND_IN/video0/fault" ] || break; sleep 0.1; done
    done
    check "bad pictures: counted, and it goes on" shows bad "[0-9]+ dropped"
    quit
    check "bad pictures: the twelve are told" above "$(dropped)" 11
    check "bad pictures: made is measured and dropped" within 4 $(($(measured) + $(dropped))) "$(counted 0 made)"
}
within() { [ $(($2 - $3)) -le "$1" ] && [ $(($3 - $2)) -le "$1" ]; }
scene_sizes() {
    local size
    while read -r w h fps format; do
        no_cameras
        size=${w}x$h
        person 0 "Stand-in Camera" "$w" "$h" "$fps" "$format" && live --size "$size" --fps "$fps"
        # libv4l2 hides NV12 of a camera that has nothing else, and gives BGR24 in its place
        check "$size $format: its mode stands there" sees "$size ($format|BGR24) $fps fps" "1280:50:0:670" 6
        check "$size $format: the person is found" shows "size_$size" "Stand still|Start when"
        quit
        check "$size $format: status 0" equal "$status" 0
    done <<'SIZES'
320 240 30 YUYV
640 360 30 NV12
1280 720 30 MJPEG
1920 1080 15 MJPEG
SIZES
}
# A set of two repetitions: the cable is pulled between them, and after the second no picture comes for a while.
scene_set() {
    plug 0 "Stand-in Camera" sls_front_both_L 640 480 15 YUYV && camera 0 once
    live --json "$SCRATCH/json"
    until_at 3450
    unplug
    check "in the set: the card" shows set_unplugged "was unplugged.*1 repetition counted"
    plug_again
    until_at 6800
    check "in the set: goes on" shows set_after "Repetitions|Left|Right"
    quit
    "$PWD/${B:-build}/plumbline" analyze --model lite --threads 1 --json "$SCRATCH/whole.json" samples/sls_front_both_L.mp4
    check "in the set: repetitions and legs as in the recording" equal "$(jq -c '[.reps[] | [.n, .side]]' "$SCRATCH/json")" \
        "$(jq -c '[.reps[] | [.n, .side]]' "$SCRATCH/whole.json")"
}
until_at() { for _ in $(seq 300); do [ "$(counted 0 at_ms)" -ge "$1" ] 2>/dev/null && return; sleep 0.1; done; }

# More than the machine can do: the largest network, and as many busy loops as there are cores. Counters, no clock.
scene_overload() {
    local pids=() i
    SECONDS_OF=3 plug 0 "Stand-in Camera" sls_front_good_L 1280 720 30 MJPEG
    start_program live --model heavy --threads 1 --voice off --frames "$SCRATCH/frames"
    for ((i = 0; i < $(nproc); i++)); do (while :; do :; done) & pids+=($!); done
    check "overload: dropped pictures are shown" shows overload "[0-9]+ dropped"
    for _ in $(seq 100); do [ "$(counted 0 made)" -gt 300 ] && break; sleep 0.2; done
    quit
    kill "${pids[@]}"
    echo "# overload: made $(counted 0 made), taken $(counted 0 taken), no buffer $(counted 0 no_buffer)," \
        "measured $(measured), dropped $(dropped)"
    check "overload: many are dropped" above "$(dropped)" 20
    check "overload: made is measured and dropped" within 6 $(($(measured) + $(dropped))) "$(counted 0 made)"
    # the scheduler may keep even capture waiting now and then
    check "overload: capture takes them as they come" above $(($(counted 0 made) / 30)) "$(counted 0 no_buffer)"
    # a queue would lie further behind with every picture
    check "overload: the newest picture is measured" above "$(tail -n 1 "$SCRATCH/frames" | cut -d, -f1)" \
        "$(awk "BEGIN { print $(counted 0 made) / 30 - 3 }")"
    check "overload: time goes on in the order of the pictures" \
        awk -F, 'NR > 2 && $1 <= before { bad++ } { before = $1 } END { exit bad > 0 }' "$SCRATCH/frames"
}

sheet() { # all pictures in rows: full, and as three metres leave them
    local inputs=() filter='' n=0 png
    for png in "$keep"/*.png; do
        case $png in */sheet.png) continue ;; esac
        inputs+=(-i "$png")
        filter+="[$n]split[a$n][b$n];[a$n]scale=960:540[c$n];[b$n]scale=320:180:flags=area,pad=340:540:10:180[d$n];"
        filter+="[c$n][d$n]hstack[e$n];"
        n=$((n + 1))
    done
    [ $n -gt 1 ] || return
    for ((i = 0; i < n; i++)); do filter+="[e$i]"; done
    ffmpeg -v error -y "${inputs[@]}" -filter_complex "${filter}vstack=$n" "$keep/sheet.png" </dev/null
}

scenes=("$@")
[ $# -gt 0 ] || scenes=(none busy forbidden two unplug german stall slow dark bad sizes set overload)
for name in "${scenes[@]}"; do
    "scene_$name"
    stop_program
    no_cameras
    rm -rf "$SCRATCH"/unplugged*
done
[ -n "${KEEP:-}" ] && sheet
done_testing
