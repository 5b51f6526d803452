# For test scripts: TAP lines, and a scratch folder that goes away.   . tests/support/tap.bash
set -u
export LC_ALL=C
TAP_N=0 TAP_FAILED=0
status='' out='' err=''
SCRATCH=$(mktemp -d)
trap 'rm -rf "$SCRATCH"' EXIT

# Runs a command; leaves its status in $status, its output in $out and its messages in $err.
try() {
    "$@" >"$SCRATCH/out" 2>"$SCRATCH/err" </dev/null
    status=$?
    out=$(cat "$SCRATCH/out")
    err=$(cat "$SCRATCH/err")
}

tap_line() { # 0|1 NAME [DETAILS]
    TAP_N=$((TAP_N + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $TAP_N - $2"
    else
        TAP_FAILED=$((TAP_FAILED + 1))
        echo "not ok $TAP_N - $2"
        printf '%s\n' "${3:-}" "status: ${status:-}" "out: ${out:-}" "err: ${err:-}" | head -n 40 | cut -c1-400 | sed 's/^/# /'
    fi
}
check() { # NAME COMMAND...: passes if the command does
    local name=$1
    shift
    "$@"
    tap_line $? "$name" "failed: $*"
}
skip() { # NAME REASON
    TAP_N=$((TAP_N + 1))
    echo "# skipped: $2"
    echo "ok $TAP_N - $1 # SKIP $2"
}
says() { grep -qiE -- "$2" <<<"$1"; } # TEXT PATTERN
fails() { [ "$status" = "$1" ] && says "$err" "$2"; }  # STATUS PATTERN, of the last try
equal() { [ "$1" = "$2" ] || { echo "# $1 is not $2"; return 1; }; }
one_sentence() { [ "$(grep -c . <<<"$1")" -eq 1 ] || { echo "# not one line: $1"; return 1; }; }
done_testing() { echo "1..$TAP_N"; [ $TAP_FAILED -eq 0 ]; exit; }

# A folder of links to the named commands: a PATH without anything else.
only_commands() { # FOLDER COMMAND...
    local folder=$1 command
    shift
    mkdir -p "$folder"
    for command; do ln -sf "$(type -P "$command")" "$folder/$command"; done
}
# A stand-in for a command, its body from standard input.
stub() { # FOLDER NAME
    mkdir -p "$1"
    { echo "#!$(command -v bash)"; cat; } >"$1/$2"
    chmod +x "$1/$2"
}
