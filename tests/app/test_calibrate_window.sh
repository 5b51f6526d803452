#!/usr/bin/env bash
# `plumbline calibrate` in front of a camera that is not there (stand_in.c), with nobody at the keyboard: the window of a real X
# server leads through it, step by step, the voice says the same, the result is there. Words are read on pictures of the screen.
. tests/support/tap.bash
. tests/app/stand_in.bash
window_lacks && { skip "the window" "$out"; done_testing; }
[ "${PL_QUICK:-0}" = 0 ] || { skip "the window" "quick: it waits for pictures that a sanitizer is too slow for"; done_testing; }
NETWORK=(--model lite --threads 1)

# somebody who stands facing the camera for six seconds, then side-on
for sample in squat_front_good squat_side_good; do
    cat "$(SECONDS_OF=6 clip $sample 640 480 15 YUYV)" >>"$SCRATCH/both.yuyv" || { echo "Bail out! no clip"; exit 1; }
done
plug 0 "Stand-in Camera"
echo "YUYV 640 480 15 $SCRATCH/both.yuyv" >"$PL_STAND_IN/video0/modes"
start_screen 1280 720 || { echo "Bail out! no screen"; exit 1; }

start_program calibrate body --height-m 1.66 "${NETWORK[@]}" --voice-file "$SCRATCH/said.wav"
check "body: a window opens" [ -n "$WINDOW" ]
band=$(part 0 70 100 24) title=$(part 54 1 44 10) count=$(part 54 12 44 24)
check "body: asks to face the camera" sees "Face the camera and.*stand still on both feet" "$band" 6
check "body: then to turn side-on" sees "Good. Now turn.*side-on" "$band" 6
check "body: one of two is done" sees "[1LlI] ?/ ?2" "$count" 7
check "body: done, and saved" sees "Done. It is saved" "$band" 6
check "body: ends by itself" ended
check "body: status 0" equal "${status:-}" 0
check "body: legs from the front" says "$(cat "$XDG_DATA_HOME/plumbline/body.ini")" "left_leg_m = 0\.[78]"
check "body: the foot from the side" says "$(cat "$XDG_DATA_HOME/plumbline/body.ini")" "(left|right)_foot_m = 0\.[12]"
check "body: what was said is sound" above "$(ffmpeg -i "$SCRATCH/said.wav" -af volumedetect -f null - 2>&1 </dev/null |
    sed -n 's/.*max_volume: \(.*\) dB/\1/p')" -20

start_program calibrate camera --language de --voice off
check "camera: asks for the board, in German" sees "Halte das ganze.*Brett ins Bild" "$band" 6
check "camera: none of fifteen views" sees "[0O] ?/ ?15" "$count" 7
check "camera: its name" sees "Kamera" "$title" 7
key q
PATIENCE=4 check "q ends it, and nobody is waited for" ended
check "q: says what was seen so far" says "$(cat "$SCRATCH/said")" "the chessboard was not seen"

start_program calibrate camera --seconds 1 --voice off
check "a failure stays on the screen" sees "That did not work" "$band" 6
check "and why" sees "chessboard" "$(part 0 25 100 45)" 6
key Escape
PATIENCE=4 check "Escape closes it" ended
check "a failure: status 1" equal "${status:-}" 1
done_testing
