#!/usr/bin/env bash
# Runs a command on a screen of its own (Xvfb), takes pictures of it, and stops it.
#
#   tests/support/window.sh "SECONDS..." PREFIX COMMAND...      PREFIX.1.png at the first of the times, and so on
#
# Status 0 if the command was still running when the last picture was taken, and ended within 10 s of SIGTERM.
set -u
read -ra times <<<"$1"
prefix=$2
shift 2
dir=$(mktemp -d)
pids=()
stop() { [ ${#pids[@]} -gt 0 ] && kill "${pids[@]}" 2>/dev/null; rm -rf "$dir"; }
trap stop EXIT

command -v Xvfb >/dev/null && command -v ffmpeg >/dev/null ||
    { echo "window.sh: Xvfb and ffmpeg are needed (make deps)" >&2; exit 77; }
mkfifo "$dir/number"
Xvfb -displayfd 3 -screen 0 1280x800x24 -nolisten tcp 3>"$dir/number" 2>"$dir/xvfb.log" &
pids+=($!)
read -r -t 20 number <"$dir/number" || { cat "$dir/xvfb.log" >&2; echo "window.sh: Xvfb did not start" >&2; exit 1; }

env DISPLAY=":$number" SDL_VIDEODRIVER=x11 SDL_AUDIODRIVER=dummy setsid "$@" &
command=$!
pids+=("-$command")
start=$SECONDS i=0
for t in "${times[@]}"; do
    while [ $((SECONDS - start)) -lt "$t" ]; do
        sleep 0.2
        kill -0 $command 2>/dev/null || { wait $command; echo "window.sh: the command ended by itself, status $?" >&2; exit 1; }
    done
    i=$((i + 1))
    ffmpeg -v error -y -f x11grab -video_size 1280x800 -i ":$number" -frames:v 1 "$prefix.$i.png" || exit 1
done
kill -TERM -- -$command
for ((k = 0; k < 50; k++)); do kill -0 $command 2>/dev/null || exit 0; sleep 0.2; done
echo "window.sh: the command did not end on SIGTERM" >&2
exit 1
