#!/usr/bin/env bash
# What is measured on rendered clips against their exact truth: tables, bars, and pictures in $B/accuracy.
#
#   tests/accuracy/run.sh [--bands] [FOLDER...]
#                                        from the repository root; folders of NAME.mp4 with truth NAME.csv and NAME.json
#                                        (default: samples and the clips of ../shared/synth; with --bands besides the folders);
#                                        --bands: instead of the tables what the error bands need, by view, bend, body size in
#                                        the picture and yaw (bands.c); B = build folder,
#                                        PL_SHARED = ../shared, PL_MODEL = full, PL_MODELS = models, JOBS = 2,
#                                        PL_LANDMARKS = folder of NAME.csv (analyze --raw --frames) to take instead of the
#                                        videos: without the networks it takes seconds
#
# Status 1 if a bar is missed, 2 if something could not be analysed.
set -u
export LC_ALL=C
B=${B:-build}
shared=${PL_SHARED:-../shared}
out=$B/accuracy
P=$B/plumbline
[ -x "$P" ] && [ -x "$B/tests/accuracy/accuracy" ] || { echo "tests/accuracy: run make accuracy" >&2; exit 2; }
mkdir -p "$out" && rm -f "$out"/*.json "$out"/*.csv "$out"/*.png || exit 2

default=no mode=--plots
if [ "${1:-}" = --bands ]; then
    mode=$1
    shift
    set -- samples "$shared/synth/clips" "$@"
fi
[ $# -gt 0 ] || { default=yes; set -- samples "$shared/synth/clips"; }
truths=()
declare -A known=()
for folder in "$@"; do
    for truth in "$folder"/*.json; do
        [ -f "${truth%.json}.csv" ] || continue
        sum=$(cksum <"${truth%.json}.csv") # two samples stand among the clips, too
        [ -z "${known[$sum]:-}" ] || continue
        known[$sum]=yes
        truths+=("$truth")
    done
done
[ ${#truths[@]} -gt 0 ] || { echo "tests/accuracy: no clips with truth in: $*" >&2; exit 2; }

analyze() { # VIDEO NAME
    local input=$1 truth=${1%.*}.json options=()
    # what the truth says has to be told: --stickers, an exercise that only its name makes one
    [ ! -f "$truth" ] || readarray -t options < <(jq -r '(.spec.options // [] | .[]),
                                                         (if .told then "--exercise", .exercise else empty end)' "$truth")
    [ -z "${PL_LANDMARKS:-}" ] || input=$PL_LANDMARKS/$2.csv
    "$P" analyze --model "${PL_MODEL:-full}" --models-dir "${PL_MODELS:-models}" --threads 1 \
        "${options[@]}" --json "$out/$2.json" --frames "$out/$2.csv" "$input" >/dev/null || echo "$2" >>"$out/failed"
}

rm -f "$out/failed"
mocap=()
sts=opencap_STS_60fps_noedit
if [ $default = yes ] && [ -f "$shared/clips/$sts.mp4" ]; then
    mocap=(--mocap "$shared/clips/truth/STS__mocap_joint_centres.csv" "$sts")
    analyze "$shared/clips/$sts.mp4" $sts &
fi
for truth in "${truths[@]}"; do
    while [ "$(jobs -rp | wc -l)" -ge "${JOBS:-2}" ]; do wait -n; done
    name=$(basename "${truth%.json}")
    analyze "${truth%.json}.mp4" "$name" &
done
wait
[ ! -f "$out/failed" ] || { echo "tests/accuracy: could not be analysed: $(paste -sd ' ' "$out/failed")" >&2; exit 2; }
"$B/tests/accuracy/accuracy" $mode "${mocap[@]}" "$out" "${truths[@]}"
