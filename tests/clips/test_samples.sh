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
    readarray -t options < <(jq -r '.spec.options // [] | .[]' "$truth")
    try timeout 600 "$P" analyze "${options[@]}" --json - "${truth%.json}.mp4"
    check "$name: analysed without a word" equal "$status$err" 0
    check "$name: exercise and view" json --slurpfile t "$truth" '.exercise == $t[0].exercise and .view == $t[0].view'
    check "$name: repetitions, on the right leg" json --slurpfile t "$truth" '$t[0] as $t |
        (.reps | length) == $t.expected.reps and $t.expected.reps > 0 and all(.reps[]; .side == $t.side)'
    check "$name: each is at its bottom when the truth is, within 0.4 s" json --slurpfile t "$truth" '
        [[.reps[].bottom_s], [$t[0].reps[].t_bottom]] | transpose | length > 0 and all(.[]; .[0] - .[1] | fabs < 0.4)'
    check "$name: the faults that are there, and no other" json --slurpfile t "$truth" '
        ([.faults[].kind] | unique) == ($t[0].expected.faults | unique)'
    if json --slurpfile t "$truth" '$t[0].spec.options // [] | index("--stickers")'; then
        check "$name: the stickers see the hip drop" json --slurpfile t "$truth" '
            [.reps, $t[0].reps] | transpose | length > 0 and all(.[]; .[1].pelvic_drop_at_bottom as $true |
            .[0].hip_drop_by[0] == "stickers" and (.[0].measures.pelvic_drop_change_deg | (.value - $true | fabs) < .err))'
    fi
    if json --slurpfile t "$truth" '$t[0].expected.faults | index("knee_collapse")'; then
        check "$name: the words, in each repetition" json '
            ([.faults[] | select(.kind == "knee_collapse" and .cue == "Knee drifting inward") | .rep] | unique) == [.reps[].n]'
    fi
    # what the scores may say: the truth, or nothing; of a good one and of a knee that falls in they have to say it
    items() { json --slurpfile t "$truth" "[.reps[].scores.$1] | length == \$t[0].expected.reps and all($2)"; }
    case $name in
    sls_front_good_L | walk_in_sls_front_R | sls_front_drop_L)
        check "$name: knee and trunk are no errors" items qasls \
            '([.items.knee_toe, .items.knee_border, .items.trunk] | all(.answer == "no"))'
        check "$name: no item but the pelvis has a point" items qasls \
            '([.items | del(.pelvis_level, .pelvis_turn)[] | .points_min] | add) == 0'
        ;;
    sls_front_collapse_L | sls_front_both_L)
        check "$name: the knee is an error, the trunk is none" items qasls \
            '.items.knee_toe.answer == "yes" and .items.knee_border.answer != "no" and .items.trunk.answer == "no"'
        check "$name: the knee has one point at least" items piva '.items.knee.points_min >= 1 and .grade != "poor"'
        ;;
    lunge_*)
        check "$name: the side view decides nothing" items piva '.total_min == 0 and .items_decided == 0'
        ;;
    squat_*)
        check "$name: on both legs there are no scores" json '(.reps | length) > 0 and all(.reps[]; .scores == null)'
        ;;
    esac
    if [ "$name" = sls_front_good_L ]; then
        check "$name: good, in every repetition" items piva '.grade == "good" and .total_min == 0'
        check "$name: the pelvis is level" items qasls '.items.pelvis_level.answer == "no"'
    fi
done

done_testing
