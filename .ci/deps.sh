#!/usr/bin/env bash
# Installs what is missing of the Debian packages listed in .ci/packages.
#
#   .ci/deps.sh [--check] GROUP...      --check: install nothing, only say what is missing (status 1)
#
# Quick when nothing is missing (one dpkg-query); as root or with sudo; without either, it prints the command to run.
set -u
here=$(cd "$(dirname "$0")" && pwd)

say() { printf '%s\n' "$*" >&2; }

check_only=no
if [ "${1:-}" = --check ]; then check_only=yes; shift; fi
[ $# -gt 0 ] || { say "usage: deps.sh [--check] GROUP...   (groups: see $here/packages)"; exit 2; }

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    [ $check_only = yes ] && exit 0
    say "This is not a Debian system: nothing is installed. Needed, by their Debian names (.ci/packages):"
    grep -v '^#' "$here/packages" >&2
    exit 0
fi

wanted=$(awk -v groups=" $* " '!/^#/ && index(groups, " " $1 " ") { for (i = 2; i <= NF; i++) print $i }' \
    "$here/packages" | sort -u)
[ -n "$wanted" ] || { say "deps.sh: no package in $here/packages belongs to: $*"; exit 2; }

packages=$(sed 's/=.*//' <<<"$wanted")

# The packages that are wanted and not there, on one line.
list_missing() {
    local entry package installed
    # shellcheck disable=SC2086  # one word per package
    installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $packages 2>/dev/null | sed -n 's/^installed //p')
    for entry in $wanted; do
        package=${entry%%=*}
        case "$entry" in *=*) command -v "${entry#*=}" >/dev/null && continue ;; esac
        grep -qxF "$package" <<<"$installed" || printf '%s ' "$package"
    done
}

missing=$(list_missing)
missing=${missing% }
[ -n "$missing" ] || exit 0

if [ $check_only = yes ]; then
    say "Missing Debian packages: $missing"
    exit 1
fi

by_hand="apt-get install --no-install-recommends $missing"
root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        say "Missing Debian packages: $missing"
        say "This needs root, and there is no sudo here. Run as root, then try again:  $by_hand"
        exit 1
    fi
    root=(sudo)
    [ -t 0 ] || root=(sudo -n) # nobody is there to type a password
    if ! "${root[@]}" true; then
        say "Missing Debian packages: $missing"
        say "sudo was refused. Run this, then try again:  sudo $by_hand"
        exit 1
    fi
fi

apt() {
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=1 "$@" </dev/null
}
has_lists() { compgen -G "${PL_APT_LISTS:-/var/lib/apt/lists}/*_Packages*" >/dev/null; }

say "Installing: $missing"
updated=no
if ! has_lists; then
    say "Fetching Debian's package lists first."
    apt -q update
    updated=yes
fi
# shellcheck disable=SC2086
if ! apt -q install --no-install-recommends $missing; then
    if [ $updated = no ]; then # lists that are months old name packages that are gone
        say "That failed; fetching fresh package lists and trying once more."
        # shellcheck disable=SC2086
        apt -q update && apt -q install --no-install-recommends $missing
    fi
fi

missing=$(list_missing)
missing=${missing% }
[ -z "$missing" ] && exit 0
say ""
say "Still missing: $missing"
say "apt-get could not install them: its own words are above. If this machine is offline, connect it and try again, or run:"
say "  sudo apt-get update && sudo apt-get install --no-install-recommends $missing"
exit 1
