# For scripts that drive the real program: a screen of its own, keys and mouse, pictures, and the camera that is not there
# (stand_in.c).   . tests/app/stand_in.bash     after tests/support/tap.bash
STAND_IN=$PWD/${B:-build}/tests/app/stand_in.so
export PL_STAND_IN=$SCRATCH/cameras
MEDIA=$SCRATCH/media
SCREEN='' PROGRAM='' WINDOW='' FILM=''
PATIENCE=${PATIENCE:-60} # seconds until something that does not show has failed: only failures take them
mkdir -p "$PL_STAND_IN" "$MEDIA"
screen_pids=()
# a program with the address sanitizer takes a library before its own only when told to
export IN_ASAN=ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0
end_all() {
    [ -n "$PROGRAM" ] && kill "$PROGRAM" 2>/dev/null && wait "$PROGRAM" 2>/dev/null
    [ ${#screen_pids[@]} -gt 0 ] && kill "${screen_pids[@]}" 2>/dev/null
    rm -rf "$SCRATCH"
}
trap end_all EXIT

# window_lacks [COMMAND...]: says in $out what a test of the window, and these commands, lack here; fails if it is all there. Then
# the settings are nobody's.
window_lacks() {
    for out in Xvfb xdotool tesseract ffmpeg "$@"; do
        command -v "$out" >/dev/null || { out="$out is missing (make deps)"; return 0; }
    done
    [ -r "${PL_MODELS:-models}/pose_landmark_lite.tflite" ] || { out="no networks (make models)"; return 0; }
    [ -r "$STAND_IN" ] || { echo "Bail out! there is no $STAND_IN"; exit 1; }
    export XDG_CONFIG_HOME=$SCRATCH/config XDG_DATA_HOME=$SCRATCH/data
    return 1
}

# A clip for the camera: SAMPLE WIDTH HEIGHT FPS FORMAT -> its path. The sample's picture keeps its shape, beside it is black.
# FILTER: more of ffmpeg's filters, "eq=brightness=-0.4"
clip() {
    local file=$MEDIA/$1.$2x$3.$4.$5${FILTER:+.${FILTER//[^a-z0-9]/}} scale
    scale="fps=$4,scale=$2:$3:force_original_aspect_ratio=decrease,pad=$2:$3:(ow-iw)/2:(oh-ih)/2${FILTER:+,$FILTER}"
    if [ ! -s "$file" ]; then
        case $5 in
        MJPEG) set -- "$1" -c:v mjpeg -q:v 4 -pix_fmt yuvj422p -f mjpeg ;;
        YUYV) set -- "$1" -f rawvideo -pix_fmt yuyv422 ;;
        NV12) set -- "$1" -f rawvideo -pix_fmt nv12 ;;
        esac
        ffmpeg -v error -y ${SECONDS_OF:+-t "$SECONDS_OF"} -i "samples/$1.mp4" -vf "$scale" "${@:2}" "$file" </dev/null || return
    fi
    echo "$file"
}

# plug NUMBER NAME [SAMPLE WIDTH HEIGHT FPS FORMAT]...: all at once, as a cable does; without modes it is a node for metadata
plug() {
    local number=$1 name=$2 at
    at=$(mktemp -d "$SCRATCH/plug.XXXXXX")
    shift 2
    echo "$name" >"$at/name"
    while [ $# -ge 5 ]; do
        echo "$5 $2 $3 $4 $(clip "$1" "$2" "$3" "$4" "$5")" >>"$at/modes"
        shift 5
    done
    mv "$at" "$PL_STAND_IN/video$number"
}
# Somebody who stands still (that sample does for half a second): [NUMBER [NAME [WIDTH HEIGHT FPS FORMAT]]]
person() { SECONDS_OF=0.5 plug "${1:-0}" "${2:-Stand-in Camera}" sls_front_both_L "${3:-640}" "${4:-480}" "${5:-30}" "${6:-YUYV}"; }
unplug() { mv "$PL_STAND_IN/video${1:-0}" "$SCRATCH/unplugged${1:-0}"; }
plug_again() { mv "$SCRATCH/unplugged${1:-0}" "$PL_STAND_IN/video${2:-${1:-0}}"; } # [NUMBER [AS]]
no_cameras() { rm -rf "$PL_STAND_IN"/video*; }
camera() { echo "$2" >"$PL_STAND_IN/video$1/state"; }    # NUMBER STATE
fault() { # NUMBER "error 3": whole at once
    echo "$2" >"$SCRATCH/fault" && mv "$SCRATCH/fault" "$PL_STAND_IN/video$1/fault"
}
counted() { awk -v name="$2" '$1 == name { print $2 }' "$PL_STAND_IN/video$1/counts" 2>/dev/null; } # NUMBER NAME

# ---- a screen

start_screen() { # WIDTH HEIGHT
    local number
    mkfifo "$SCRATCH/number"
    Xvfb -displayfd 3 -screen 0 "${1}x${2}x24" -nolisten tcp 3>"$SCRATCH/number" 2>"$SCRATCH/xvfb.log" &
    screen_pids+=($!)
    read -r -t 20 number <"$SCRATCH/number" || return 1
    SCREEN=:$number SCREEN_SIZE=${1}x$2
    export DISPLAY=$SCREEN
}

# A window manager: without one nothing becomes full screen.
start_manager() { # COMMAND
    HOME=$SCRATCH "$1" >/dev/null 2>&1 &
    screen_pids+=($!)
    sleep 0.5
}

# start_program ARGUMENTS...: the real one, with the cameras that are plugged in; what it prints is in $SCRATCH/said
start_program() {
    # -u: a run of tests says "dummy"
    env -u SDL_VIDEODRIVER SDL_AUDIODRIVER=dummy LD_PRELOAD="$STAND_IN" "$IN_ASAN" \
        "$PWD/${B:-build}/plumbline" "$@" >"$SCRATCH/printed" 2>"$SCRATCH/said" </dev/null &
    PROGRAM=$!
    find_window || return 1
    sleep 0.5
    find_window # SDL tries one that it throws away
    xdotool windowfocus "$WINDOW" 2>/dev/null # there is no window manager to do it
}
find_window() {
    local end=$((SECONDS + PATIENCE))
    while [ $SECONDS -lt $end ]; do
        kill -0 $PROGRAM 2>/dev/null || return 1
        WINDOW=$(xdotool search --name '^plumbline$' 2>/dev/null | tail -n 1)
        [ -n "$WINDOW" ] && return
        sleep 0.1
    done
    return 1
}
# shellcheck disable=SC2034
ended() { # waits until the program ends by itself; its status is in $status
    local end=$((SECONDS + PATIENCE))
    while [ $SECONDS -lt $end ]; do
        kill -0 "$PROGRAM" 2>/dev/null || { wait "$PROGRAM"; status=$?; PROGRAM=; return 0; }
        sleep 0.1
    done
    return 1
}
stop_program() { [ -z "$PROGRAM" ] || { kill "$PROGRAM" 2>/dev/null; wait "$PROGRAM" 2>/dev/null; PROGRAM=; }; }
key() { local k; for k; do xdotool key --delay 40 "$k"; sleep "${PAUSE:-0.3}"; done; }
click() { xdotool mousemove "$1" "$2" click 1; sleep "${PAUSE:-0.3}"; } # of the screen, pixels
shot() { ffmpeg -v error -y -f x11grab -video_size "$SCREEN_SIZE" -i "$SCREEN" -frames:v 1 "$1" </dev/null; }

# Where the window is on the screen: X Y W H
geometry() {
    xdotool getwindowgeometry --shell "$WINDOW" |
        awk -F= '{ v[$1] = $2 } END { print v["X"], v["Y"], v["WIDTH"], v["HEIGHT"] }'
}
# A part of the window, in hundredths of its width and height -> W:H:X:Y of the screen
part() { geometry | awk -v x="$1" -v y="$2" -v w="$3" -v h="$4" '{ printf "%d:%d:%d:%d", $3 * w / 100, $4 * h / 100,
    $1 + $3 * x / 100, $2 + $4 * y / 100 }'; }
point() { click "$(geometry | awk -v x="$1" '{ print int($1 + $3 * x / 100) }')" \
    "$(geometry | awk -v y="$2" '{ print int($2 + $4 * y / 100) }')"; } # clicks there, in hundredths of the window
# Mean brightness of a part, 0..255
brightness() { # PNG [W:H:X:Y]
    greys "$1" "${2:+crop=$2,}scale=1:1:flags=area" | tr -d ' '
}
# How different two pictures are, in greys per pixel of a small copy. MORE: of ffmpeg's filters, for the first
difference() { # PNG PNG W:H:X:Y [MORE]
    paste <(greys "$1" "crop=$3,scale=64:48:flags=area${4:+,$4}") <(greys "$2" "crop=$3,scale=64:48:flags=area") |
        awk '{ d = $1 - $2; sum += d < 0 ? -d : d } END { printf "%.1f", sum / NR }'
}
greys() { ffmpeg -v error -i "$1" -vf "$2" -f rawvideo -pix_fmt gray - </dev/null | od -An -v -tu1 -w1; } # PNG FILTERS
eventually() { # COMMAND...: until it succeeds; a busy machine draws later
    local end=$((SECONDS + PATIENCE))
    while :; do
        "$@" && return
        [ $SECONDS -lt $end ] || return 1
        sleep 0.1
    done
}
above() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a != "" && b != "" && a + 0 > b + 0) }'; }

# What can be read on a picture, in one line. PSM: tesseract's way of looking (6 lines, 7 one line, 11 words here and there)
read_text() { OMP_THREAD_LIMIT=1 tesseract "$1" - --psm "${2:-11}" 2>/dev/null | tr -s '\n\f ' ' '; } # PNG [PSM]
# Until the screen shows the words: sees PATTERN [W:H:X:Y [PSM]]; the last picture is $SCRATCH/seen.png, its words are in $out
sees() {
    local w h x y end=$((SECONDS + PATIENCE))
    IFS=: read -r w h x y <<<"${2:-${SCREEN_SIZE/x/:}:0:0}"
    while :; do
        ffmpeg -v error -y -f x11grab -video_size "${w}x$h" -i "$SCREEN+$x,$y" -frames:v 1 "$SCRATCH/seen.png" </dev/null
        out=$(read_text "$SCRATCH/seen.png" "${3:-}")
        says "$out" "$1" && return
        [ $SECONDS -lt $end ] || return 1
    done
}

# For what stands there for a moment only: film PART, then what makes it show, then filmed PATTERN [PSM]
film() {
    local w h x y
    rm -f "$SCRATCH"/film*.png
    IFS=: read -r w h x y <<<"$1"
    ffmpeg -v error -y -f x11grab -framerate 4 -video_size "${w}x$h" -i "$SCREEN+$x,$y" -t 8 "$SCRATCH/film%02d.png" </dev/null &
    FILM=$!
    eventually [ -e "$SCRATCH/film01.png" ]
}
filmed() {
    local i png next status=1
    for ((i = 1; i <= 32; i++)); do
        png=$(printf '%s/film%02d.png' "$SCRATCH" "$i") next=$(printf '%s/film%02d.png' "$SCRATCH" $((i + 1)))
        while [ ! -e "$next" ] && kill -0 "$FILM" 2>/dev/null; do sleep 0.1; done # until this one is whole
        [ -e "$png" ] || break
        out=$(read_text "$png" "${2:-}")
        says "$out" "$1" && { status=0; break; }
    done
    kill "$FILM" 2>/dev/null
    wait "$FILM" 2>/dev/null
    return $status
}

# Until what the program says on standard error has it
said() { says "$(cat "$SCRATCH/said")" "$1"; }
prints() { PATIENCE=90 eventually said "$1"; } # PATTERN
near() { # A B TOLERANCE
    awk -v a="$1" -v b="$2" -v t="$3" 'BEGIN { exit !(a != "" && a - b <= t && b - a <= t) }' ||
        { echo "# $1 is not near $2"; return 1; }
}
