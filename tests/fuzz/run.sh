#!/usr/bin/env bash
# Runs each fuzzer of $B/tests/fuzz for FUZZ_S seconds, two at a time, from tests/fuzz/seeds/NAME and what earlier runs found.
# What breaks one is kept in $B/crash.NAME.*; status 1 then.
set -u
B=${B:-build/fuzz}
seconds=${FUZZ_S:-20}
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:allocator_may_return_null=1}
export UBSAN_OPTIONS=print_stacktrace=1

fuzz() {
    local name=$1 log=$B/$1.log corpus=$B/corpus/$1 seeds=tests/fuzz/seeds/$1 status
    local folders=("$corpus")
    mkdir -p "$corpus"
    [ -d "$seeds" ] && folders+=("$seeds")
    "$B/tests/fuzz/fuzz_$name" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=3000 -max_len=65536 -print_final_stats=1 \
        -artifact_prefix="$B/crash.$name." "${folders[@]}" >"$log" 2>&1 </dev/null
    status=$?
    rm -f "/dev/shm/plumbline-fuzz-"* 2>/dev/null
    if [ $status -eq 0 ]; then
        printf 'ok     fuzz_%-10s %s runs, %s corpus files\n' "$name" \
            "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" "$(find "$corpus" -type f | wc -l)"
    else
        echo "FAILED fuzz_$name, status $status"
        grep -E 'ERROR|SUMMARY|runtime error|control character|Test unit written|^ +#[0-9]+ .*(src|tests)/' "$log" |
            head -n 20 | sed 's/^/    | /'
    fi
    return $status
}

mapfile -t names < <(cd tests/fuzz && ls fuzz_*.c | sed 's/fuzz_\(.*\)\.c/\1/')
[ ${#names[@]} -gt 0 ] || { echo "fuzz: run from the repository root" >&2; exit 2; }
echo "${#names[@]} fuzzers, $seconds s each, two at a time"
failed=0 running=0
for name in "${names[@]}"; do
    if [ $running -ge 2 ]; then wait -n || failed=$((failed + 1)); running=$((running - 1)); fi
    fuzz "$name" &
    running=$((running + 1))
done
while [ $running -gt 0 ]; do wait -n || failed=$((failed + 1)); running=$((running - 1)); done
echo "$((${#names[@]} - failed)) passed, $failed failed"
[ $failed -eq 0 ]
