#!/usr/bin/env bash
# `plumbline calibrate room` to its end, in front of a camera that is not there (stand_in.c): somebody stands in a rendered room
# whose camera is known to the millimetre, somebody walks in first, the camera is silent while somebody should stand still.
. tests/support/tap.bash
. tests/app/stand_in.bash
window_lacks jq && { skip "the window" "$out"; done_testing; }
[ "${PL_QUICK:-0}" = 0 ] || { skip "the window" "quick: it waits for pictures that a sanitizer is too slow for"; done_testing; }
ini=$XDG_DATA_HOME/plumbline/room.ini

value() { sed -n "s/^$1 = //p" "$ini"; }

# the renderer's lens, as calibrate camera would have found it
lens() { # F_PX
    mkdir -p "$XDG_DATA_HOME/plumbline"
    sed -e "s/^device.*/device = Stand-in Camera/; s/^width_px.*/width_px = 640/; s/^height_px.*/height_px = 480/" \
        -e "s/^f\(.\)_px.*/f\1_px = $1/; s/^cx_px.*/cx_px = 320/; s/^cy_px.*/cy_px = 240/" \
        -e 's/^\(k[123]\|p[12]\) = .*/\1 = 0/' calibration/camera.ini >"$XDG_DATA_HOME/plumbline/camera.ini"
}
truth() { # SAMPLE: height, tilt, distance. The last row of the rotation is where the camera looks
    jq -r '.camera | .pos as [$x, $y, $z] | [$z, (.R_world_to_cam[2][2] | asin * -57.29578), ($x * $x + $y * $y | sqrt)] | @tsv' \
        "samples/$1.json"
}
room() { # NAME SAMPLE: what came out, against the truth
    local height tilt distance
    read -r height tilt distance < <(truth "$2")
    echo "# $1: height $(value camera_height_m) +- $(value camera_height_err_m) (true $height), tilt $(value tilt_deg) +-" \
        "$(value tilt_err_deg) (true $tilt), distance $(value distance_m) (true $distance)"
    check "$1: the camera's height, within its band" near "$(value camera_height_m)" "$height" "$(value camera_height_err_m)"
    check "$1: the band is no excuse" near "$(value camera_height_m)" "$height" 0.35
    check "$1: its tilt, within its band" near "$(value tilt_deg)" "$tilt" "$(value tilt_err_deg)"
    check "$1: the band is no excuse" near "$(value tilt_deg)" "$tilt" 6
    check "$1: how far away, within 10 %" near "$(value distance_m)" "$distance" 0.28
}

lens "$(jq .camera.f_px samples/squat_front_good.json)"
start_screen 1280 720 || { echo "Bail out! no screen"; exit 1; }

# --- somebody who stands there; the camera falls silent before two seconds are over ---
SECONDS_OF=6 plug 0 "Stand-in Camera" squat_front_good 640 480 15 YUYV || { echo "Bail out! no clip"; exit 1; }
camera 0 stall
start_program calibrate room --height-m 1.66 --model lite --threads 1 --voice-file "$SCRATCH/said.wav"
check "a window opens" [ -n "$WINDOW" ]
band=$(part 0 70 100 24) title=$(part 54 1 44 10) card=$(part 0 25 100 45)
check "a silent camera: the card says so" sees "sends no pictures.*try again" "$card" 6
check "what it is about stands beside it" sees "Room" "$title" 7
check "and on standard error" prints "sends no pictures"
camera 0 ""
check "then it goes on by itself" prints "stood still for 2\.[0-9] s, front view"
check "done, and saved" sees "Done. It is saved" "$band" 6
check "what was found stands above it" sees "camera [0O]\.[0-9]+ m.*over the floor" "$card" 6
check "ends by itself" ended
check "status 0" equal "${status:-}" 0
check "the lens was used" near "$(value focal_px)" 457 2
room "standing" squat_front_good
check "says it in a line" says "$(cat "$SCRATCH/printed")" \
    "^room: camera 0\.[0-9]+ m \(\+- 0\.[0-9]+\) over the floor, looking (up|down) by"
check "what was said is sound" above "$(ffmpeg -i "$SCRATCH/said.wav" -af volumedetect -f null - 2>&1 </dev/null |
    sed -n 's/.*max_volume: \(.*\) dB/\1/p')" -20
# minutes of sound, though it began with a camera's card, which has no picture's time
check "and not hours of silence" above 20000000 "$(stat -c %s "$SCRATCH/said.wav")"

# --- it is taken by live's guide ---
run() { try env LD_PRELOAD="$STAND_IN" "$IN_ASAN" timeout 60 "$PWD/${B:-build}/plumbline" "$@"; }
run live --no-window --voice off --seconds 1 --model lite --threads 1
check "live takes it" says "$err" "^room.ini, for the guide: camera 0\.[0-9]+ m"

# --- somebody walks in ---
rm "$ini"
no_cameras
SECONDS_OF=7 plug 0 "Stand-in Camera" walk_in_sls_front_R 640 480 15 YUYV && camera 0 once
run calibrate room --height-m 1.70 --model lite --threads 1 --voice off --no-window
check "without a window: status 0" equal "$status" 0
check "walking in is no standing" equal "$(grep -c "stood still for 2\.[0-9] s, front view" <<<"$err")" 1
room "walked in" walk_in_sls_front_R
done_testing
