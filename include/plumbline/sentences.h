/* Every sentence that is said or shown, by id: what speech.h and coach.h decide on, language.h puts into words.
 *
 * how:  reasons, faults, advices, partial repetitions and names of measures come from their own lists, so that a new row there has
 *       a sentence here without a change; the rest stands in the lists below
 * ids:  "reason.face_camera", "cue.knee_collapse", "advice.knee_collapse", "measure.fppa_deg", "say.start" ...
 * text: each %d is the place of a whole number, in that order in every language (pl_language_write)
 */
#ifndef PLUMBLINE_SENTENCES_H
#define PLUMBLINE_SENTENCES_H

#include "plumbline/exercise.h"
#include "plumbline/measures.h"
#include "plumbline/pose.h"

/* name, id, English */
#define PL_SENTENCES_OWN(X) \
    X(START, "say.start", "Stop if it hurts") \
    X(FOLLOWING, "say.following", "I am following the person with the lines drawn on") \
    X(MENDED, "say.mended", "Better. Keep it like that") \
    X(STOP_POOR, "say.stop_poor", "Rest, or make it smaller") \
    X(STOP_WOBBLE, "say.stop_wobble", "Your knee wobbles more and more. Rest, or make it smaller") \
    X(STOP_KNEE, "say.stop_knee", "Your knee drifts in more and more. Rest, or make it smaller") \
    X(STOP_HIP, "say.stop_hip", "Your hip drops more and more. Rest, or make it smaller") \
    X(PHASE_READY, "phase.ready", "Ready") \
    X(PHASE_START, "phase.start", "Start when you like") \
    X(PHASE_STAND, "phase.stand", "Standing") \
    X(PHASE_DOWN, "phase.down", "Down") \
    X(PHASE_BOTTOM, "phase.bottom", "Bottom") \
    X(PHASE_UP, "phase.up", "Up") \
    X(NOT_MEASURED, "screen.not_measured", "Not measured") \
    X(NOT_COUNTED, "screen.not_counted", "Not counted")

/* What the coach says. */
#define PL_SENTENCES_COACH(X) \
    X(STEP_IN, "coach.step_in", "Step into the picture") \
    X(SHOW_LEGS, "coach.show_legs", "Step back: I can't see your legs") \
    X(SHOW_HEAD, "coach.show_head", "Step back, or tilt the screen up: I can't see your head") \
    X(SHOW_FEET, "coach.show_feet", "Step back, or tilt the screen down: I can't see your feet") \
    X(CLOSER, "coach.closer", "Come closer") \
    X(FURTHER, "coach.further", "Step back a little") \
    X(GO_LEFT, "coach.go_left", "Step to your left") \
    X(GO_RIGHT, "coach.go_right", "Step to your right") \
    X(GO_MIDDLE, "coach.go_middle", "Come to the middle of the picture") \
    X(FACE_ME, "coach.face_me", "Face the camera") \
    X(SIDE_ON, "coach.side_on", "Turn side-on to the camera") \
    X(FACE_OR_SIDE, "coach.face_or_side", "Face the camera, or turn side-on") \
    X(HANDS, "coach.hands", "Put your hands on your hips") \
    X(DARK, "coach.dark", "More light: the picture is dark") \
    X(GLARE, "coach.glare", "Too bright: no window or lamp behind you") \
    X(NOISY, "coach.noisy", "More light: the picture is grainy") \
    X(SLOW_DARK, "coach.slow_dark", "%d fps: more light") \
    X(SLOW, "coach.slow", "%d fps: more light, or close other programs") \
    X(LENS_HIGH, "coach.lens_high", "The camera is high: put the laptop on a chair") \
    X(LENS_LOW, "coach.lens_low", "The camera is low: put the laptop on a chair") \
    X(LOOKS_DOWN, "coach.looks_down", "The camera looks down: set it lower, the screen upright") \
    X(LOOKS_UP, "coach.looks_up", "The camera looks up: set it higher, the screen upright") \
    X(LEVEL, "coach.level", "The picture leans: set the laptop level") \
    X(ONE_PERSON, "coach.one_person", "Two people: I follow the one with the lines") \
    X(CHOOSE, "coach.choose", "Point at your exercise") \
    X(CHOOSE_LEG, "coach.choose_leg", "Point at the leg") \
    X(COUNT, "coach.count", "%d") \
    X(BEGIN_OR_CHOOSE, "coach.begin_or_choose", "Start when you like, or raise a hand to choose") \
    X(PAUSED, "coach.paused", "Paused. Raise a hand to go on") \
    X(GO_ON, "coach.go_on", "Go on") \
    X(GONE, "coach.gone", "I can't see you. I'll wait") \
    X(BACK_AGAIN, "coach.back_again", "There you are. Go on") \
    X(NOW_LEFT, "coach.now_left", "Now the left leg") \
    X(NOW_RIGHT, "coach.now_right", "Now the right leg") \
    X(REST, "coach.rest", "Set done. Rest") \
    X(HAND_ENDS_REST, "coach.hand_ends_rest", "Raise a hand to go on sooner") \
    X(TEN_LEFT, "coach.ten_left", "Ten seconds") \
    X(NEXT_SET, "coach.next_set", "Next set") \
    X(HOLD_HALF, "coach.hold_half", "Half time") \
    X(HOLD_END, "coach.hold_end", "Time. Foot down") \
    X(HOLD_AGAIN, "coach.hold_again", "Too soon. Hold it once more") \
    X(ALL_DONE, "coach.all_done", "All done. Well done")

/* Why there are no pictures, and what to do: a card over the whole window, below the camera's name. */
#define PL_SENTENCES_CAMERA(X) \
    X(CAMERA_GONE, "camera.gone", "The camera was unplugged: plug it in again") \
    X(CAMERA_BUSY, "camera.busy", "The camera is in use by another program: close that program") \
    X(CAMERA_DENIED, "camera.denied", "You may not use the camera: join the group \"video\", then log in again") \
    X(CAMERA_STALLED, "camera.stalled", "The camera sends no pictures. I try again, or plug it in anew") \
    X(CAMERA_FAILED, "camera.failed", "The camera does not work: unplug it and plug it in again") \
    X(REPS_KEPT, "camera.reps_kept", "%d repetitions counted: kept") \
    X(ONE_REP_KEPT, "camera.one_rep_kept", "1 repetition counted: kept")

/* What leads through a calibration: titles, steps, and views of the chessboard in the order of enum pl_board_wish. Left and right
 * are the person's, who holds the board in front of a mirrored picture. */
#define PL_SENTENCES_CALIBRATION(X) \
    X(CALIBRATE_CAMERA, "calibrate.camera", "Camera") \
    X(CALIBRATE_ROOM, "calibrate.room", "Room") \
    X(CALIBRATE_BODY, "calibrate.body", "Body") \
    X(CALIBRATE_TOE, "calibrate.toe", "Knee to the wall") \
    X(STAND_FACING, "calibrate.stand_facing", "Face the camera and stand still on both feet") \
    X(STAND_SIDE, "calibrate.stand_side", "Good. Now turn side-on and stand still") \
    X(STAND_ROOM, "calibrate.stand_room", "Stand upright and still, on both feet") \
    X(TOE_WALL, "calibrate.toe_wall", "Stand side-on to the camera, toes at a wall") \
    X(TOE_TOUCH, "calibrate.toe_touch", "Toes and knee to the wall, heel down, hold it") \
    X(TOE_BACK, "calibrate.toe_back", "Good. Knee back again") \
    X(TOE_OTHER, "calibrate.toe_other", "Turn round: the same with the other knee") \
    X(BOARD_SHOW, "calibrate.board_show", "Hold the whole board into the picture") \
    X(BOARD_STILL, "calibrate.board_still", "Hold the board still") \
    X(BOARD_UP_RIGHT, "calibrate.board_up_right", "Board up and to your right, into the corner") \
    X(BOARD_UP_LEFT, "calibrate.board_up_left", "Board up and to your left, into the corner") \
    X(BOARD_DOWN_RIGHT, "calibrate.board_down_right", "Board down and to your right, into the corner") \
    X(BOARD_DOWN_LEFT, "calibrate.board_down_left", "Board down and to your left, into the corner") \
    X(BOARD_TURN_LEFT, "calibrate.board_turn_left", "Pull the board's edge on your left towards you") \
    X(BOARD_TURN_RIGHT, "calibrate.board_turn_right", "Pull the board's edge on your right towards you") \
    X(BOARD_TILT_LOWER, "calibrate.board_tilt_lower", "Pull the board's lower edge towards you") \
    X(BOARD_TILT_UPPER, "calibrate.board_tilt_upper", "Pull the board's upper edge towards you") \
    X(BOARD_VARY, "calibrate.board_vary", "Board nearer, farther, turned in the picture") \
    X(CALIBRATED, "calibrate.done", "Done. It is saved") \
    X(NOT_CALIBRATED, "calibrate.failed", "That did not work. Please start again")

/* The coach's set-up guide, most important first: a word each for the list on the screen. */
#define PL_CHECKS(X) \
    X(PERSON, "person", "In the picture") X(BODY, "body", "Whole body") X(FEET, "feet", "Feet") \
    X(DISTANCE, "distance", "Distance") X(CENTRED, "centred", "In the middle") X(VIEW, "view", "Direction") \
    X(HANDS, "hands", "Hands on hips") X(LIGHT, "light", "Light") X(RATE, "rate", "Camera speed") \
    X(HEIGHT, "height", "Camera height") X(TILT, "tilt", "Camera level") X(ONE_PERSON, "one_person", "One person")

/* One for each of enum pl_exercise_kind, in its order. */
#define PL_SENTENCES_EXERCISES(X) \
    X(AUTO, "exercise.auto", "Repetitions") X(SINGLE_LEG_SQUAT, "exercise.single_leg_squat", "Single-leg squat") \
    X(LUNGE, "exercise.lunge", "Lunge") X(SQUAT, "exercise.squat", "Squat") \
    X(REVERSE_LUNGE, "exercise.reverse_lunge", "Reverse lunge") X(SPLIT_LUNGE, "exercise.split_lunge", "Split lunge") \
    X(STEP_UP, "exercise.step_up", "Step-up") X(STEP_DOWN, "exercise.step_down", "Step-down") \
    X(MINI_SQUAT_REACH, "exercise.mini_squat_reach", "Mini squat, reach") X(STANCE, "exercise.stance", "One-leg stand")

/* What is only shown: targets, panels, status line, keys. */
#define PL_SENTENCES_SCREEN(X) \
    X(TARGET_AUTO, "target.auto", "Any exercise") \
    X(TARGET_MORE, "target.more", "More") \
    X(TARGET_LEFT, "target.left", "Left leg") \
    X(TARGET_EITHER, "target.either", "Either leg") \
    X(TARGET_RIGHT, "target.right", "Right leg") \
    X(TARGET_GO_ON, "target.go_on", "Go on") \
    X(TARGET_NEXT, "target.next", "Next set") \
    X(TARGET_OTHER, "target.other", "Other exercise") \
    X(TARGET_FINISH, "target.finish", "Finish") \
    X(SET_EACH, "screen.set_each", "Set %d of %d, %d each leg") \
    X(SET_REPS, "screen.set_reps", "Set %d of %d, %d reps") \
    X(SET_ALONE, "screen.set_alone", "Set %d of %d") \
    X(SET_HOLDS, "screen.set_holds", "Set %d of %d, %d s each leg") \
    X(SET_HOLD, "screen.set_hold", "Set %d of %d, %d s") \
    X(LEFT_LEG, "screen.left_leg", "LEFT leg") \
    X(RIGHT_LEG, "screen.right_leg", "RIGHT leg") \
    X(BOTH_LEGS, "screen.both_legs", "Both legs") \
    X(LEFT_LETTER, "screen.left_letter", "L") \
    X(RIGHT_LETTER, "screen.right_letter", "R") \
    X(GET_READY, "screen.get_ready", "Get ready") \
    X(STAND_STILL, "screen.stand_still", "Stand still") \
    X(RESTING, "screen.resting", "Rest") \
    X(CHANGE_LEGS, "screen.change_legs", "Change legs") \
    X(THEN_SET, "screen.then_set", "Then set %d of %d. One hand up: go on") \
    X(HOLDING, "screen.holding", "Hold") \
    X(HOLD_GOAL, "screen.hold_goal", "%d s of %d s held") \
    X(HELD, "screen.held", "Time! Foot down") \
    X(N_REPS, "screen.n_reps", "%d repetitions") \
    X(ONE_REP, "screen.one_rep", "1 repetition") \
    X(SHORT_HOLDS, "screen.short_holds", "Let go too soon: %d") \
    X(LEFT_RIGHT, "screen.left_right", "Left %d, right %d") \
    X(MINUTES, "screen.minutes", "minutes") \
    X(MOST_OFTEN, "screen.most_often", "Most often") \
    X(N_TIMES, "screen.n_times", "%d times") \
    X(ONE_TIME, "screen.one_time", "once") \
    X(NO_FAULT, "screen.no_fault", "No fault was seen") \
    X(NOW_FPS, "status.now_fps", "now %d fps") \
    X(DROPPED, "status.dropped", "%d dropped") \
    X(MIRRORED, "status.mirrored", "mirrored") \
    X(F1_KEYS, "status.keys", "F1 keys") \
    X(VOICE_OFF, "status.voice_off", "Voice: off") \
    X(VOICE_TONES, "status.voice_tones", "Voice: tones") \
    X(VOICE_FULL, "status.voice_full", "Voice: words and tones") \
    X(PAUSE_BADGE, "status.paused", "PAUSED") \
    X(SPEED, "status.speed", "speed") \
    X(KEYS, "help.title", "Keys") \
    X(KEY_SPACE, "key.space", "Space") \
    X(KEY_CLICK, "key.click", "1 \xe2\x80\x93 9, click") \
    X(KEY_HAND, "key.hand", "One hand up") \
    X(HELP_PAUSE, "help.pause", "pause, go on") \
    X(HELP_SEEK, "help.seek", "2 seconds back, forward; paused: one frame") \
    X(HELP_SPEED, "help.speed", "faster, slower") \
    X(HELP_RESTART, "help.restart", "from the start") \
    X(HELP_CHOOSE, "help.choose", "choose the exercise") \
    X(HELP_TARGET, "help.target", "take that target") \
    X(HELP_NEXT, "help.next", "next set") \
    X(HELP_HAND, "help.hand", "for a second: choose; later pause, go on, end a rest") \
    X(HELP_VOICE, "help.voice", "voice: words and tones, tones, off") \
    X(HELP_MIRROR, "help.mirror", "mirror the picture") \
    X(HELP_SKELETON, "help.skeleton", "skeleton on, off") \
    X(HELP_GHOST, "help.ghost", "ghost of your best repetition on, off") \
    X(HELP_THEME, "help.theme", "dark, light") \
    X(HELP_TIMES, "help.times", "time of each stage on, off") \
    X(HELP_FULL, "help.full", "full screen") \
    X(HELP_KEYS, "help.keys", "these keys") \
    X(HELP_QUIT, "help.quit", "quit")

enum pl_sentence {
    PL_SAY_NOTHING,
#define X(name, id, text) PL_SAY_REASON_##name,
    PL_REASONS(X)
#undef X
#define X(name, id) PL_SAY_CUE_##name,
    PL_FAULTS(X)
#undef X
#define X(name, id) PL_SAY_ADVICE_##name,
    PL_FAULTS(X)
#undef X
#define X(name, id, sided, unit, text) PL_SAY_MEASURE_##name,
    PL_MEASURES(X)
#undef X
#define X(name, id, text) PL_SAY_PARTIAL_##name,
    PL_PARTIALS(X)
#undef X
#define X(name, id, text) PL_SAY_CHECK_##name,
    PL_CHECKS(X)
#undef X
#define X(name, id, text) PL_SAY_EXERCISE_##name,
    PL_SENTENCES_EXERCISES(X)
#undef X
#define X(name, id, text) PL_SAY_##name,
    PL_SENTENCES_OWN(X)
    PL_SENTENCES_COACH(X)
    PL_SENTENCES_CAMERA(X)
    PL_SENTENCES_CALIBRATION(X)
    PL_SENTENCES_SCREEN(X)
#undef X
    PL_N_SENTENCES
};

const char *pl_sentence_id(enum pl_sentence sentence);      /* "reason.face_camera"; "" for NOTHING; static storage */
const char *pl_sentence_english(enum pl_sentence sentence); /* "Face the camera"; "" where there is none; static storage */

/* NOTHING for values outside the lists. */
enum pl_sentence pl_sentence_of_reason(enum pl_reason reason);
enum pl_sentence pl_sentence_of_cue(enum pl_fault_kind fault);
enum pl_sentence pl_sentence_of_advice(enum pl_fault_kind fault);
enum pl_sentence pl_sentence_of_measure(enum pl_measure measure);
enum pl_sentence pl_sentence_of_partial(enum pl_partial_why why);
enum pl_sentence pl_sentence_of_exercise(enum pl_exercise_kind kind);

/* How many numbers the sentence has places for. */
int pl_sentence_n_numbers(const char *text);

#endif
