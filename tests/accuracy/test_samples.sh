#!/usr/bin/env bash
# The samples through the same comparison with the truth, the same bars, as `make accuracy` has for all clips; and one
# sample mirrored, which must give the same with left and right exchanged. PL_QUICK=1: one sample, no bars.
. tests/support/tap.bash

B=${B:-build}
P=$PWD/$B/plumbline
MODELS=${PL_MODELS:-models}
export XDG_CONFIG_HOME=$SCRATCH/no-config

if [ ! -f "$MODELS/pose_landmark_full.tflite" ]; then
    skip "the samples against their truth" "no networks (make models)"
    skip "a mirrored sample" "no networks (make models)"
    done_testing
    exit
fi
[ -x "$P" ] && [ -x "$B/tests/accuracy/accuracy" ] || { echo "Bail out! there is no $P or no $B/tests/accuracy/accuracy"; exit 1; }

# the landmarks once, so that what follows takes no network
for video in samples/*.mp4; do
    name=$(basename "${video%.mp4}")
    [ "${PL_QUICK:-0}" = 0 ] || [ "$name" = sls_front_both_L ] || continue
    readarray -t options < <(jq -r '(.spec.options // [] | .[]), (if .told then "--exercise", .exercise else empty end)' \
        "${video%.mp4}.json")
    "$P" analyze --models-dir "$MODELS" "${options[@]}" --json "$SCRATCH/$name.json" --frames "$SCRATCH/$name.csv" \
        "$video" >/dev/null
    truths="${truths:-} ${video%.mp4}.json"
done
# shellcheck disable=SC2086  # one word per sample
try "$B/tests/accuracy/accuracy" "$SCRATCH" $truths
if [ "${PL_QUICK:-0}" = 0 ]; then
    printf '%s\n' "$out" >"$SCRATCH/table"
    grep -E '^  (MISSED|faults:|repetitions:)' "$SCRATCH/table" | sed 's/^/# /'
    check "bars were looked at" bash -c '[ "$(grep -c "^  ok " "$0")" -ge 15 ]' "$SCRATCH/table"
    out='' err='' # too long to be shown with each of the following
    # the ends of repetitions are src/exercise's, and looked at in make accuracy
    check "every bar for measures, repetitions and faults is met" \
        bash -c '! grep "^  MISSED" "$0" | grep -v "within 0.15 s"' "$SCRATCH/table"
else
    check "it is read and compared" says "$out" '^fppa_deg'
    out='' err=''
fi
# shellcheck disable=SC2086
try "$B/tests/accuracy/accuracy" --bands "$SCRATCH" $truths
check "what the bands need is told by bend, size and yaw" says "$out" '^  body .* px  *[1-9]|^  all  *[1-9]'
out='' err=''
check "a table that is not there is an error" \
    bash -c '! "$0" "$1" samples/none.json 2>/dev/null' "$B/tests/accuracy/accuracy" "$SCRATCH"

# mirrored: the person's other leg works, and everything else is the same
sample=sls_front_both_L
ffmpeg -v error -y -i samples/$sample.mp4 -vf hflip -c:v libx264 -crf 12 -preset fast "$SCRATCH/mirrored.mp4" </dev/null
"$P" analyze --models-dir "$MODELS" --json "$SCRATCH/mirrored.json" "$SCRATCH/mirrored.mp4" >/dev/null
same() { # MEASURE TOLERANCE
    jq -e -n --slurpfile a "$SCRATCH/$sample.json" --slurpfile b "$SCRATCH/mirrored.json" --arg m "$1" --argjson most "$2" '
        [[$a[0].reps[].measures[$m]], [$b[0].reps[].measures[$m]]] | transpose | length == 2 and
        all(.[]; .[0] != null and .[1] != null and (.[0].value - .[1].value | fabs) <= $most)' >/dev/null
}
check "mirrored: as many repetitions, of the right leg" \
    bash -c 'jq -e "[.reps[].side] == [\"right\", \"right\"]" "$0" >/dev/null' "$SCRATCH/mirrored.json"
check "mirrored: the same faults, of the right leg" bash -c 'jq -e -n --slurpfile a "$0" --slurpfile b "$1" "
    ([\$a[0].faults[] | .kind] | unique) == ([\$b[0].faults[] | .kind] | unique) and
    all(\$b[0].faults[]; .side == \"right\")" >/dev/null' \
    "$SCRATCH/$sample.json" "$SCRATCH/mirrored.json"
# joints and yaw are half-way between picture and mirror image, which are looked at in other frames than in the other recording
check "mirrored: knee bend within 2 degrees" same knee_flexion_deg 2
check "mirrored: collapse in the picture within 1.5 degrees" same fppa_deg 1.5
check "mirrored: collapse straight on within 2 degrees" same fppa_corrected_deg 2
check "mirrored: hip drop within 3 degrees" same pelvic_drop_change_deg 3
check "mirrored: sideways lean within 1.5 degrees" same trunk_lean_side_deg 1.5

done_testing
