#!/usr/bin/env bash
# Repetitions and faults on the clips of ../shared: a table, one row per clip.
#
#   tests/clips/run.sh [PATTERN]     from the repository root; only clips whose name contains PATTERN
#                                    B = build folder, PL_SHARED = ../shared, PL_MODEL = full, JOBS = 2
#
# Expected counts: clips/clips.tsv of PL_SHARED (column "reps"; certainty), the three landmark streams of clips/landmarks
# (its README), the truth files (.json) of synth/clips and samples; the last two say the working legs, too. Status 1 if a clip
# whose count is certain is not exact, or a leg is the other one; 2 if nothing could be run.
set -u
export LC_ALL=C
B=${B:-build}
shared=${PL_SHARED:-../shared}
pattern=${1:-}
out=$(mktemp -d) && trap 'rm -rf "$out"' EXIT
[ -x "$B/plumbline" ] || { echo "tests/clips: $B/plumbline is missing: run make" >&2; exit 2; }
[ -d "$shared/clips" ] || { echo "skipped: $shared/clips is not there (clips of people are not part of the repository)"; exit 0; }

# FILE CERTAINTY EXPECTED SIDES, one line each; expected may be "5 (pulses)": the first number counts, "0 full" is 0
expected() {
    awk -F '\t' -v dir="$shared/clips" 'NR > 1 && NF >= 8 {
        n = split($1, name, /, */)
        for (i = 1; i <= n; i++) {
            if (i > 1) { base = name[1]; sub(/_[^_]*$/, "", base); name[i] = base name[i] }   # "a_cam01.mp4, _cam02.mp4"
            squats = $7; if (squats ~ /stands, 0/) squats = 0                                  # "5 stands, 0 squats from standing"
            print dir "/" name[i] "\t" $8 "\t" squats + 0 "\t"
        }
    }' "$shared/clips/clips.tsv"
    local n leg legs clip stream
    for clip in "$shared"/synth/clips/*.mp4 samples/*.mp4; do
        [ -f "${clip%.mp4}.json" ] || continue
        n=$(tr -d '\n' <"${clip%.mp4}.json" | grep -o '"t_bottom"' | wc -l)
        leg=$(sed -n 's/^ *"side": "\([lrb]\).*/\1/p' "${clip%.mp4}.json" | head -n 1 | tr lrb LRB)
        grep -q '"kind": "squat"' "${clip%.mp4}.json" && leg=B
        printf '%s\thigh\t%s\t%s\n' "$clip" "$n" "$([ -z "$leg" ] || printf "%${n}s" '' | tr ' ' "$leg")"
    done
    for stream in single_leg_squat:LRLRLRLR calibration_01_left_sls:LLLLLLL calibration_03_left_lsd:LLLLLLL; do
        legs=${stream#*:}
        printf '%s\thigh\t%s\t%s\n' "$shared/clips/landmarks/${stream%:*}_frames.csv" "${#legs}" "$legs"
    done
}

analyze() { # FILE CERTAINTY EXPECTED SIDES -> one line of the table
    local json status row kind=auto
    # a truth that says "told" is of an exercise that only its name makes one
    grep -qs '"told": true' "${1%.*}.json" && kind=$(sed -n 's/^ "exercise": "\(.*\)",$/\1/p' "${1%.*}.json" | head -n 1)
    json=$("$B/plumbline" analyze --exercise "$kind" --model "${PL_MODEL:-full}" --threads 1 --json - "$1" 2>"$out/err.$BASHPID")
    status=$?
    row=$(printf '%s' "$json" |
        awk -v file="${1##*/}" -v certainty="$2" -v want="$3" -v legs="$4" -v status=$status -f tests/clips/row.awk)
    [ $status -eq 0 ] || row="$row  $(head -n 1 "$out/err.$BASHPID")"
    printf '%s\n' "$row"
}

printf '%-46s %-17s %-8s %5s %5s  %-5s %s\n' clip exercise view want found '' 'sides; faults'
expected | grep -F -- "$pattern" >"$out/list"
while IFS=$'\t' read -r file certainty want legs; do
    while [ "$(jobs -rp | wc -l)" -ge "${JOBS:-2}" ]; do wait -n; done
    { analyze "$file" "$certainty" "$want" "$legs" >"$out/$(printf '%s' "$file" | tr / _).row"; } &
done <"$out/list"
wait
while IFS=$'\t' read -r file _; do cat "$out/$(printf '%s' "$file" | tr / _).row"; done <"$out/list" | tee "$out/table"
awk '{ n++ } / FAIL / { bad++ } END { printf "%d clips, %d failed\n", n, bad; exit n == 0 ? 2 : bad > 0 }' "$out/table"
