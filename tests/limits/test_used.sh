#!/usr/bin/env bash
# Every line of the table of limits is read somewhere: a limit that changes nothing would be a lie to whoever sets it.
. tests/support/tap.bash

names=$(sed -n 's/^    X(\([a-z0-9_]*\), .*/\1/p' include/plumbline/limits.h)
check "the table has lines" test "$(wc -l <<<"$names")" -gt 100
dead=$(for name in $names; do grep -rqE --include='*.c' "\b$name\b" src || printf ' %s' "$name"; done)
check "none is dead:$dead" test -z "$dead"

done_testing
