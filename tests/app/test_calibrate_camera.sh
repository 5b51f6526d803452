#!/usr/bin/env bash
# `plumbline calibrate camera` to its end: the printed chessboard moves about in front of a lens that is known (board.c), in a
# camera that is not there (stand_in.c), which is pulled out and put back on the way. What comes out is that lens.
. tests/support/tap.bash
. tests/app/stand_in.bash
for command in Xvfb xdotool tesseract ffmpeg; do
    command -v $command >/dev/null || { skip "the window" "$command is missing (make deps)"; done_testing; }
done
[ "${PL_QUICK:-0}" = 0 ] || { skip "the window" "quick: it waits for pictures that a sanitizer is too slow for"; done_testing; }
BOARD=$PWD/${B:-build}/tests/app/board
[ -r "$STAND_IN" ] && [ -x "$BOARD" ] || { echo "Bail out! there is no $STAND_IN or no $BOARD"; exit 1; }
export XDG_CONFIG_HOME=$SCRATCH/config XDG_DATA_HOME=$SCRATCH/data # of nobody
ini=$XDG_DATA_HOME/plumbline/camera.ini

value() { sed -n "s/^$1 = //p" "$ini"; }

W=640 H=480 LENS="430 432 318 243 -0.24 0.06 0.0008 -0.001" # a wide one: straight lines near the edge are bent by 10 pixels
# shellcheck disable=SC2086
"$BOARD" $W $H 20 0.5 0.15 $LENS >"$SCRATCH/grey" <<'POSES'
0 0 .33 0 0
-.062 -.052 .30 12 -12
.062 -.052 .30 12 12
-.062 .052 .30 -12 -12
.062 .052 .30 -12 12
0 0 .34 0 30
0 0 .34 0 -30
0 0 .34 30 0
0 0 .34 -30 0
.03 0 .24 0 0
-.1 .06 .5 20 20
.1 .06 .5 20 -20
-.1 -.06 .5 -20 20
.1 -.06 .5 -20 -20
.07 0 .38 0 40
-.07 0 .38 0 -40
0 .05 .38 -40 0
0 -.05 .38 40 0
POSES
plug 0 "Stand-in Camera"
ffmpeg -v error -y -f rawvideo -pix_fmt gray -s ${W}x$H -r 20 -i "$SCRATCH/grey" -c:v mjpeg -q:v 3 -pix_fmt yuvj422p -f mjpeg \
    "$SCRATCH/board.mjpeg" </dev/null || { echo "Bail out! no clip"; exit 1; }
rm "$SCRATCH/grey"
echo "MJPEG $W $H 20 $SCRATCH/board.mjpeg" >"$PL_STAND_IN/video0/modes"
start_screen 1280 720 || { echo "Bail out! no screen"; exit 1; }

start_program calibrate camera --picture "$SCRATCH/both.png" --voice-file "$SCRATCH/said.wav"
check "a window opens" [ -n "$WINDOW" ]
band=$(part 0 70 100 24) count=$(part 54 12 44 24) card=$(part 0 25 100 45) status_line=$(part 0 95 100 5)
check "views are counted" sees "[1-9][0-9]? ?/ ?15" "$count" 7
check "how the board is to be held stands below" sees "Board|board" "$band" 6
prints "^view 4 of 15 taken"
unplug
check "pulled out: the card says so" sees "was unplugged.*plug it in again" "$card" 6
check "and standard error" prints "unplugged: plug it in again"
plug_again
check "put back: it goes on by itself" prints "sends pictures again"
check "with all views to its end" prints "^view 15 of 15 taken$"
check "each view is counted once" equal "$(grep -c ' taken' "$SCRATCH/said")" 15
check "done, and saved" sees "Done. It is saved" "$band" 6
check "its error stands on the screen" sees "reprojection error [0O]\.[0-9]+ px" "$status_line" 6
shot "$SCRATCH/end.png"
half() { greys "$SCRATCH/end.png" "crop=$(part "$1" 12 34 45),scale=64:48:flags=area"; } # X: of the picture's place
bright() { awk '{ sum += $1 > 60 } END { print sum }'; }
check "before stands on the screen" above "$(half 0 | bright)" 1500
check "and after beside it" above "$(half 36 | bright)" 1500
check "which is another one" above \
    "$(paste <(half 0) <(half 36) | awk '{ d = $1 - $2; sum += d < 0 ? -d : d } END { print sum / NR }')" 4
key q
check "q ends it" ended
check "status 0" equal "${status:-}" 0

check "says the reprojection error" says "$(cat "$SCRATCH/printed")" "^camera: reprojection error 0\.[0-2][0-9] px"
check "the picture shows both" equal \
    "$(ffprobe -v error -show_entries stream=width,height -of csv=p=0 "$SCRATCH/both.png")" "$((2 * W)),$H"
check "the camera's name" equal "$(value device)" "Stand-in Camera"
check "the picture's size" equal "$(value width_px) $(value height_px)" "$W $H"
check "focal lengths within 1 %" near "$(value fx_px)" 430 4.3
check "both" near "$(value fy_px)" 432 4.3
check "centre within 3 px" near "$(value cx_px)" 318 3
check "both ways" near "$(value cy_px)" 243 3
# where both lenses put what a pinhole sees, out to where the board was
off=$(awk -v lens="$LENS" -v found="$(for k in fx_px fy_px cx_px cy_px k1 k2 p1 p2 k3; do value $k; done | tr '\n' ' ')" '
    function put(l, x, y, out,   r, s) {
        r = x * x + y * y; s = 1 + r * (l[5] + r * (l[6] + r * l[9]))
        out[0] = l[3] + l[1] * (s * x + 2 * l[7] * x * y + l[8] * (r + 2 * x * x))
        out[1] = l[4] + l[2] * (s * y + l[7] * (r + 2 * y * y) + 2 * l[8] * x * y)
    }
    BEGIN {
        if (split(found, b, " ") != 9) exit
        split(lens " 0", a, " ")
        for (x = -.6; x < .61; x += .1) for (y = -.45; y < .46; y += .1) {
            put(a, x, y, p); put(b, x, y, q)
            d = sqrt((p[0] - q[0]) ^ 2 + (p[1] - q[1]) ^ 2); if (d > worst) worst = d
        }
        printf "%.2f", worst
    }')
echo "# the lens that was found puts points at most ${off:-?} px from where the true one does"
check "everywhere within 1 px of the true lens" above 1 "$off"
check "what was said is sound" above "$(ffmpeg -i "$SCRATCH/said.wav" -af volumedetect -f null - 2>&1 </dev/null |
    sed -n 's/.*max_volume: \(.*\) dB/\1/p')" -20

# --- accepted, by this camera only ---
run() { try env LD_PRELOAD="$STAND_IN" "$IN_ASAN" timeout 60 "$PWD/${B:-build}/plumbline" "$@"; }
rm -f "$PL_STAND_IN/video0/counts"
run calibrate toe --no-window --voice off --seconds 1 --model lite --threads 1
check "its own camera takes it without a word" [ "${err/not used/}" = "$err" ]
echo "Another Camera" >"$PL_STAND_IN/video0/name"
run calibrate toe --no-window --voice off --seconds 1 --model lite --threads 1
check "another one says why not" says "$err" \
    "not used: .*camera.ini: belongs to the camera \"Stand-in Camera\", this one is \"Another Camera\""

# --- keys while nothing comes ---
start_program calibrate camera --voice off
unplug
check "pulled out again: the card says so" sees "was unplugged" "$card" 6
key Escape
PATIENCE=4 check "Escape ends it without a camera" ended
plug_again
camera 0 busy
run calibrate camera
check "a camera that another program has: one sentence" says "$err" \
    "^plumbline: calibrate camera: /dev/video0 is in use by another program"
done_testing
