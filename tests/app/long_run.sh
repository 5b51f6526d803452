#!/usr/bin/env bash
# Minutes of `plumbline live` in a window, from a camera that is not there (stand_in.c) at 1280x720, 30 fps: each minute the
# memory, what the camera made, what was measured, and the load of the machine beside it.
#
#   tests/app/long_run.sh [MINUTES] [plumbline's options]     default: 20 --model full
#
# Status 1 if the memory has grown by more than 2 MB after the first two minutes. Whether no frame is dropped depends on what
# else the machine does: it is said, not judged. Not part of `make test`.
cd "$(dirname "$0")/../.." || exit 1
. tests/support/tap.bash
. tests/app/stand_in.bash
minutes=${1:-20}
shift
[ $# -gt 0 ] || set -- --model full
for command in Xvfb xdotool ffmpeg; do
    command -v "$command" >/dev/null || { echo "long_run.sh: not run: $command is missing"; exit 77; }
done

plug 0 "Stand-in Camera" "${SAMPLE:-sls_front_good_L}" 1280 720 30 MJPEG || exit 1
start_screen 1280 720 || exit 1
start_program live --voice full --frames "$SCRATCH/frames" "$@" || { cat "$SCRATCH/said"; exit 1; }
rss() { awk '/^VmRSS/ { print $2 }' "/proc/$PROGRAM/status"; }
first=0 worst=0
printf '%6s %9s %8s %9s %8s %10s %8s  %s\n' minute RSS_kB made measured dropped no_buffer late_ms load
for ((m = 1; m <= minutes; m++)); do
    sleep 60
    kill -0 "$PROGRAM" 2>/dev/null || { cat "$SCRATCH/said"; echo "it ended in minute $m"; exit 1; }
    now=$(rss) made=$(counted 0 made) rows=$(($(wc -l <"$SCRATCH/frames") - 1))
    printf '%6d %9d %8d %9d %8d %10d %8d  %s\n' "$m" "$now" "$made" "$rows" $((made - rows)) "$(counted 0 no_buffer)" \
        "$(counted 0 late_ms)" "$(cut -d ' ' -f 1-3 /proc/loadavg)"
    [ "$m" -eq 2 ] && first=$now
    [ "$m" -gt 2 ] && [ $((now - first)) -gt "$worst" ] && worst=$((now - first))
done
key q
ended || { echo "it did not end on q"; exit 1; }
cat "$SCRATCH/said"
echo "status $status; memory grew by at most $worst kB after the second minute"
[ "$status" -eq 0 ] && [ "$worst" -le 2048 ]
