#!/usr/bin/env bash
# Rendered clips as they are and flipped left-right: the same repetitions with left and right exchanged, and about the same
# values. Of ../shared/synth and the samples; for .ci/run, takes minutes. Status 77: no ../shared/synth, or no networks.
set -u
export LC_ALL=C
P=$PWD/${B:-build}/plumbline
shared=${PL_SHARED:-../shared}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export XDG_CONFIG_HOME=$scratch/no-config P scratch

[ -d "$shared/synth/clips" ] || { echo "there is no $shared/synth"; exit 77; }
[ -f models/pose_landmark_full.tflite ] || { echo "no networks (make models)"; exit 77; }

both() { # VIDEO
    local name told=()
    name=$(basename "${1%.mp4}")
    readarray -t told < <(jq -r '(.spec.options // [] | .[]), (if .told then "--exercise", .exercise else empty end)' \
        "${1%.mp4}.json")
    ffmpeg -v error -i "$1" -vf hflip -c:v ffv1 -pix_fmt bgr0 "$scratch/$name.mkv" </dev/null
    "$P" analyze --threads 1 "${told[@]}" --json "$scratch/$name.a.json" "$1" >/dev/null
    "$P" analyze --threads 1 "${told[@]}" --json "$scratch/$name.b.json" "$scratch/$name.mkv" >/dev/null
    rm -f "$scratch/$name.mkv"
}
export -f both
for video in samples/*.mp4 "$shared"/synth/clips/*.mp4; do
    [ -f "${video%.mp4}.json" ] && echo "$video"
done | xargs -P "${JOBS:-2}" -I{} bash -c 'both {}'

# how far apart each measure may be: twice to four times the mean difference over 70 clips; hip drop by the head alone, hands
# clasped, is 4.7 apart in one of them (its band is 6)
failed=0 n=0
for a in "$scratch"/*.a.json; do
    name=$(basename "$a" .a.json)
    n=$((n + 1))
    said=$(jq -rn --slurpfile a "$a" --slurpfile b "${a%.a.json}.b.json" '
        {left: "right", right: "left", both: "both"} as $other |
        {knee_flexion_deg: 6, fppa_deg: 2.5, fppa_corrected_deg: 4, pelvic_drop_change_deg: 5, knee_over_toe_pct: 8,
         trunk_lean_side_deg: 3, trunk_lean_forward_deg: 3} as $most |
        [$a[0].reps[] | [.exercise, .side]] as $x | [$b[0].reps[] | [.exercise, $other[.side]]] as $y |
        if $x != $y then "repetitions: \($x | tostring), mirrored (exchanged back) \($y | tostring)"
        else [[$a[0].reps, $b[0].reps] | transpose[] | . as [$p, $q] | $most | to_entries[] |
              [.key, $p.measures[.key].value, $q.measures[.key].value, .value] | select(.[1] != null and .[2] != null) |
              select((.[1] - .[2] | fabs) > .[3]) | "\(.[0]): \(.[1]), mirrored \(.[2])"] | join("; ")
        end')
    [ -z "$said" ] && continue
    failed=$((failed + 1))
    echo "FAILED $name: $said"
done
echo "$n clips and their mirror images, $failed different"
[ $failed -eq 0 ] && [ $n -ge 20 ]
