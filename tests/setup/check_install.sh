#!/usr/bin/env bash
# `make install` into a folder: what is there, that it runs from there, that `make uninstall` leaves nothing. Prints TAP.
. tests/support/tap.bash
root=$SCRATCH/root

try make install DESTDIR="$root" PREFIX=/usr
check "installs" equal "$status" 0
for file in bin/plumbline lib/plumbline/plumbline-opencv.so share/plumbline/models/pose_landmark_full.tflite \
    share/plumbline/models/pose_detection.tflite share/plumbline/models/leg_head_full.bin \
    share/plumbline/calibration/chessboard.svg share/man/man1/plumbline.1; do
    check "has $file" [ -s "$root/usr/$file" ]
done
sample=$(compgen -G "$root/usr/share/plumbline/samples/*.mp4" | head -n 1)
check "has a sample" [ -n "$sample" ]

cd "$SCRATCH" || exit 1 # nothing of the source tree in reach
try "$root/usr/bin/plumbline" --version
check "the installed program starts" says "$out" "^plumbline [0-9]"
try "$root/usr/bin/plumbline" analyze --model lite --json - "$sample"
check "it finds its networks and reads its sample" says "$status $out" '^0 .*"schema": ?"plumbline.analysis/1"'
cd "$OLDPWD" || exit 1

try make uninstall DESTDIR="$root" PREFIX=/usr
check "uninstall leaves no file" equal "$(find "$root" -type f)" ""
done_testing
