#!/usr/bin/env bash
# models/fetch.sh on small stand-in networks: a right package, wrong ones, no npm, no network.
. tests/support/tap.bash

TOOLS="bash env cat sed awk grep sort head dirname mktemp rm mv mkdir chmod sleep tar gzip sha256sum"
WHERE=$SCRATCH/copy
FILES="pose_detection.tflite pose_landmark_lite.tflite pose_landmark_full.tflite pose_landmark_heavy.tflite"

# package.tgz as npm packs it, with stand-ins for the networks, and a copy of the scripts that expects just those sums
fresh_copy() {
    rm -rf "$WHERE" "${SCRATCH:?}"/{package,bin}
    mkdir -p "$WHERE/models" "$SCRATCH/package"
    cp -r .ci "$WHERE/"
    cp models/fetch.sh "$WHERE/models/"
    local file
    for file in $FILES; do echo "stand-in for $file" >"$SCRATCH/package/$file"; done
    (cd "$SCRATCH/package" && sha256sum $FILES) >"$WHERE/models/SHA256SUMS"
    mv "$SCRATCH/package/pose_detection.tflite" "$SCRATCH/package/pose_solution_packed_assets.data"
    pack
    # shellcheck disable=SC2086
    only_commands "$SCRATCH/bin" $TOOLS
    export S=$SCRATCH
}
pack() { tar -czf "$SCRATCH/package.tgz" -C "$SCRATCH" package; }
npm_that_works() {
    stub "$SCRATCH/bin" npm <<'STUB'
[ "$1" = pack ] || exit 1
echo "$2" >$S/asked
cat $S/package.tgz >mediapipe-pose.tgz
echo mediapipe-pose.tgz
STUB
}
fetch() { try env PATH="$SCRATCH/bin" bash "$WHERE/models/fetch.sh" "$@"; }
there() { (cd "$WHERE/models" && compgen -G '*.tflite' | wc -l); }
no_leftovers() { equal "$(find "$WHERE/models" -mindepth 1 | grep -cvE '/(SHA256SUMS|fetch.sh|pose_[a-z_]*\.tflite)$')" 0; }

fresh_copy
npm_that_works
fetch
check "npm: fetches four networks" equal "$status$(there)" 04
check "npm: asked for by name and version" equal "$(cat "$SCRATCH/asked")" "@mediapipe/pose@0.5.1675469404"
check "npm: says what is being fetched" says "$err" "Fetching .*@mediapipe/pose.*MB"
check "npm: the detector has its own name" says "$(cat "$WHERE/models/pose_detection.tflite")" "stand-in for pose_detection"
check "npm: readable by everyone" equal "$(stat -c %a "$WHERE/models/pose_landmark_full.tflite")" 644
check "npm: nothing left over" no_leftovers
rm "$SCRATCH/bin/npm"
fetch
check "second run: silent, without npm" equal "$status$out$err" 0

echo damage >>"$WHERE/models/pose_landmark_lite.tflite"
npm_that_works
fetch
check "a damaged file is fetched again" \
    equal "$(cat "$WHERE/models/pose_landmark_lite.tflite")" "stand-in for pose_landmark_lite.tflite"

fresh_copy
fetch "$SCRATCH/package.tgz"
check "PACKAGE: needs no npm" equal "$status$(there)" 04
fresh_copy
try env -C "$SCRATCH" PATH="$SCRATCH/bin" bash "$WHERE/models/fetch.sh" package.tgz
check "PACKAGE: a relative path is the caller's" equal "$status$(there)" 04
fresh_copy
fetch "$SCRATCH/nowhere.tgz"
check "PACKAGE missing: named, status 1" fails 1 "nowhere.tgz: there is no such file"
check "PACKAGE missing: one sentence" one_sentence "$err"
echo "not a package" >"$SCRATCH/text.tgz"
fetch "$SCRATCH/text.tgz"
check "PACKAGE is a text file: said" fails 1 "text.tgz is not an npm package"
head -c 200 "$SCRATCH/package.tgz" >"$SCRATCH/short.tgz"
fetch "$SCRATCH/short.tgz"
check "PACKAGE cut short: said" fails 1 "short.tgz is not an npm package .*or it is cut short"
mkdir "$SCRATCH/other" && echo x >"$SCRATCH/other/file" && tar -czf "$SCRATCH/other.tgz" -C "$SCRATCH" other
fetch "$SCRATCH/other.tgz"
check "PACKAGE is another package: said" fails 1 "other.tgz has no package/pose_"
check "after all these: nothing installed, nothing left over" equal "$(there)$(no_leftovers && echo clean)" 0clean

fresh_copy
echo changed >>"$SCRATCH/package/pose_landmark_heavy.tflite"
pack
npm_that_works
fetch
check "wrong sum: names the file" fails 1 "pose_landmark_heavy.tflite has a wrong SHA-256 sum"
got=$(sha256sum <"$SCRATCH/package/pose_landmark_heavy.tflite")
check "wrong sum: expected and got" says "$err" "expected [0-9a-f]{64}, got ${got%% *}"
check "wrong sum: not one file installed" equal "$(there)" 0

fresh_copy
stub "$SCRATCH/bin" npm <<<'echo "npm error code EAI_AGAIN" >&2; exit 1'
fetch
check "offline: said" fails 1 "is this machine offline"
check "offline: the way by hand" says "$err" "make models PACKAGE=file.tgz"
stub "$SCRATCH/bin" npm <<<'echo "npm error E418 teapot" >&2; exit 1'
fetch
check "another npm error: in npm's own words" fails 1 "E418 teapot"
stub "$SCRATCH/bin" npm <<<':'
fetch
check "npm that does nothing: said" fails 1 "left no package file"

fresh_copy
echo "models npm=npm" >"$WHERE/.ci/packages"
stub "$SCRATCH/bin" apt-get <<<'exit 100'
stub "$SCRATCH/bin" dpkg-query <<<'exit 1'
stub "$SCRATCH/bin" id <<<'echo 0'
fetch
check "no npm and none to be had: said" says "$status $err" "npm, which fetches the pose networks, could not be installed"
check "no npm: the way by hand" says "$err" "make models PACKAGE=file.tgz"
done_testing
