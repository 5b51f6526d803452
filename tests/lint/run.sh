#!/usr/bin/env bash
# The checks that need no running program. Each prints ok or FAILED with its findings; all run; status 1 if one failed.
#
#   tests/lint/run.sh          from the repository root; B = build folder (default build)
set -u
export LC_ALL=C
B=${B:-build}
passed=0 failed=0 skipped=0
out=$(mktemp) && trap 'rm -f "$out"' EXIT

check() { # NAME COMMAND...: a status other than 0 fails it
    local name=$1
    shift
    if "$@" >"$out" 2>&1; then
        passed=$((passed + 1))
        echo "ok     $name"
    else
        failed=$((failed + 1))
        echo "FAILED $name"
        head -n 60 "$out" | sed 's/^/    | /'
    fi
}

check_with() { # TOOL NAME COMMAND...
    local tool=$1
    shift
    if command -v "$tool" >/dev/null; then
        check "$@"
    else
        skipped=$((skipped + 1))
        echo "skip   $1: $tool is not installed"
    fi
}

nothing_found() { if "$@"; then return 1; else [ $? -eq 1 ]; fi; } # for grep: 0 = found, 2 = error

mapfile -t headers < <(find include -name '*.h' | sort)
mapfile -t code < <(find src include tests -name '*.[ch]' -o -name '*.cpp' | sort)
mapfile -t sources < <(find src -name '*.c' -o -name '*.cpp' | sort)
mapfile -t private_headers < <(find src -name '*.h' | sort)
mapfile -t scripts < <(find .ci tests models -name '*.sh' -o -name '*.bash' -o -path .ci/run | sort)
[ ${#headers[@]} -gt 0 ] && [ ${#sources[@]} -gt 0 ] || { echo "lint: run from the repository root" >&2; exit 2; }

headers_alone() { # each header compiles as the only include of a C11 file
    local cc header status=0
    for cc in gcc clang; do
        command -v $cc >/dev/null || continue
        for header in "${headers[@]}"; do
            $cc -std=c11 -Wall -Wextra -Werror -Wno-unused-function -fsyntax-only -Iinclude -include "$header" -x c /dev/null ||
                { status=1; echo "$header does not compile alone ($cc)"; }
        done
    done
    return $status
}

exported_names() {
    nm -g --defined-only "$B/libplumbline.a" >"$out.nm" || return 1
    awk 'NF == 3 && $2 ~ /[TDBRC]/ && $3 !~ /^pl_/ { print $3 ": exported, but does not start with pl_"; bad = 1 }
         NF == 3 { n++ }
         END { if (n == 0) print "no symbols at all"; exit bad || n == 0 }' "$out.nm"
    local status=$?
    rm -f "$out.nm"
    return $status
}

mutable_globals() { # whatever the compiler put into .data or .bss can be written to; a signal handler has nothing else to set
    objdump -t "$B/libplumbline.a" | awk '
        /file format/ { object = $1; n++ }
        / O \.(data|bss|tbss|tdata)\t/ && $NF !~ /^_Z|^DW\.|^interrupted$/ { print object " " $NF ": a mutable global"; bad = 1 }
        END { if (n == 0) print "no objects at all"; exit bad || n == 0 }'
}

layout() {
    awk '
        FNR == 1 && NR > 1 && blank > 1 { print last ": ends in blank lines"; bad = 1 }
        /\t/      { print FILENAME ":" FNR ": a tab"; bad = 1 }
        /[ \r]$/  { print FILENAME ":" FNR ": ends in white space"; bad = 1 }
        length($0) > 132 { print FILENAME ":" FNR ": " length($0) " columns"; bad = 1 }
        { blank = /^$/ ? blank + 1 : 0; last = FILENAME }
        END { exit bad }' "${code[@]}" "${scripts[@]}"
}

no_shortcuts() {
    nothing_found grep -nE 'fast-math|march=native|\b(TODO|FIXME|XXX|HACK)\b' Makefile "${code[@]}"
}

build_with() { # CC CXX FOLDER
    make CC="$1" CXX="$2" B="$3" all test-programs 2>&1 | grep -vE '^  (CC|CXX|AR|LD) '
    return "${PIPESTATUS[0]}"
}

tidy() { # the errors here, their explanations in $B/lint-tidy.log
    local flags log=$B/lint-tidy.log status
    read -ra flags < <(make -s print-pkg-cflags)
    flags+=(-std=c11 -D_GNU_SOURCE '-DPL_VERSION=""' '-DPL_DATADIR=""' -Iinclude -mavx2 -mfma -mf16c)
    printf '%s\0' "${sources[@]}" | grep -zE '\.c$' | grep -zvE '_(neon|avx512)\.c$' |
        xargs -0 -P 2 -I FILE clang-tidy --quiet FILE -- "${flags[@]}" >"$log" 2>&1
    status=$?
    grep -E ': (error|warning):' "$log"
    return $status
}

check "includes go down the levels only" \
    awk -f tests/lint/levels.awk tests/lint/levels "${sources[@]}" "${private_headers[@]}" "${headers[@]}"
check "outside headers stay where they belong" awk -f tests/lint/outside.awk tests/lint/outside "${code[@]}"
check "each public header compiles alone" headers_alone
check "no tabs, no long lines, no trailing blanks" layout
check "no fast-math, no march=native, nothing left to do" no_shortcuts
check_with gcc "gcc builds everything without a warning" build_with gcc g++ "$B"
check "exported names start with pl_" exported_names
check "no mutable globals" mutable_globals
check_with clang "clang builds everything without a warning" build_with clang clang++ "$B/lint-clang"
check_with clang-tidy "clang-tidy" tidy
check_with shellcheck "shellcheck" shellcheck -x -P . -S warning "${scripts[@]}"

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
