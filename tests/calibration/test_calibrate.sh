#!/usr/bin/env bash
# plumbline calibrate from outside: a chessboard that ffmpeg tilts as a pinhole of known focal length sees it, a standing
# person of the samples, and what is refused.
. tests/support/tap.bash

P=$PWD/${B:-build}/plumbline
MODELS=${PL_MODELS:-models}
export XDG_DATA_HOME=$SCRATCH/data XDG_CONFIG_HOME=$SCRATCH/no-config
unset DISPLAY WAYLAND_DISPLAY

[ -x "$P" ] || { echo "Bail out! there is no $P"; exit 1; }
run() { try timeout 300 "$P" calibrate "$@"; }
refused() { [ "$status" = "$1" ] && says "$(tail -n 1 <<<"$err")" "^plumbline: .*$2"; }
value() { sed -n "s/^$1 = //p" "$2"; }
near() { # A B TOLERANCE
    awk -v a="$1" -v b="$2" -v t="$3" 'BEGIN { exit !(a - b <= t && b - a <= t) }' || { echo "# $1 is not near $2"; return 1; }
}
above_20db() { ffmpeg -i "$1" -af volumedetect -f null - 2>&1 </dev/null | grep -Eq 'max_volume: -?1?[0-9]\.[0-9] dB'; }

# --- camera ---
W=1280 H=960 F=1100
board() { # OUT.png: squares of 80 pixels, 10 x 7, on white
    local inside="between(X,240,1039)*between(Y,200,759)" odd="mod(floor((X-240)/80)+floor((Y-200)/80)+1,2)"
    ffmpeg -v error -y -f lavfi -i "color=white:s=${W}x$H,format=gray,geq=lum='if($inside*$odd,20,235)'" -frames:v 1 "$1" </dev/null
}
# Where the corners of the paper (W x H pixels of 25/80 mm) go: the board's middle at x, y, z metres, turned about x and y by
# a, b degrees
corners() { # x y z a b
    awk -v x="$1" -v y="$2" -v z="$3" -v a="$4" -v b="$5" -v W=$W -v H=$H -v f=$F 'BEGIN {
        d = 3.14159265358979 / 180; ca = cos(a * d); sa = sin(a * d); cb = cos(b * d); sb = sin(b * d); s = 0.025 / 80
        for (i = 0; i < 4; i++) {
            u = (i % 2 ? W / 2 : -W / 2) * s; v = (i > 1 ? H / 2 : -H / 2) * s
            # R = Ry(b) Rx(a): the columns for u and v
            X = x + cb * u + sb * sa * v; Y = y + ca * v; Z = z - sb * u + cb * sa * v
            printf "%sx%d=%.4f:y%d=%.4f", i ? ":" : "", i, W / 2 + f * X / Z, i, H / 2 + f * Y / Z
        }
    }'
}
board "$SCRATCH/board.png"
mkdir "$SCRATCH/views" "$SCRATCH/few" "$SCRATCH/flat" "$SCRATCH/none"
n=0
while read -r pose; do
    n=$((n + 1))
    # shellcheck disable=SC2086
    ffmpeg -v error -y -i "$SCRATCH/board.png" -vf "perspective=$(corners $pose):sense=destination:interpolation=cubic" \
        "$SCRATCH/views/$(printf %02d $n).png" </dev/null
done <<'POSES'
0 0 .42 0 0
-.10 -.08 .45 25 0
.10 -.08 .45 -25 0
-.10 .08 .45 0 30
.10 .08 .45 0 -30
0 0 .36 20 20
0 .02 .55 -35 15
-.17 .14 .6 15 -25
.17 .14 .6 20 25
.17 -.14 .6 -20 30
-.17 -.14 .6 -25 -20
0 -.06 .45 30 0
POSES
cp "$SCRATCH"/views/0[1-5].png "$SCRATCH/few"
for x in -.1 0 .1; do
    for y in -.08 0 .08; do
        ffmpeg -v error -y -i "$SCRATCH/board.png" -vf "perspective=$(corners $x $y .45 0 0):sense=destination" \
            "$SCRATCH/flat/view$x$y.png" </dev/null
    done
done
ffmpeg -v error -y -f lavfi -i "testsrc=s=640x480:d=1:r=5" "$SCRATCH/none/%d.png" </dev/null

run camera "$SCRATCH/views" --picture "$SCRATCH/both.png" --device-name "Test Camera"
ini=$XDG_DATA_HOME/plumbline/camera.ini
check "camera: status 0" equal "$status" 0
check "camera: progress" says "$err" "^view 12 of 15 taken"
check "camera: says the reprojection error" says "$out" "reprojection error 0\.[0-9]+ px"
check "camera: focal length within 0.5 %" near "$(value fx_px "$ini")" $F 5.5
check "camera: and the other one" near "$(value fy_px "$ini")" $F 5.5
check "camera: centre within 4 px" near "$(value cx_px "$ini")" 640 4
check "camera: no distortion where there is none" near "$(value k1 "$ini")" 0 0.02
check "camera: the device's name" equal "$(value device "$ini")" "Test Camera"
check "camera: nothing else is left in the folder" equal "$(ls -A "$XDG_DATA_HOME/plumbline")" camera.ini
check "camera: the picture shows both" equal \
    "$(ffprobe -v error -show_entries stream=width,height -of csv=p=0 "$SCRATCH/both.png")" "$((2 * W)),$H"
before=$(cat "$ini")

# the same as a video in which each view is held for 0.4 s, and one in which nothing is held: each frame is another view
ffmpeg -v error -y -framerate 2.5 -i "$SCRATCH/views/%02d.png" -vf fps=10 -c:v libx264 -crf 12 -pix_fmt yuv420p \
    "$SCRATCH/held.mp4" </dev/null
ffmpeg -v error -y -framerate 10 -i "$SCRATCH/views/%02d.png" -c:v libx264 -crf 12 -pix_fmt yuv420p "$SCRATCH/moving.mp4" </dev/null
run camera "$SCRATCH/held.mp4" --result "$SCRATCH/held.ini"
check "a video whose views are held: status 0" equal "$status" 0
check "a video: focal length within 0.5 %" near "$(value fx_px "$SCRATCH/held.ini")" $F 5.5
run camera "$SCRATCH/moving.mp4" --result "$SCRATCH/moving.ini"
check "a board that is never held still" refused 1 "the chessboard was never held still"

run camera "$SCRATCH/few"
check "too few views" refused 1 "5 different views of the chessboard; 8 are the least: (hold|turn|tilt)"
run camera "$SCRATCH/flat"
check "views too alike" refused 1 "too alike.*tilt it"
run camera "$SCRATCH/none"
check "no board: says what to print" refused 1 "not seen: print calibration/chessboard.svg"
run camera samples/squat_side_good.csv
check "a table has no pictures" refused 1 "."
run camera "$SCRATCH/missing.mp4"
check "a file that is not there" refused 1 "missing.mp4"
check "after failures the old result is still there" equal "$(cat "$ini")" "$before"

# --- the lens is used ---
sed -e 's/^width_px.*/width_px = 640/; s/^height_px.*/height_px = 480/; s/^f\(.\)_px.*/f\1_px = 457/' \
    -e 's/^cx_px.*/cx_px = 320/; s/^cy_px.*/cy_px = 240/' -e 's/^\(k[123]\|p[12]\) = .*/\1 = 0/' "$ini" >"$SCRATCH/plain.ini"
sed 's/^k1.*/k1 = -0.15/' "$SCRATCH/plain.ini" >"$SCRATCH/bent.ini"
for lens in plain bent; do
    timeout 300 "$P" analyze --models-dir "$MODELS" --model lite --raw --frames "$SCRATCH/$lens.csv" \
        --camera-calibration "$SCRATCH/$lens.ini" samples/lunge_side_shallow_L.mp4 >"$SCRATCH/log" 2>&1
done
try timeout 300 "$P" analyze --models-dir "$MODELS" --model lite --raw --frames "$SCRATCH/no.csv" samples/lunge_side_shallow_L.mp4
moved=$(paste -d, <(head -n 30 "$SCRATCH/plain.csv") <(head -n 30 "$SCRATCH/bent.csv") | awk -F, '
    NR == 1 {
        n = NF / 2
        for (i = 1; i <= n; i++) if ($i == "left_ankle_x_px") x = i; else if ($i == "left_ankle_y_px") y = i
        next
    }
    $x != "" { a = ($x - 320) / 457; b = ($y - 240) / 457; c = ($(n + x) - 320) / 457; d = ($(n + y) - 240) / 457
               r = c * c + d * d; s = 1 - 0.15 * r; e = sqrt((s * c - a) ^ 2 + (s * d - b) ^ 2) * 457; m = e > m ? e : m; k++
               f = sqrt((c - a) ^ 2 + (d - b) ^ 2) * 457; g = f > g ? f : g }
    END { print (k > 20 && m < 0.1 && g > 1.2) ? "as the formula says" : k " frames, off by " m ", moved " g }')
check "points move as the lens bends" equal "$moved" "as the formula says"
check "a lens without distortion changes nothing" cmp -s "$SCRATCH/plain.csv" "$SCRATCH/no.csv"
try timeout 60 "$P" analyze --models-dir "$MODELS" --camera-calibration "$ini" samples/lunge_side_shallow_L.mp4
check "a lens of another size is refused" refused 1 "pictures of 1280 x 960 pixels, these have 640 x 480"

# --- body and room: a table of the standing person is enough ---
timeout 300 "$P" analyze --models-dir "$MODELS" --raw --frames "$SCRATCH/stand.csv" samples/squat_front_good.mp4 \
    >"$SCRATCH/log" 2>&1
run body --height-m 1.66 "$SCRATCH/stand.csv"
ini=$XDG_DATA_HOME/plumbline/body.ini
check "body: status 0" equal "$status" 0
check "body: says that it stood still" says "$err" "stood still for 2"
check "body: stature" equal "$(value stature_m "$ini")" 1.66
check "body: left leg, hip to ankle: 0.80 m" near "$(value left_leg_m "$ini")" 0.80 0.04
check "body: feet are not seen from the front" equal "$(value left_foot_m "$ini")" unknown
run body --height-m 1.66 "$SCRATCH/stand.csv" --voice-file "$SCRATCH/said.wav" --result "$SCRATCH/body.ini"
check "body: with --voice-file status 0" equal "$status" 0
check "body: a recording is spoken to only there" above_20db "$SCRATCH/said.wav"
run room --height-m 1.66 "$SCRATCH/stand.csv" --camera-calibration "$SCRATCH/plain.ini"
ini=$XDG_DATA_HOME/plumbline/room.ini
check "room: status 0" equal "$status" 0
check "room: camera at 0.95 m, within its band" near "$(value camera_height_m "$ini")" 0.95 "$(value camera_height_err_m "$ini")"
check "room: the band is no excuse" near "$(value camera_height_m "$ini")" 0.95 0.35
check "room: tilt 1.5 degrees" near "$(value tilt_deg "$ini")" 1.5 6
check "room: 2.7 m away" near "$(value distance_m "$ini")" 2.7 0.15
run room --height-m 1.66 "$SCRATCH/stand.csv"
check "room: without a lens it says so" says "$out" "guessed: plumbline calibrate camera"

run toe "$SCRATCH/stand.csv"
check "toe: from the front no touch is seen" refused 1 "no touch of the wall.*side-on"
check "toe: nothing was written" test ! -e "$XDG_DATA_HOME/plumbline/toe.ini"
head -n 10 "$SCRATCH/stand.csv" >"$SCRATCH/short.csv"
run body --height-m 1.66 "$SCRATCH/short.csv"
check "body: too short to stand still" refused 1 "nobody stood still"
XDG_DATA_HOME=$SCRATCH/board.png run body --height-m 1.66 "$SCRATCH/stand.csv"
check "a folder that cannot be made" refused 1 "cannot be made"

mkdir "$SCRATCH/alone" && cp "$P" "$SCRATCH/alone/plumbline"
try timeout 300 "$SCRATCH/alone/plumbline" calibrate camera "$SCRATCH/views"
check "camera, without its library: which file is missing" refused 1 "cannot be loaded .[^ ]*/plumbline-opencv.so: .*make"

# --- what doctor says about them ---
data=$XDG_DATA_HOME/plumbline
today=$(date +%F)
doctor() { try timeout 60 "$P" doctor --models-dir "$MODELS"; }
for name in camera room body toe; do sed "s/^date = .*/date = $today/" "calibration/$name.ini" >"$data/$name.ini"; done
doctor
check "doctor: whose they are" says "$out" "^ok +calibrate .*/camera.ini: of Integrated Camera with pictures of 1280 x 720 pixels"
check "doctor: all four" equal "$(grep -c "^ok *calibrate " <<<"$out")" 4
while IFS='|' read -r name change pattern; do
    sed -i "$change" "$data/$name.ini"
    doctor
    check "doctor: $name with $change" says "$out" "^PROBLEM +calibrate .*/$name.ini$pattern; run: plumbline calibrate $name"
    check "doctor: $name with $change: the others are fine" equal "$(grep -c "^ok *calibrate " <<<"$out")" 3
    sed "s/^date = .*/date = $today/" "calibration/$name.ini" >"$data/$name.ini"
done <<'DAMAGES'
camera|s/^version = 1/version = 2/|:3: is of version 2, this program reads version 1
room|s/^date = .*/date = 2020-01-01/|: is [0-9]+ days old, more than 7
body|s/^left_leg_m/left_leg/|:7: "left_leg" is called left_leg_m here: units are part of the names
toe|10,$d|: .* is missing
DAMAGES

# --- wrong usage ---
while read -r pattern arguments; do
    # shellcheck disable=SC2086
    run $arguments
    check "usage: calibrate $arguments" refused 2 "$pattern"
done <<'CASES'
what
what elbow x.mp4
height body x.mp4
height room
picture toe --picture a.png x.mp4
camera-calibration camera --camera-calibration a.ini x.mp4
square-mm camera --square-mm 0 x.mp4
json camera --json a x.mp4
voice-file body --height-m 1.7 --voice-file a.wav x.csv y.csv
voice-file toe --voice-file a.wav --voice off x.csv
CASES
done_testing
