#!/usr/bin/env bash
# .ci/deps.sh against stand-ins of dpkg-query, apt-get, id and sudo: what it installs, and what it says when it cannot.
. tests/support/tap.bash

TOOLS="bash env cat sed awk grep sort head dirname true"
# A machine where the packages listed in $SCRATCH/have are installed; apt-get installs what the file "offers" has.
machine() {
    rm -rf "${SCRATCH:?}"/{bin,lists}
    # shellcheck disable=SC2086
    only_commands "$SCRATCH/bin" $TOOLS
    : >"$SCRATCH/log"
    mkdir -p "$SCRATCH/lists"
    touch "$SCRATCH/lists/debian_Packages.lz4"
    export PL_APT_LISTS=$SCRATCH/lists S=$SCRATCH
    stub "$SCRATCH/bin" dpkg-query <<<'while read -r p; do case " $* " in *" $p "*) echo "installed $p" ;; esac; done <$S/have'
    stub "$SCRATCH/bin" id <<<'echo "${FAKE_UID:-0}"'
    stub "$SCRATCH/bin" apt-get <<'STUB'
echo "apt-get $*" >>$S/log
case " $* " in *" update "*) [ -e $S/online ] && : >$S/fresh; [ -e $S/online ]; exit ;; esac
[ -e $S/online ] || { echo "E: Unable to fetch" >&2; exit 100; }
[ -e $S/stale ] && [ ! -e $S/fresh ] && { echo "E: 404" >&2; exit 100; }
for word; do case $word in -*|install|*::*) ;; *) echo "$word" >>$S/have ;; esac; done
STUB
    rm -f "$SCRATCH"/{online,fresh,stale}
    touch "$SCRATCH/online"
    unset FAKE_UID
}
all_packages() { sed -n 's/^run *//p' .ci/packages | tr ' ' '\n' | sed 's/=.*//'; }
deps() { try env PATH="$SCRATCH/bin" bash .ci/deps.sh "$@"; }

machine
all_packages >"$SCRATCH/have"
deps run
check "nothing missing: silent and successful" equal "$status$out$err" 0
check "nothing missing: apt-get is not called" equal "$(cat "$SCRATCH/log")" ""

machine
all_packages | grep -vx libcjson-dev >"$SCRATCH/have"
deps --check run
check "--check names the missing package" says "$err" "Missing Debian packages: libcjson-dev$"
check "--check fails" equal $status 1
check "--check installs nothing" equal "$(cat "$SCRATCH/log")" ""
deps run
check "root: says what is being installed" says "$err" "^Installing: libcjson-dev$"
check "root: installs" equal $status 0
check "root: without recommended packages" says "$(cat "$SCRATCH/log")" "install --no-install-recommends libcjson-dev"
check "root: with fresh lists there is no update" equal "$(grep -c update "$SCRATCH/log")" 0

machine
: >"$SCRATCH/have"
rm "$SCRATCH/lists/debian_Packages.lz4"
deps run
check "no package lists: updates first" says "$(head -n 1 "$SCRATCH/log")" "update"
check "no package lists: everything installed in one go" equal "$status$(wc -l <"$SCRATCH/log")" 02

machine
: >"$SCRATCH/have"
touch "$SCRATCH/stale"
deps run
check "outdated lists: updates and tries again" equal "$status$(grep -c update "$SCRATCH/log")" 01

machine
all_packages | grep -vx gcc >"$SCRATCH/have"
rm "$SCRATCH/online"
deps run
check "offline: fails" equal $status 1
check "offline: says exactly what is missing" says "$err" "^Still missing: gcc$"
check "offline: says what to do" says "$err" "offline.*connect"

machine
all_packages | grep -vx gcc >"$SCRATCH/have"
export FAKE_UID=1000
deps run
check "no root and no sudo: fails without trying" equal "$status$(cat "$SCRATCH/log")" 1
check "no root and no sudo: prints the command" says "$err" "Run as root.*apt-get install --no-install-recommends gcc"

stub "$SCRATCH/bin" sudo <<<'[ "$1" = -n ] && shift; exec "$@"'
deps run
check "sudo: installs through it" equal $status 0

all_packages | grep -vx gcc >"$SCRATCH/have"
stub "$SCRATCH/bin" sudo <<<'exit 1'
deps run
check "sudo refused: prints the command" says "$err" "sudo apt-get install --no-install-recommends gcc"
unset FAKE_UID

machine
: >"$SCRATCH/have"
stub "$SCRATCH/bin" npm <<<':'
deps models
check "a command that is there needs no package" equal "$status$err" 0
rm "$SCRATCH/bin/npm"
deps models
check "without the command its package is installed" equal "$status$(tail -n 1 "$SCRATCH/have")" 0npm

rm "$SCRATCH/bin/dpkg-query"
deps run
check "not Debian: says what is needed" says "$err" "not a Debian system"
machine
deps
check "no group: usage, status 2" equal $status 2
deps nonsense
check "unknown group: status 2" equal $status 2
done_testing
