#!/usr/bin/env bash
# Every shipped sample says in its truth file what must be found in it ("expected", "exercise", "view", "side", and when each
# repetition is at its bottom): the whole program is run on it with the default network and compared. PL_QUICK=1: the shortest.
. tests/support/tap.bash

P=$PWD/${B:-build}/plumbline
MODELS=${PL_MODELS:-models}
export XDG_CONFIG_HOME=$SCRATCH/no-config
json() { jq -e "$@" <<<"$out" >/dev/null; } # the analysis

# From the truth's first frame over limit and band to the cue, ms, for each cue of the analysis in $out. TRUTH (without suffix)
cue_latencies() {
    local kind start end over at
    jq -r '. as $a | .reps[] as $r | .voice[] | select(.id // "" | test("^(cue|advice)\\.")) |
        select(.t_s >= $r.start_s and .t_s <= $r.end_s) | (.id | sub(".*\\."; "")) as $kind |
        {knee_collapse: "fppa_deg", hip_drop: "pelvic_drop_change_deg", knee_over_toe: "knee_over_toe_pct"}[$kind] as $m |
        select($m != null) | .t_s as $t | $a.faults[] | select(.kind == $kind and .rep == $r.n) |
        [$kind, $r.start_s, $r.end_s, .limit + $r.measures[$m].err, $t] | @tsv' <<<"$out" |
        while IFS=$'\t' read -r kind start end over at; do
            awk -F, -v kind="$kind" -v start="$start" -v end="$end" -v over="$over" -v at="$at" '
                BEGIN { column["knee_collapse"] = "_img_fppa"; column["hip_drop"] = "pelvic_drop"
                        column["knee_over_toe"] = "_knee_over_toe"; scale = kind == "knee_over_toe" ? 100 : 1 }
                NR == 1 { for (i = 1; i <= NF; i++) place[$i] = i; next }
                { name = column[kind]; if (name ~ /^_/) name = $place["working_side"] name }
                $2 >= start - 0.3 && $2 <= end && $place[name] * scale > over { printf "%s %.0f\n", kind, 1000 * (at - $2); exit }
                ' "$1.csv"
        done
}

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
    kind=$(jq -r 'if .told then .exercise else "auto" end' "$truth") # a stance has to be told
    try timeout 600 "$P" analyze --exercise "$kind" "${options[@]}" --json - "${truth%.json}.mp4"
    check "$name: analysed without a word" equal "$status$err" 0
    check "$name: exercise and view" json --slurpfile t "$truth" '.exercise == $t[0].exercise and .view == $t[0].view'
    check "$name: repetitions, on the right leg" json --slurpfile t "$truth" '$t[0] as $t |
        (.reps | length) == $t.expected.reps and $t.expected.reps > 0 and all(.reps[]; .side == $t.side)'
    check "$name: each is at its bottom when the truth is, within 0.4 s" json --slurpfile t "$truth" '
        [[.reps[].bottom_s], [$t[0].reps[].t_bottom]] | transpose | length > 0 and all(.[]; .[0] - .[1] | fabs < 0.4)'
    check "$name: each begins and ends when the truth does, within 0.3 s" json --slurpfile t "$truth" '
        [[.reps[] | [.start_s, .end_s]], [$t[0].reps[] | [.t_start, .t_end]]] | transpose
        | all(.[]; (.[0][0] - .[1][0] | fabs < 0.3) and (.[0][1] - .[1][1] | fabs < 0.3))'
    check "$name: nothing else is taken for a part of a repetition" json '.partial == []'
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
    sls_front_collapse_L)
        check "$name: the knee is an error, the trunk is none" items qasls \
            '.items.knee_toe.answer == "yes" and .items.knee_border.answer != "no" and .items.trunk.answer == "no"'
        check "$name: the knee has one point at least" items piva '.items.knee.points_min >= 1 and .grade != "poor"'
        ;;
    sls_front_both_L) # 12 degrees in the picture, the limit is 8.3, the band 6: that does not decide it
        check "$name: the knee may be an error, the trunk is none" items qasls \
            '.items.knee_toe.answer != "no" and .items.trunk.answer == "no"'
        check "$name: the knee may have a point" items piva '.items.knee.points_max >= 1 and .grade != "poor"'
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
    if json --slurpfile t "$truth" '$t[0].expected.faults - ["too_shallow"] | length > 0'; then
        cue_latencies "${truth%.json}" >"$SCRATCH/latencies"
        sed 's/^/# cue, ms after the truth is over limit and band: /' "$SCRATCH/latencies"
        check "$name: a cue in each repetition, within 300 ms and the persistence of 200" \
            awk -v reps="$(jq '.reps | length' "$truth")" '$2 > 500 || $2 < -100 { bad = 1 } END { exit bad || NR < reps }' \
            "$SCRATCH/latencies"
    fi
done

done_testing
