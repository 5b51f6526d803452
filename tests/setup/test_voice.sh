#!/usr/bin/env bash
# The coach's voice from outside: --voice, --voice-file, --language, [coach] in the configuration, no sound device.
. tests/support/tap.bash

P=$PWD/${B:-build}/plumbline
MODELS=${PL_MODELS:-models}
TABLE=$SCRATCH/table.csv
SEED=tests/fuzz/seeds/table/frames.csv
export XDG_CONFIG_HOME=$SCRATCH/config
config=$XDG_CONFIG_HOME/plumbline
mkdir -p "$config"
unset DISPLAY WAYLAND_DISPLAY

[ -x "$P" ] || { echo "Bail out! there is no $P"; exit 1; }
run() { try timeout 60 "$P" "$@"; }
refused() { [ "$status" = "$1" ] && one_sentence "$err" && says "$err" "^plumbline: .*$2"; }
json() { jq -e "$1" <<<"$out" >/dev/null; }

# --- wrong usage, bad files ---
while read -r pattern arguments; do
    # shellcheck disable=SC2086
    run $arguments
    check "usage: $arguments" refused 2 "$pattern"
done <<CASES
voice analyze --voice loud $SEED
nothing analyze --voice off --voice-file x.wav $SEED
one.recording analyze --voice-file x.wav $SEED $SEED
language analyze --language klingon $SEED
nowhere/x.ini analyze --language /nowhere/x.ini $SEED
CASES
printf 'say.start = Halt\nsay.nonsense = x\n' >"$SCRATCH/bad.ini"
run analyze --language "$SCRATCH/bad.ini" $SEED
check "language file with an unknown id: its line" refused 2 "bad.ini:2: .*say.nonsense"
cp "$SCRATCH/bad.ini" "$config/language.ini"
run analyze $SEED
check "the user's own language file is read" refused 2 "language.ini:2"
run analyze --language en --json - $SEED
check "and not with --language" equal "$status$err" 0
rm "$config/language.ini"
printf '[coach]\nvoice = shouting\n' >"$config/plumbline.ini"
run analyze $SEED
check "[coach] with a bad voice: its line" refused 2 "plumbline.ini:2: voice = shouting"
printf '[coach]\nvoice = tones\nvolume = 11\n' >"$config/plumbline.ini"
run analyze $SEED
check "[coach] with an unknown setting: its line" refused 2 "plumbline.ini:3: .*volume"
rm "$config/plumbline.ini"
run analyze --voice-file "$SCRATCH/nowhere/x.wav" $SEED
check "a sound file that cannot be written: said" refused 1 "nowhere/x.wav"

run analyze --json - $SEED
check "no voice asked for: nothing spoken, but known what there was to say" json 'has("voice") and (has("spoken") | not)'

if [ ! -r "$MODELS/pose_landmark_lite.tflite" ]; then
    skip "what is said about a clip" "no networks (make models)"
    done_testing
fi
run analyze --model lite --frames "$TABLE" samples/sls_front_both_L.mp4
check "landmarks of a sample" equal "$status$err" 0

run analyze --json - --voice-file "$SCRATCH/a.wav" "$TABLE"
check "analyze speaks into a file" equal "$status$err" 0
check "every repetition is there to be counted" json '[.voice[].count | select(.)] == [.reps[].n]'
check "the beginning" json '.voice[0].id == "say.start" and .voice[0].t_s < 1'
check "the cue in each repetition, while its fault is there" json '. as $a | [.reps[].n] | length > 0 and all(.[]; . as $n |
    any($a.faults[]; .rep == $n and . as $f | any($a.voice[]; (.id // "" | test("^(cue|advice)\\.")) and
    .t_s >= $f.start_s and .t_s <= $f.end_s)))'
check "never over itself" json '.spoken | length > 3 and ([.[1:], .[:-1]] | transpose | all(.[]; .[0].start_s >= .[1].end_s))'
check "every sentence told is spoken at its time or a little later" json '. as $a | all(.spoken[]; . as $s |
    any($a.voice[]; .t_s <= $s.start_s + 0.001 and $s.start_s - .t_s < 4))'
check "the file is as long as the clip" equal 1 "$(ffprobe -v error -show_entries format=duration -of csv=p=0 "$SCRATCH/a.wav" |
    awk '{ print ($1 > 6.8 && $1 < 12) }')"
cp "$SCRATCH/out" "$SCRATCH/en.json"
run analyze --json - --voice-file "$SCRATCH/b.wav" "$TABLE"
check "the same again: the same file, byte for byte" cmp "$SCRATCH/a.wav" "$SCRATCH/b.wav"

run analyze --language de --json - --voice-file "$SCRATCH/de.wav" "$TABLE"
check "German: spoken" json '.spoken[0].text == "Hör auf, wenn es weh tut."'
check "German: the same ids at the same times" equal "$(jq -c '[.voice[] | .t_s, .count, .id]' "$SCRATCH/out")" \
    "$(jq -c '[.voice[] | .t_s, .count, .id]' "$SCRATCH/en.json")"
printf 'say.start = Take care\n' >"$config/language.ini"
printf '[coach]\nvoice = tones\n' >"$config/plumbline.ini"
run analyze --json - --voice full "$TABLE"
check "a file of one's own; what it lacks is English" json \
    '.voice[0].text == "Take care" and any(.voice[]; .text == "Keep your belt level: lift the free side")'
check "--voice without a file: told when it would be spoken" json 'any(.spoken[]; .text == "Take care.")'
run analyze --json - --voice-file "$SCRATCH/tones.wav" "$TABLE"
check "voice = tones in the configuration" json '.spoken | length > 1 and all(.[]; .text == null)'
printf '[coach]\nlanguage = de\n' >"$config/plumbline.ini"
run analyze --json - "$TABLE"
check "language = de in the configuration" json '.voice[0].text == "Hör auf, wenn es weh tut"'
rm "$config"/*.ini

# --- devices ---
for driver in dummy nonsense; do
    try env SDL_VIDEODRIVER=dummy SDL_AUDIODRIVER=$driver timeout 60 "$P" replay --voice full --seconds 2 "$TABLE"
    if [ $driver = dummy ]; then
        check "replay with a sound device: not a word on stderr" equal "$status$err" 0
    else
        check "replay without one: goes on" equal "$status" 0
        check "and says so in one sentence" one_sentence "$err"
        check "which says what to do" says "$err" "no sound.*nonsense.*--voice off"
    fi
done
try env SDL_VIDEODRIVER=dummy SDL_AUDIODRIVER=nonsense timeout 60 "$P" replay --seconds 1 "$TABLE"
check "replay is silent unless asked: no sound device, no word" equal "$status$err" 0

run doctor
check "doctor: a line on voice" says "$out" "^ok +voice +espeak-ng"
run doctor --language de
check "doctor: of that language" says "$out" "^ok +voice +espeak-ng.*voice de"
done_testing
