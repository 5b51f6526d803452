#!/usr/bin/env bash
# Every shipped sample says in its truth file what must be found in it ("expected", "exercise", "view", "side", and when each
# repetition is at its bottom): the whole program is run on it with the default network and compared. PL_QUICK=1: the shortest.
. tests/support/tap.bash

P=$PWD/${B:-build}/plumbline
MODELS=${PL_MODELS:-models}
export XDG_CONFIG_HOME=$SCRATCH/no-config
json() { jq -e "$@" <<<"$out" >/dev/null; } # the analysis

[ -x "$P" ] || { echo "Bail out! there is no $P"; exit 1; }
samples=$(ls samples/*.json)
[ "${PL_QUICK:-0}" = 0 ] || samples=samples/sls_front_both_L.json
[ -n "$samples" ] || { echo "Bail out! there are no samples"; exit 1; }
if [ ! -f "$MODELS/pose_landmark_full.tflite" ]; then
    for truth in $samples; do skip "$truth" "no networks (make models)"; done
    samples=''
fi

for truth in $samples; do
    name=$(basename "${truth%.json}")
    try timeout 600 "$P" analyze --json - "${truth%.json}.mp4"
    check "$name: analysed without a word" equal "$status$err" 0
    check "$name: exercise and view" json --slurpfile t "$truth" '.exercise == $t[0].exercise and .view == $t[0].view'
    check "$name: repetitions, on the right leg" json --slurpfile t "$truth" '$t[0] as $t |
        (.reps | length) == $t.expected.reps and $t.expected.reps > 0 and all(.reps[]; .side == $t.side)'
    check "$name: each is at its bottom when the truth is, within 0.4 s" json --slurpfile t "$truth" '
        [[.reps[].bottom_s], [$t[0].reps[].t_bottom]] | transpose | length > 0 and all(.[]; .[0] - .[1] | fabs < 0.4)'
    check "$name: the faults that are there, and no other" json --slurpfile t "$truth" '
        ([.faults[].kind] | unique) == ($t[0].expected.faults | unique)'
    if json --slurpfile t "$truth" '$t[0].expected.faults | index("knee_collapse")'; then
        check "$name: the words, in each repetition" json '
            ([.faults[] | select(.kind == "knee_collapse" and .cue == "Knee drifting inward") | .rep] | unique) == [.reps[].n]'
    fi
done

done_testing
