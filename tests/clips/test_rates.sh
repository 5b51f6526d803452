#!/usr/bin/env bash
# One clip at 15, 25, 30 and 60 frames a second (frames left out or shown twice) gives the same repetitions and the same depth.
. tests/support/tap.bash

P=$PWD/${B:-build}/plumbline
MODELS=${PL_MODELS:-models}
clip=samples/sls_front_collapse_L.mp4 # 25 frames a second
export XDG_CONFIG_HOME=$SCRATCH/no-config

if [ ! -f "$MODELS/pose_landmark_lite.tflite" ]; then
    skip "frame rates" "no networks (make models)"
elif [ "${PL_QUICK:-0}" != 0 ]; then
    skip "frame rates" "quick"
else
    for fps in 15 25 30 60; do
        ffmpeg -v error -i "$clip" -t 10.6 -vf fps=$fps -c:v libx264 -preset ultrafast -crf 12 "$SCRATCH/$fps.mp4"
        try timeout 600 "$P" analyze --model lite --json - "$SCRATCH/$fps.mp4"
        check "$fps frames a second: analysed" equal "$status" 0
        jq -c '[.reps[] | [.exercise, .side, .measures.knee_flexion_deg.value, .bottom_s]]' <<<"$out" >"$SCRATCH/$fps.json"
    done
    for fps in 15 30 60; do
        echo "# 25: $(cat "$SCRATCH/25.json")  $fps: $(cat "$SCRATCH/$fps.json")"
        check "$fps frames a second: the repetitions of 25, depth within 2 degrees" jq -e -n --slurpfile a "$SCRATCH/25.json" \
            --slurpfile b "$SCRATCH/$fps.json" '
            $a[0] as $a | $b[0] as $b | ($a | length) >= 2 and ($b | length) == ($a | length) and
            ([$a, $b] | transpose | all(.[]; .[0][:2] == .[1][:2] and (.[0][2] - .[1][2] | fabs < 2)
             and (.[0][3] - .[1][3] | fabs < 0.25)))'
    done
fi

done_testing
