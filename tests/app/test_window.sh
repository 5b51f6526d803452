#!/usr/bin/env bash
# `plumbline live` in a window of a real X server, driven by real keys and a real mouse, from a camera that is not there
# (stand_in.c). Looked at on pictures of the screen: words read where they must stand, brightness, likeness; never pixels.
. tests/support/tap.bash
. tests/app/stand_in.bash
window_lacks jq && { skip "the window" "$out"; done_testing; }
PAUSE=0.1

# somebody who stands still, so that nothing but the keys changes anything
person 0 "Stand-in Camera" 640 480 15 || { echo "Bail out! no clip"; exit 1; }
start_screen 1440 810 || { echo "Bail out! no screen"; exit 1; }
command -v blackbox >/dev/null && start_manager blackbox
start_program live --model lite --threads 1 --voice off --json "$SCRATCH/json"
check "a window opens" [ -n "$WINDOW" ]
check "it is 1280x720" equal "$(geometry | cut -d ' ' -f 3,4)" "1280 720"
status_line=$(part 0 95 100 5) band=$(part 0 72 100 22) picture=$(part 0 0 50 65) panel=$(part 60 45 38 10)
asked=$(part 0 81 100 14) targets=$(part 0 0 42 40) # while targets are shown: those on the left
check "the status line: the camera, its mode, its rate" sees "Stand-in Camera.*640x480 YUYV.*fps" "$status_line" 6
check "the status line says where the keys are" says "$out" "F1 keys"
check "the sentence: start" sees "Start when you like|Stand still" "$band" 6

# --- keys that change what is shown ---
key F1
check "F1: the keys" sees "full screen" "" 11
for word in "pause, go on" "choose the exercise" "mirror the picture" "quit"; do check "F1: $word" says "$out" "$word"; done
key Escape
check "Escape closes the help, not the program" sees "Start when you like|Stand still" "$band" 6

shot "$SCRATCH/a.png"
key m
turned() {
    shot "$SCRATCH/b.png"
    above "$(difference "$SCRATCH/a.png" "$SCRATCH/b.png" "$picture")" \
        "$(difference "$SCRATCH/a.png" "$SCRATCH/b.png" "$picture" hflip)"
}
check "m: the picture is turned round" eventually turned
check "m: the status line is there" sees "fps" "$status_line" 6
check "m: and says mirrored no longer" [ "${out/mirrored/}" = "$out" ]
key m
panels() { # light|dark
    shot "$SCRATCH/b.png"
    out=$(brightness "$SCRATCH/b.png" "$panel")
    if [ "$1" = light ]; then above "$out" 150; else above 80 "$out"; fi
}
key d
check "d: panels are light" eventually panels light
key d
check "d again: dark" eventually panels dark
key t
check "t: the time of each stage" sees "decode.*ms" "$(part 20 0 32 45)" 11
key t
for name in "words and tones" "tones" "off"; do # it was started with --voice off
    film "$status_line"
    key v
    check "v: $name" filmed "Voice: $name" 6
done
check "and for a moment only: the camera stands there again" sees "Stand-in Camera" "$status_line" 6

# --- choosing, by mouse and by key ---
key c
check "c: asks for the exercise" sees "Point at your exercise" "$asked" 6
check "c: the exercises stand on the picture" sees "Single.leg squat" "$targets" 6
check "c: on both sides of the person" sees "One.leg stand" "$(part 56 0 44 40)" 6
point 80 31 # the third on the right
check "a click on More: others" sees "Step.down|Mini squat" "$targets" 6
key 6
check "key 6, which is More again: the first ones" sees "Single.leg squat" "$targets" 6
point 15 20 # Single-leg squat, the second on the left
check "a click takes it: asks for the leg" sees "Point at the leg" "$asked" 6
film "$(part 20 20 12 30)" # it is over in three seconds
key 3
check "key 3 takes the right leg: counts down" filmed "[123]" 10
check "and stands" sees "Start when you like|Stand still" "$band" 6
key c
check "c: asks again" sees "Point at your exercise" "$asked" 6
key Escape
check "Escape closes the choice, not the program" sees "Start when you like|Stand still" "$band" 6

# --- pausing ---
key space
check "space: what can be done in a pause" sees "Next set|Go on" "$targets" 6
key Escape
check "Escape goes on" sees "Start when you like|Stand still|Go on" "$band" 6
key space
check "space: paused" sees "Paused" "$asked" 6
key space
check "space: goes on" sees "Start when you like|Stand still|Go on" "$band" 6

# --- sizes ---
if command -v blackbox >/dev/null; then
    key f
    placed() { out=$(geometry); equal "$out" "$1"; }
    check "f: full screen" eventually placed "0 0 1440 810"
    check "f: drawn to its edge" sees "F[1l] keys" "$(part 60 94 40 6)" 7
    key F11
    sized() { out=$(geometry | cut -d ' ' -f 3,4); equal "$out" "1280 720"; }
    check "F11: as before" eventually sized
else
    skip "full screen" "blackbox is missing: nobody would make the window large"
fi
for size in "640 360" "480 760" "1300 760"; do
    # shellcheck disable=SC2086
    xdotool windowsize --sync "$WINDOW" $size windowmove "$WINDOW" 0 0
    check "resized to ${size/ /x}: the sentence is there" sees "Start|Stand" "$(part 0 50 100 50)" 11
done
xdotool windowsize --sync "$WINDOW" 1280 720 windowfocus --sync "$WINDOW"
check "1280x720 again: the sentence is there" sees "Start when you like|Stand still" "$(part 0 72 100 22)" 6

# --- finishing and leaving ---
key space
check "space: what can be done, where the window is now" sees "Next set|Go on" "$(part 0 0 42 40)" 6
key 4
check "space, 4 (Finish): all done" sees "All done" "$(part 0 60 100 40)" 11
check "the summary stands on the picture" sees "[0O].? repetitions" "$(part 0 0 55 70)" 11
key q
check "q ends the program" ended
check "status 0" equal "$status" 0
check "no word but the first line, and the last: how many pictures" equal \
    "$(grep -vcE '^plumbline [0-9.]+, .* kernels|^[0-9]+ pictures measured, [0-9]+ dropped$' "$SCRATCH/said")" 0
check "the report is whole" jq -e '.input == "/dev/video0" and .frames > 20 and .reps == []' "$SCRATCH/json"
# a busy machine stands still for a picture or two; if taking them waited for measuring or drawing, it would be every second one
check "taking pictures waits for nothing" above $(($(counted 0 made) / 30)) "$(counted 0 no_buffer)"

# --- the ghost of the first repetition beside the second: in a recording, at a frame that is the same on every machine ---
start_program replay --model lite --threads 1 --mirror samples/sls_front_both_L.mp4
key space r
xdotool key --repeat 70 --delay 60 Right # of 15 a second; they wait in line while the program is slower
check "ghost: the second repetition" sees "0:04 . 0:07" "$status_line" 6
check "ghost: on the way down" sees "Down" "$band" 6
shot "$SCRATCH/a.png"
differs() { shot "$SCRATCH/b.png"; out=$(difference "$SCRATCH/a.png" "$SCRATCH/b.png" "$picture"); above "$out" "$1"; }
is_back() { ! differs 0.05; }
key g
check "g: the ghost is gone" eventually differs 0.2
key g
check "g: and there again" eventually is_back
key q
ended

# --- the window's own cross ---
start_program live --model lite --threads 1 --voice off
xdotool windowclose "$WINDOW" 2>/dev/null || true
ended
check "a window that is taken away ends the program, whatever X says" [ -z "$PROGRAM" ]
done_testing
