#!/usr/bin/env bash
# What a machine may lack, one thing at a time, against each command: it ends or goes on, with the right status, in one clear
# sentence. A table; the camera is one that is not there (stand_in.c).
. tests/support/tap.bash
P=$PWD/${B:-build}/plumbline MODELS=$PWD/${PL_MODELS:-models} STAND_IN=$PWD/${B:-build}/tests/app/stand_in.so
SEED=$PWD/tests/fuzz/seeds/table/frames.csv
export PL_STAND_IN=$SCRATCH/cameras XDG_CONFIG_HOME=$SCRATCH/config XDG_DATA_HOME=$SCRATCH/data
IN_ASAN=ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 # which else wants to be the first library
unset DISPLAY WAYLAND_DISPLAY
mkdir -p "$PL_STAND_IN/video0" "$SCRATCH/none"
ffmpeg -v error -y -t 1.2 -i samples/sls_front_both_L.mp4 -f rawvideo -pix_fmt yuyv422 "$SCRATCH/clip" </dev/null
echo "Stand-in Camera" >"$PL_STAND_IN/video0/name"
echo "YUYV 640 480 15 $SCRATCH/clip" >"$PL_STAND_IN/video0/modes"

# A folder with nearly no room, one that cannot be written, no fonts: in a name space of mounts, which not everybody may have.
may_mount=no
unshare -m true 2>/dev/null && may_mount=yes
mounted() { unshare -m sh -c "$1"' && shift && exec "$@"' sh "$@"; }

# lack_X COMMAND...: without X
export SDL_VIDEODRIVER=dummy SDL_AUDIODRIVER=dummy
lack_nothing() { "$@"; }
lack_camera() { env PL_STAND_IN="$SCRATCH/none" "$@"; }
lack_permission() {
    local s
    echo forbidden >"$PL_STAND_IN/video0/state"
    "$@"
    s=$?
    rm "$PL_STAND_IN/video0/state"
    return $s
}
lack_display() { env -u SDL_VIDEODRIVER "$@"; }
lack_sound() { env SDL_AUDIODRIVER=nonsense "$@"; }
lack_speech() { env ESPEAK_DATA_PATH="$SCRATCH/none" "$@"; }
lack_models() { "$@" --models-dir "$SCRATCH/none"; }
lack_fonts() { mounted 'mount -t tmpfs none /usr/share/fonts' "$@"; }
lack_home() {
    mounted "mount -t tmpfs -o ro none '$SCRATCH/none'" env -u XDG_CONFIG_HOME -u XDG_DATA_HOME HOME="$SCRATCH/none" "$@"
}
lack_room() { mounted "mount -t tmpfs -o size=4k none '$SCRATCH/none' && echo full >'$SCRATCH/none/x'" "$@"; }

no_complaint='^Error processing file .*/phontab|^Failed to create secure directory|^plumbline [0-9.]+, |^[0-9]+ pictures measured'
no_complaint+='|^also there|^samples/|^stood still|ms/frame|^[a-z]+ +[0-9]+ +[0-9.]+ |of CPU time a frame$'

# What it takes | the command | status | what it says on stderr ("-": not a word)
#   LIVE: live, two seconds of the small network; OUT: the folder without room
while IFS='|' read -r lack command status_wanted pattern; do
    lack=${lack// /} command=$(xargs <<<"$command") pattern=${pattern# } status_wanted=${status_wanted// /}
    case $lack in
    fonts | home | room) [ $may_mount = yes ] || { skip "no $lack: $command" "no mount name space"; continue; } ;;
    esac
    case $command in
    *LIVE* | *samples/* | live* | "")
        [ -r "$MODELS/pose_landmark_lite.tflite" ] || { skip "no $lack: $command" "no networks (make models)"; continue; } ;;
    esac
    words=${command//LIVE/live --seconds 1.5 --model lite --threads 1}
    words=${words//OUT/$SCRATCH/none}
    words=${words//SEED/$SEED}
    # shellcheck disable=SC2086
    try "lack_$lack" env LD_PRELOAD="$STAND_IN" "$IN_ASAN" \
        timeout 60 "$P" $words
    # without the words of libraries below espeak-ng, whose thread cannot be silenced without silencing the others, and without
    # what is no complaint: the first and last line, the progress of a calibration, the table of times
    said=$(grep -vE "$no_complaint" <<<"$err")
    check "no $lack: $command: status $status_wanted" equal "$status" "$status_wanted"
    if [ "$pattern" = - ]; then
        check "no $lack: $command: not a word" equal "$said" ""
    else
        check "no $lack: $command: one sentence" one_sentence "$said"
        check "no $lack: $command: says $pattern" says "$said" "$pattern"
    fi
done <<'TABLE'
nothing    | LIVE --no-window --voice off                | 0 | -
nothing    | LIVE                                        | 0 | -
camera     | live                                        | 1 | no camera found: connect one
camera     | live --no-window                            | 1 | no camera found: connect one
camera     | calibrate body --height-m 1.71             | 1 | no camera found: connect one
camera     | --seconds 1 --voice off                     | 0 | no camera found.*playing the recorded sample
permission | live                                        | 1 | may not be used by you.*join the group "video"
permission | --seconds 1 --voice off                     | 0 | may not be used by you.*playing the recorded sample
sound      | LIVE                                        | 0 | no sound.*--voice off
sound      | LIVE --voice off                            | 0 | -
sound      | replay --voice full --seconds 1 SEED        | 0 | no sound.*--voice off
speech     | LIVE                                        | 0 | espeak
models     | live                                        | 1 | pose_landmark_full.tflite.*make models
models     | analyze samples/sls_front_both_L.mp4        | 1 | pose_landmark_full.tflite.*make models
models     | analyze SEED                                | 0 | -
fonts      | LIVE                                        | 1 | no font.*install the package
fonts      | LIVE --no-window --voice off                | 0 | -
fonts      | replay --seconds 1 SEED                     | 1 | no font.*install the package
home       | LIVE                                        | 0 | -
home       | replay --seconds 1 SEED                     | 0 | -
home       | calibrate body --height-m 1.71 samples/sls_front_good_L.mp4 | 1 | the folder cannot be made: Read-only
room       | analyze --json OUT/x.json SEED              | 1 | the analysis could not be written: is the disk full
room       | analyze --frames OUT/x.csv SEED             | 1 | x.csv.*disk full
room       | analyze --trace OUT/x.csv SEED              | 1 | x.csv.*disk full
room       | analyze --voice-file OUT/x.wav SEED         | 1 | x.wav.*disk full
room       | analyze --overlay OUT/x.mp4 SEED            | 1 | x.mp4.*disk full
room       | LIVE --no-window --voice off --json OUT/x.json | 1 | the analysis could not be written: is the disk full
room       | LIVE --no-window --voice off --frames OUT/x.csv | 1 | x.csv.*disk full
room       | calibrate body --height-m 1.71 --result OUT/x.ini samples/sls_front_good_L.mp4 | 1 | x.ini.*: No space left
TABLE

# No display at all: neither a name of one nor the driver that shows nothing.
for command in "live" "replay $SEED"; do
    # shellcheck disable=SC2086
    try env -u SDL_VIDEODRIVER LD_PRELOAD="$STAND_IN" "$IN_ASAN" timeout 60 "$P" $command
    check "no display: ${command%% *}: status 1, one sentence, what to do" eval \
        '[ "$status" = 1 ] && one_sentence "$err" && says "$err" "no display.*(analyze|desktop)"'
done

# doctor names each of these, and what to do
while IFS='|' read -r lack pattern; do
    lack=${lack// /} pattern=${pattern# }
    case $lack in fonts | home) [ $may_mount = yes ] || { skip "doctor: no $lack" "no mount name space"; continue; } ;; esac
    try "lack_$lack" env LD_PRELOAD="$STAND_IN" "$IN_ASAN" timeout 60 "$P" doctor
    check "doctor, no $lack: $pattern" says "$out" "^$pattern"
    [ "$lack" = nothing ] || check "doctor, no $lack: status 1" equal "$status" 1
done <<'DOCTOR'
nothing    | ok +camera +/dev/video0 Stand-in Camera: YUYV 640x480@15
nothing    | ok +cpu +[a-z0-9]+, [0-9]+ cores
nothing    | ok +fonts +.*\.ttf
nothing    | ok +data +
camera     | PROBLEM +camera +none found: connect one
permission | PROBLEM +camera +/dev/video0 .*join the group "video"
sound      | PROBLEM +sound +
speech     | PROBLEM +voice +.*espeak
models     | PROBLEM +model +.*pose_landmark_full.*make models
fonts      | PROBLEM +fonts +.*install the package
home       | PROBLEM +data +.*(read-only|Read-only)
display    | PROBLEM +display +none.*desktop session
DOCTOR

# `make models`, which `make run` begins with, on a machine without network: a copy of the folder without the networks
if command -v npm >/dev/null && unshare -n true 2>/dev/null; then
    mkdir -p "$SCRATCH/tree" && cp -r .ci "$SCRATCH/tree" && mkdir "$SCRATCH/tree/models" &&
        cp models/fetch.sh models/SHA256SUMS "$SCRATCH/tree/models"
    try env npm_config_cache="$SCRATCH/npm" timeout 120 unshare -n "$SCRATCH/tree/models/fetch.sh"
    check "no network: the networks cannot be fetched: status 1" equal "$status" 1
    check "no network: says so, and the way by hand" says "$err" "offline.*make models PACKAGE"
else
    skip "no network" "no npm, or no network name space"
fi
done_testing
