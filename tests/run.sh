#!/usr/bin/env bash
# Runs test programs and scripts, two at a time, and adds up what they report.
#
#   tests/run.sh PROGRAM...        from the repository root; B = build folder (default build);
#                                  EMULATOR = the command that runs programs of another machine
#
# Every test speaks TAP: cmocka is told to, test_*.sh do it themselves. The whole output of a failing one is shown.
# The last line is "N passed, N failed, N skipped"; status 1 if one failed or nothing was run.
set -u
export LC_ALL=C B=${B:-build}
export CMOCKA_MESSAGE_OUTPUT=TAP SDL_VIDEODRIVER=${SDL_VIDEODRIVER:-dummy} SDL_AUDIODRIVER=${SDL_AUDIODRIVER:-dummy}
export TSAN_OPTIONS=${TSAN_OPTIONS:-suppressions=$PWD/tests/support/tsan.supp}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
jobs=${PL_JOBS:-2}
limit=${PL_TEST_TIMEOUT:-600}
logs=$B/test-logs
rm -rf "$logs" && mkdir -p "$logs" || exit 1

log_of() { local name=${1#"$B"/}; name=${name#tests/}; printf '%s/%s' "$logs" "${name//\//.}"; }

run_one() {
    local log started=$EPOCHREALTIME status
    log=$(log_of "$1")
    # shellcheck disable=SC2086  # a command with its options
    # the shell's own "Aborted" is said below
    { timeout --kill-after=5 "$limit" ${EMULATOR:-} "$1" >"$log" 2>&1 </dev/null; } 2>/dev/null
    status=$?
    [ $status -eq 124 ] && echo "# stopped: it ran longer than $limit s" >>"$log"
    [ $status -gt 124 ] && echo "# it ended by signal $((status - 128)) ($(kill -l $((status - 128)) 2>/dev/null))" >>"$log"
    awk -v a="$started" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f\n", b - a }' >"$log.seconds"
    report "$1" "$log" "$status"
}

# TAP lines -> "passed failed skipped". A program that ends badly, or before its plan is done, has failed even if every
# line that it printed says ok. (cmocka 1.1.5 prints a skipped test as "not ok 3 # SKIP name".)
count() {
    awk -v status="$2" '
        /^(not )?ok [0-9]+.*# *[Ss][Kk][Ii][Pp]/ { skipped++; next }
        /^ok/     { passed++ }
        /^not ok/ { failed++ }
        /^1\.\.[0-9]+/ { planned += substr($1, 4) }
        END {
            if (!failed && (status != 0 || passed + skipped < planned || planned == 0)) failed = 1
            printf "%d %d %d\n", passed, failed, skipped
        }' "$1"
}

report() {
    local passed failed skipped word=ok
    read -r passed failed skipped < <(count "$2" "$3" | tee "$2.count")
    [ "$failed" -gt 0 ] && word=FAILED
    {
        printf '%-6s %-36s %4d passed' "$word" "${1#"$B"/}" "$passed"
        [ "$failed" -gt 0 ] && printf ', %d failed' "$failed"
        [ "$skipped" -gt 0 ] && printf ', %d skipped' "$skipped"
        printf '  (%s s)\n' "$(cat "$2.seconds")"
        if [ "$failed" -gt 0 ]; then
            # each failure with what stands round it first: it may be far above the end
            awk '/^not ok/ && !/# *SKIP/ { said = 12 } /^ok/ { said = 0 } said-- > 0' "$2" | head -n 60 | sed 's/^/    ! /'
            tail -n 40 "$2" | sed 's/^/    | /'
        fi
    } >"$2.report"
    cat "$2.report" # in one piece, so that two programs do not mix their lines
}

for program in "$@"; do
    while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n; done
    run_one "$program" &
done
wait

total=(0 0 0)
for program in "$@"; do
    read -r passed failed skipped <"$(log_of "$program").count" || { passed=0 failed=1 skipped=0; }
    total=($((total[0] + passed)) $((total[1] + failed)) $((total[2] + skipped)))
done
if [ "${total[2]}" -gt 0 ]; then
    echo "Skipped, by reason:"
    for program in "$@"; do
        log=$(log_of "$program")
        [ "$(cut -d ' ' -f 3 "$log.count")" -gt 0 ] || continue
        reasons=$(sed -n 's/^.*skipped: *//p' "$log" | sort | uniq -c | sed 's/^ *\([0-9]*\) \(.*\)/\2 (\1)/')
        printf '  %s: %s\n' "${program#"$B"/}" "$(paste -sd ';' <<<"${reasons:-no reason given}")"
    done
fi
printf '%d passed, %d failed, %d skipped\n' "${total[@]}"
[ "${total[1]}" -eq 0 ] && [ "${total[0]}" -gt 0 ]
