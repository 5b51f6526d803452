#!/bin/sh
# render.sh [NAME...]: render specs/NAME.json (default: all of them) to ../NAME.mp4, .csv and .json
# Needs blender (3.4, Cycles), ffmpeg, and a python3 with numpy, opencv and pillow (PYTHON=...). About 1 s a frame on two cores.
set -e
here=$(cd "$(dirname "$0")" && pwd)
work=${WORK:-$here/work}
python=${PYTHON:-/usr/bin/python3}
export PYTHONDONTWRITEBYTECODE=1

[ $# -gt 0 ] || set -- $(cd "$here/specs" && ls | sed 's/\.json$//')
[ -f "$work/textures/books.png" ] || "$python" "$here/textures.py" "$work/textures"
for name in "$@"; do
    [ -f "$here/specs/$name.json" ] || { echo "render.sh: there is no specs/$name.json" >&2; exit 1; }
    echo "$name"
    mkdir -p "$work/$name"
    blender -b --factory-startup --python-exit-code 1 -P "$here/scene.py" -- "$here/specs/$name.json" "$work/$name" "$work/textures" >"$work/$name/log.txt" 2>&1 ||
        { tail -n 5 "$work/$name/log.txt" >&2; exit 1; }
    "$python" "$here/compose.py" "$work/$name" "$work/$name/$name.mp4"
    cp "$work/$name/$name.mp4" "$here/../$name.mp4"
    cp "$work/$name/truth.csv" "$here/../$name.csv"
    cp "$work/$name/truth.json" "$here/../$name.json"
done
