#!/usr/bin/env bash
# Puts the four pose networks into this folder, out of the npm package @mediapipe/pose.
#
#   models/fetch.sh [PACKAGE.tgz]       PACKAGE.tgz: the package, fetched elsewhere; without it npm fetches it by name
#
# A file gets its name here only after its SHA-256 sum is right; with all four in place this does nothing (0.1 s).
set -u
cd "$(dirname "$0")" || exit 1
NAME=@mediapipe/pose
VERSION=0.5.1675469404
SIZE_MB=41
package=${1:-}

say() { printf '%s\n' "$*" >&2; }
fail() { say "models: $*"; exit 1; }

[ -z "$package" ] && sha256sum --check --status SHA256SUMS 2>/dev/null && exit 0

# In this folder, so that the final mv stays on one file system and is atomic.
tmp=$(mktemp -d "$PWD/.fetch.XXXXXX") || fail "cannot write to $PWD"
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM

by_hand="Where there is a network, run 'npm pack $NAME@$VERSION', bring the file here, and run: make models PACKAGE=file.tgz"

# Runs a command in the background with a sign of life every two seconds; its status is ours.
with_progress() {
    "$@" &
    local pid=$! seconds=0
    while sleep 0.2 && kill -0 $pid 2>/dev/null; do
        seconds=$((seconds + 1))
        [ $((seconds % 10)) -eq 0 ] && printf '  ... %d s\n' $((seconds / 5)) >&2
    done
    wait $pid
}

npm_pack() {
    cd "$tmp" && npm pack "$NAME@$VERSION" --silent --loglevel=error --fetch-retries=1 --fetch-retry-mintimeout=1000 \
        --fetch-timeout=120000 >npm.out 2>npm.err </dev/null
}

if [ -z "$package" ]; then
    if ! command -v npm >/dev/null; then
        ../.ci/deps.sh models || fail "npm, which fetches the pose networks, could not be installed. $by_hand"
        command -v npm >/dev/null || fail "npm is needed to fetch the pose networks: install it and try again. $by_hand"
    fi
    say "Fetching the pose networks: $NAME $VERSION through npm, $SIZE_MB MB"
    if ! with_progress npm_pack; then
        if grep -qE 'ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONN|ENETUNREACH|EHOSTUNREACH|EIDLETIMEOUT|ENOTCACHED' "$tmp/npm.err"; then
            fail "npm cannot reach its registry; is this machine offline? Connect it and try again. $by_hand"
        fi
        sed 's/^/  /' "$tmp/npm.err" >&2
        fail "npm could not fetch $NAME $VERSION; its own words are above. $by_hand"
    fi
    package=$(compgen -G "$tmp/*.tgz" | head -n 1)
    [ -n "$package" ] || fail "npm reported success but left no package file. $by_hand"
else
    case "$package" in /*) ;; *) package=${OLDPWD:-.}/$package ;; esac
    [ -f "$package" ] || fail "PACKAGE=$1: there is no such file"
    say "Taking the pose networks out of $1"
fi

# The detector travels under another name inside the package.
inside() { case "$1" in pose_detection.tflite) echo package/pose_solution_packed_assets.data ;; *) echo "package/$1" ;; esac; }

tar -tzf "$package" >"$tmp/members" 2>/dev/null || fail "$package is not an npm package (a .tgz archive), or it is cut short"
while read -r sum file; do
    grep -qxF "$(inside "$file")" "$tmp/members" || fail "$package has no $(inside "$file") in it: it is not $NAME $VERSION"
    tar -xzOf "$package" "$(inside "$file")" >"$tmp/$file" || fail "$package: cannot take out $file (disk full?)"
    got=$(sha256sum <"$tmp/$file")
    got=${got%% *}
    [ "$got" = "$sum" ] ||
        fail "$file has a wrong SHA-256 sum: expected $sum, got $got. Nothing was installed; fetch the package again."
done <SHA256SUMS

while read -r sum file; do
    chmod 644 "$tmp/$file" && mv -f "$tmp/$file" "$file" || fail "cannot write $PWD/$file"
done <SHA256SUMS
say "Pose networks in place: 4 files, sums verified."
