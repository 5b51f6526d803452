#!/usr/bin/env bash
# plumbline from outside: commands, exit statuses, sentences, the schema of its data. Quick inputs only: one short sample with the
# lite network, and the landmark table that this gives.
. tests/support/tap.bash

P=$PWD/${B:-build}/plumbline
MODELS=${PL_MODELS:-models}
SAMPLE=samples/sls_front_both_L.mp4
TABLE=$SCRATCH/table.csv
export XDG_CONFIG_HOME=$SCRATCH/no-config
unset DISPLAY WAYLAND_DISPLAY

[ -x "$P" ] || { echo "Bail out! there is no $P"; exit 1; }
run() { try timeout 120 "$P" "$@"; }
# the last run failed with this status, and said so in one sentence that holds the pattern
refused() { [ "$status" = "$1" ] && one_sentence "$err" && says "$err" "^plumbline: .*$2"; }
json() { jq -e "$1" <<<"$out" >/dev/null; } # the last run's standard output

# --- words ---
run --help
check "--help: status 0, nothing on stderr" equal "$status$err" 0
for word in live replay analyze bench doctor limits "exit status" "not medical advice"; do
    check "--help knows: $word" says "$out" "$word"
done
unknown_to_man=$(grep -oE -- '--[a-z][a-z-]+' <<<"$out" | sort -u | while read -r o; do
    sed 's/\\-/-/g' src/app/plumbline.1 | grep -qF -- "$o" || echo "$o"
done)
check "the man page knows every option" equal "$unknown_to_man" ""
run --version
check "--version" says "$status$out" "^0plumbline [0-9]+\.[0-9]+\.[0-9]+$"
check "the man page is of this version" says "$(head -n 1 src/app/plumbline.1)" "\"$out\""

# --- wrong usage: 2 ---
while read -r pattern arguments; do
    # shellcheck disable=SC2086
    run $arguments
    check "usage: $arguments" refused 2 "$pattern"
done <<'CASES'
--nonsense --nonsense
frobnicate frobnicate
value analyze --model
huge analyze --model huge x.csv
threads analyze --threads 0 x.csv
threads analyze --threads many x.csv
cpu analyze --cpu mmx x.csv
exercise analyze --exercise yoga x.csv
side analyze --side upper x.csv
height-m analyze --height-m 17 x.csv
recording analyze
recording replay
loop analyze --loop x.csv
camera analyze --camera /dev/video0 x.csv
output analyze --json - --frames - x.csv
output analyze --json - --trace - x.csv
trace analyze --trace t.csv x.csv y.csv
size live --size big
recording limits x.csv
sets live --sets 0
reps replay --reps many x.csv
rest analyze --rest 30 x.csv
hold live --hold 2
countdown live --countdown -1
side calibrate body --side left
CASES

# --- inputs that cannot be read: 1, and the sentence names the file ---
cd "$SCRATCH" || exit 1
echo "this is a text, whatever its name says" >text.mp4
: >empty.mp4
: >empty.csv
mkdir folder
head -c 20000 "$OLDPWD/$SAMPLE" >short.mp4
head -c $(($(stat -c %s "$OLDPWD/$SAMPLE") / 2)) "$OLDPWD/$SAMPLE" >half.mp4
printf 't_s,person_p\n0,banana\n' >wrong.csv
for input in missing.mp4 text.mp4 empty.mp4 empty.csv short.mp4 folder wrong.csv; do
    run analyze --json - --models-dir "$OLDPWD/$MODELS" --model lite $input
    check "input $input: status 1, one sentence that names it" refused 1 "$input"
    run replay --models-dir "$OLDPWD/$MODELS" --model lite $input
    check "replay $input: the same" refused 1 "$input"
done
cd "$OLDPWD" || exit 1

run live --no-window --camera /dev/video99
check "missing camera: status 1, one sentence" refused 1 "/dev/video99"
if ! compgen -G '/dev/video*' >/dev/null; then
    run live --no-window --seconds 1
    check "no camera at all: status 1, one sentence" refused 1 "camera"
fi

# --- a landmark table: no networks needed ---
seed=tests/fuzz/seeds/table/frames.csv
run analyze --json - $seed
check "table: analysed without networks" equal "$status$err" 0
check "table: 3 frames" json '.frames == 3 and .schema == "plumbline.analysis/1"'
run analyze --json - missing.csv $seed text.mp4
check "bad inputs do not stop the others" equal "$status$(wc -l <<<"$out")$(wc -l <<<"$err")" 112
check "the good one is there" json ".input == \"$seed\""
run analyze --json "$SCRATCH/nowhere/x.json" $seed
check "output that cannot be written: said" refused 1 "nowhere/x.json"
if [ -w /dev/full ]; then
    run analyze --json /dev/full $seed
    check "disk full: status 1" equal "$status" 1
    check "disk full: said" says "$err" "could.* be written"
fi
printf '[limits]\nfppa_limit_deg = banana\n' >"$SCRATCH/bad.ini"
run analyze --config "$SCRATCH/bad.ini" --json - $seed
check "bad configuration: one sentence with its line" refused 2 "bad.ini:2"
mkdir -p "$XDG_CONFIG_HOME/plumbline" && cp "$SCRATCH/bad.ini" "$XDG_CONFIG_HOME/plumbline/plumbline.ini"
run analyze --json - $seed
check "the user's own configuration is read" says "$err" "plumbline.ini:2"
rm -r "$XDG_CONFIG_HOME"

# --- limits: the table, as a file that can be given back ---
run limits
check "limits: shown" equal "$status$err" 0
check "limits: every one of the table" equal "$(grep -cE '^[a-z_]+ = -?[0-9.]+$' <<<"$out")" \
    "$(grep -cE '^ +X\([a-z_]+, ' include/plumbline/limits.h)"
check "limits: each with its source" equal "$(grep -cE '^; .{10,} \[.* to .*\]$' <<<"$out")" \
    "$(grep -cE '^[a-z_]+ = ' <<<"$out")"
cp "$SCRATCH/out" "$SCRATCH/all.ini"
run limits --config "$SCRATCH/all.ini"
check "limits: what is shown can be given back, and changes nothing" cmp "$SCRATCH/out" "$SCRATCH/all.ini"
printf '[limits]\nfppa_limit_deg = 12.5\n' >"$SCRATCH/mine.ini"
run limits --config "$SCRATCH/mine.ini"
check "limits: a changed one says where, and what it was" equal "$(grep -B1 '^fppa_limit_deg' <<<"$out")" \
    "; changed in $SCRATCH/mine.ini; default 5
fppa_limit_deg = 12.5"
check "limits: only that one is changed" equal "$(grep -c '^; changed' <<<"$out")" 1
if [ -w /dev/full ]; then
    try bash -c "'$P' limits >/dev/full"
    check "limits, disk full: status 1, said" refused 1 "could not be written"
fi

run analyze --trace "$SCRATCH/trace.csv" $seed
check "trace: a row per frame, each total the sum of its stages" equal "$(awk -F, '
    NR > 1 { for (i = 3; i < 11; i++) sum += $i; for (i = 12; i < 20; i++) cpu += $i
             if (NF != 20 || (sum - $11) ^ 2 > 1e-4 || (cpu - $20) ^ 2 > 1e-4) bad++; sum = cpu = 0 }
    END { print NR - 1, bad + 0 }' "$SCRATCH/trace.csv")" "3 0"
check "trace: summary on stderr" says "$err" "^decode +3 "
run analyze --trace "$SCRATCH/nowhere/t.csv" $seed
check "trace that cannot be written: said" refused 1 "nowhere/t.csv"

# --- screens ---
try env -u SDL_VIDEODRIVER timeout 60 "$P" replay --seconds 1 $seed
check "no display: status 1, one sentence" refused 1 "display"
check "no display: says what to do" says "$err" "analyze|xvfb-run|DISPLAY"
try env SDL_VIDEODRIVER=dummy timeout 60 "$P" replay --seconds 1 --trace "$SCRATCH/trace.csv" $seed
check "SDL's dummy driver: plays" equal "$status" 0
check "replay's trace: drawing takes time" equal "3 0" \
    "$(awk -F, 'NR > 1 && $9 <= 0 { bad++ } END { print NR - 1, bad + 0 }' "$SCRATCH/trace.csv")"


# --- what a bare machine lacks, one thing at a time: status 1, one sentence with what to do ---
dummy=(env SDL_VIDEODRIVER=dummy timeout 60 "$P")
try env PL_FONT=/dev/null "${dummy[@]}" replay --seconds 1 $seed
check "no such font: said" refused 1 "/dev/null: not a font.*PL_FONT"
if unshare -m mount -t tmpfs none /usr/share/fonts 2>/dev/null; then
    try unshare -m sh -c 'mount -t tmpfs none /usr/share/fonts && "$@"' sh "${dummy[@]}" replay --seconds 1 $seed
    check "no fonts: said" refused 1 "no font .*install the package .*PL_FONT"
else
    skip "no fonts" "no mount name space"
fi
try "${dummy[@]}" live --seconds 1 --models-dir "$SCRATCH/nowhere"
check "no networks: said" refused 1 "nowhere/pose_landmark_full.tflite.*make models"
for home in /proc /dev/null "$SCRATCH/nowhere"; do # where nobody can write, not even root
    try env -u XDG_CONFIG_HOME HOME=$home "${dummy[@]}" replay --seconds 1 --voice off $seed
    check "home $home: plays all the same, without a word" equal "$status$err" 0
done
if ! compgen -G '/dev/video*' >/dev/null; then
    try "${dummy[@]}" --seconds 1 --voice off --models-dir "$MODELS"
    check "no camera: a sample plays instead" says "$err" "no camera .*playing the recorded sample"
    run live --no-window --seconds 1 --camera "Some Camera" --models-dir "$MODELS"
    check "a camera of no such name: said" refused 1 "Some Camera: .*no camera"
fi
run analyze --model auto $seed
check "auto goes with live only" refused 2 "auto"

if [ ! -r "$MODELS/pose_landmark_lite.tflite" ]; then
    skip "everything with networks" "no networks (make models)"
    done_testing
fi

# --- a clip ---
run analyze --model lite --threads 1 --json - --frames "$TABLE" $SAMPLE
cp "$SCRATCH/out" "$SCRATCH/one.json"
check "clip: analysed" equal "$status$err" 0
check "clip: every key" json \
    '[.schema, .input, .frames, .duration_s, .model, .exercise, .view, .yaw_deg, .person_fraction] | all(. != null)'
check "clip: schema and input" json ".schema == \"plumbline.analysis/1\" and .input == \"$SAMPLE\""
check "clip: model and view" json '.model == "lite" and .view == "front"'
check "clip: frames, seconds, person" json '.frames == 105 and .duration_s > 6.8 and .duration_s < 7.1 and .person_fraction > 0.95'
check "clip: repetitions" json '(.reps | length) > 0'
check "clip: repetitions have sides, and times in order" json \
    '[.reps[] | .n >= 1 and (.side | IN("left", "right", "both")) and .start_s < .bottom_s and .bottom_s < .end_s] | all'
check "clip: the eleven measures and no other" json '.reps[0].measures | keys == ([
    "knee_flexion_deg", "fppa_deg", "fppa_change_deg", "fppa_corrected_deg",
    "pelvic_drop_deg", "pelvic_drop_change_deg", "hip_adduction_deg", "knee_over_toe_pct", "trunk_lean_side_deg",
    "trunk_lean_forward_deg", "wobble_pct"] | sort)'
check "clip: a measure is null or has value, err, at" json \
    '[.reps[].measures[] | . == null or ((.value | type) == "number" and .err > 0 and (.at | IN("bottom", "peak")))] | all'
check "clip: scores of each repetition on one leg, the total within its range" json '[.reps[] | .scores | (.piva, .qasls) |
    .total_min >= 0 and .total_min <= .total_max and .total_max <= .of and .items_decided <= .items_asked and
    .total_min == ([.items[] | .points_min] | add) and .total_max == ([.items[] | .points_max] | add)] | length == 4 and all'
check "clip: an item is answered, or says what to change" json '[.reps[].scores | (.piva, .qasls) | .items[] |
    if .answer == "not_seen" then (.reason | length) > 0 and (.advice | length) > 0
    else (.answer | IN("no", "yes", "unclear", "not_asked")) and (has("reason") | not) end] | length == 30 and all'
check "clip: scores of each leg" json '.scores_by_side | .left.reps == 2 and .right == null and .left.piva.total_max <= 6'
check "clip: faults as specified" json '[.faults[] | (.kind | IN("knee_collapse", "hip_drop", "knee_over_toe", "too_shallow",
    "too_deep", "trunk_lean", "wobble")) and has("side") and .start_s <= .end_s and has("peak") and has("limit") and has("rep")
    and has("cue")] | all'
check "clip: gaps as specified" json '[.not_measurable[] | has("measure") and has("reason") and .start_s <= .end_s] | all'
check "clip: timing" json '.timing | .pose_ms_p50 > 0 and .frame_ms_p50 >= .pose_ms_p50 and .frame_ms_p99 >= .frame_ms_p50'

header=$(head -n 1 "$TABLE")
check "frames: leading columns" says "$header" "^t_s,person_p,view,yaw_deg,phase,rep,"
for column in left_fppa_deg right_knee_flexion_deg nose_x_px right_foot_index_vis_p left_hip_wz_m; do
    check "frames: column $column" says ",$header," ",$column,"
done
check "frames: one row per frame, all as wide as the header" \
    equal "$(awk -F, 'NR == 1 { n = NF } NF != n { bad++ } END { print NR - 1, bad + 0 }' "$TABLE")" "105 0"

without_timing() { jq -c 'del(.timing)' "$1"; }
reps() { jq -c '[.reps[] | .n, .side]' "$1"; }
run analyze --model lite --threads 2 --json - --frames "$SCRATCH/two.csv" $SAMPLE
check "two threads: the same table, byte for byte" cmp "$TABLE" "$SCRATCH/two.csv"
check "two threads: the same analysis but for timing" \
    equal "$(without_timing "$SCRATCH/out")" "$(without_timing "$SCRATCH/one.json")"
run analyze --json - "$TABLE"
check "the table read back gives the same repetitions" equal "$(reps "$SCRATCH/out")" "$(reps "$SCRATCH/one.json")"

run analyze --model lite --json - "$SCRATCH/half.mp4"
check "clip cut in half: what is there is measured" json '.frames > 5 and .frames < 105'
check "clip cut in half: status 1, one sentence that names it" refused 1 "half.mp4"

count_frames() { ffprobe -v error -count_frames -show_entries stream=nb_read_frames -of csv=p=0 "$1"; }
run analyze --model lite --overlay "$SCRATCH/overlay.mp4" $SAMPLE
check "overlay: written" equal "$status$err" 0
check "overlay: as many frames as the clip" equal "$(count_frames "$SCRATCH/overlay.mp4")" 105
run analyze --model lite --overlay "$SCRATCH/nowhere/x.mp4" $SAMPLE
check "overlay that cannot be written: said" refused 1 "nowhere/x.mp4"

# --- networks that are not what they should be: 1, one sentence that names the file ---
spoilt=$SCRATCH/spoilt
fresh() { rm -rf "$spoilt" && mkdir "$spoilt" && cp "$MODELS"/pose_{detection,landmark_lite}.tflite "$spoilt"; }
overwrite() { dd of="$1" bs=1 seek="$2" conv=notrunc status=none; } # FILE OFFSET, bytes from standard input
analyze_with_spoilt() { run analyze --models-dir "$spoilt" --model lite --json - $SAMPLE; }
fresh && truncate -s 1000000 "$spoilt/pose_landmark_lite.tflite" && analyze_with_spoilt
check "network cut short" refused 1 "pose_landmark_lite.tflite"
fresh && printf '\377\377\377\377' | overwrite "$spoilt/pose_landmark_lite.tflite" 0 && analyze_with_spoilt
check "network with a damaged start" refused 1 "pose_landmark_lite.tflite"
fresh && head -c 4000 /dev/zero | tr '\0' U | overwrite "$spoilt/pose_detection.tflite" 2958288 && analyze_with_spoilt
check "network with a damaged end" refused 1 "pose_detection.tflite"
fresh && printf 'damage' | overwrite "$spoilt/pose_landmark_lite.tflite" 1400000 && analyze_with_spoilt
check "network with damaged weights" refused 1 "pose_landmark_lite.tflite.*make models"
fresh && cp "$spoilt/pose_detection.tflite" "$spoilt/pose_landmark_lite.tflite" && analyze_with_spoilt
check "the wrong network" refused 1 "pose_landmark_lite.tflite"
fresh && echo "not a network" >"$spoilt/pose_detection.tflite" && analyze_with_spoilt
check "a text as network" refused 1 "pose_detection.tflite"
fresh && rm "$spoilt/pose_detection.tflite" && analyze_with_spoilt
check "a network that is missing: named, with what to do" refused 1 "pose_detection.tflite.*make models"

# --- the other commands ---
run doctor
for what in cpu model camera display sound voice; do check "doctor: a line on $what" says "$out" "^(ok|PROBLEM) +$what"; done
if [ "${PL_QUICK:-0}" = 0 ]; then
    run bench --model lite --ops
    check "bench --ops: a table for each network, and what their steps add up to" \
        equal "$status $(grep -cE '^ +all +[0-9.]+$' <<<"$out") $(grep -c '%.*conv' <<<"$out" | awk '{ print ($1 > 20) }')" "0 2 1"
    run bench --model lite --json
    check "bench: data" json 'length == 4 and all(.[]; .min_ms > 0 and .median_ms >= .min_ms and .gflops > 0)'
else
    skip "bench" "PL_QUICK"
fi
done_testing
