/* The one table of numbers that judge a person's body or decide what may be judged; each can be overridden in the
 * user's configuration file under its name ([limits] section of --config FILE or ~/.config/plumbline/plumbline.ini).
 *
 * X(name, default, least, most, source)    angles in degrees, times in seconds, lengths in statures or legs as told
 */
#ifndef PLUMBLINE_LIMITS_H
#define PLUMBLINE_LIMITS_H

#include "plumbline/err.h"

#define PL_LIMITS(X) \
    /* what may be measured */ \
    X(visibility_min_p, 0.5f, 0.0f, 1.0f, \
      "MediaPipe's default confidence") \
    X(person_min_px, 120.0f, 20.0f, 2000.0f, \
      "stature in the picture; below, one pixel is over 0.8 % of a body: own error budget") \
    X(person_jump_max, 0.5f, 0.1f, 2.0f, \
      "statures between two frames; farther, it is another person: own choice") \
    X(view_front_max_deg, 20.0f, 5.0f, 60.0f, \
      "yaw up to which it is a front view; hip-drop study: 30 is oblique") \
    X(view_side_min_deg, 60.0f, 30.0f, 85.0f, \
      "yaw from which it is a side view; out of plane < 20-30 is near-true: Stevens 2006") \
    X(fppa_yaw_max_deg, 10.0f, 1.0f, 45.0f, \
      "1.2 deg of false collapse per deg of yaw at 60 deg of bend: Englander 2019, own geometry") \
    X(pelvis_yaw_max_deg, 15.0f, 1.0f, 45.0f, \
      "hip-drop study: at 30 the hand line over-reads twice") \
    X(hands_sd_max_deg, 1.2f, 0.1f, 10.0f, \
      "of the line through hands that rest on the hips, standing, frame to frame; rendered people 0.2-0.6, mannequin to 1.0") \
    X(left_knee_over_toe_offset_pct, 0.0f, -60.0f, 60.0f, \
      "of the shoe's length, added to knee over toe: your own wall test (toes and knee touch the wall: 0); 0 = not done") \
    X(right_knee_over_toe_offset_pct, 0.0f, -60.0f, 60.0f, \
      "the same; knee_over_toe_offset_pct in a file sets both") \
    X(planted_max, 0.06f, 0.02f, 0.5f, \
      "statures from where the foot stood: beyond, the length formula's scale is another") \
    X(leg_straight_min, 0.38f, 0.1f, 0.5f, \
      "statures from hip to ankle that are standing, for the bend seen from the front; standing .46, sitting below .35") \
    X(standing_flexion_deg, 7.0f, 0.0f, 40.0f, \
      "knee bend of quiet standing, from which bends seen from the front start: head-study; yours if it does not stretch") \
    X(flexion_front_min_deg, 5.0f, 0.0f, 30.0f, \
      "least bend that is told from the front, where the length says no more: head-study, blind below 15") \
    X(thigh_length_min, 0.30f, 0.05f, 0.5f, \
      "legs that the thigh is high in the picture; shorter, it points at the camera: own geometry, 100 deg of bend are .25") \
    X(heel_lift_min, 0.5f, 0.1f, 1.0f, \
      "sine of the foot's tilt from which a heel is lifted; below it is the landmarks' own: own choice") \
    X(hands_gap_min, 0.45f, 0.1f, 1.0f, \
      "trunk lengths between hands that rest on the hips; nearer they are clasped: hip-drop study") \
    X(hands_gap_max, 1.0f, 0.5f, 2.0f, \
      "the same; farther they hang or balance: hip-drop study") \
    X(hands_from_hip_max, 0.45f, 0.1f, 1.0f, \
      "trunk lengths of each hand from its hip: hip-drop study") \
    X(hands_below_max, 0.10f, 0.0f, 0.5f, \
      "trunk lengths that a hand on the hip is below the hips' middle: hip-drop study") \
    X(hands_above_max, 0.40f, 0.1f, 1.0f, \
      "the same above it: hip-drop study") \
    X(hands_slide_max, 0.12f, 0.02f, 0.5f, \
      "share by which the gap between the hands may change against standing; hands that slide measure nothing: hip-drop study") \
    X(stickers, 0.0f, 0.0f, 1.0f, \
      "1: look for stickers on the waistband, as --stickers does; own choice") \
    /* standing */ \
    X(stand_s, 2.0f, 0.5f, 10.0f, \
      "quiet standing for a whole baseline: own choice, measures.md 1") \
    X(still_max, 0.02f, 0.002f, 0.1f, \
      "statures that hips and ankles wander in quiet standing: twice the landmark noise") \
    X(stand_straight_min, 0.96f, 0.8f, 1.0f, \
      "share of the longest leg seen that is straight; 0.96 is a knee bent by 32 deg: own choice") \
    X(stand_moved_max, 0.10f, 0.02f, 0.5f, \
      "statures that an ankle moves before standing has to be seen anew, at another scale: own choice") \
    X(foot_lift_min, 0.04f, 0.01f, 0.3f, \
      "statures: a foot higher by this is off the floor: own choice, measures.md 6") \
    X(stand_leg_min, 0.93f, 0.7f, 1.0f, \
      "share of the longest leg that is standing, for counting: a knee bent by 43 deg; stiff knees stand like that: own choice") \
    X(leg_straight_still_min, 0.97f, 0.7f, 1.0f, \
      "the same of both legs, when standing is taken anew though hips did not come back: 28 deg; own choice") \
    X(stand_speed_max, 0.25f, 0.02f, 2.0f, \
      "legs a second that the hips move in standing; half of it when taken anew: own choice") \
    X(stand_settle_s, 0.1f, 0.0f, 5.0f, \
      "straight and slow for this long is standing; own choice") \
    X(stand_again_s, 0.5f, 0.1f, 10.0f, \
      "straight and still for this long is standing wherever the hips are: people stop on a step; own choice") \
    X(stand_sag_s, 4.0f, 0.5f, 60.0f, \
      "in which the height of standing follows hips that sag slowly: longer than a repetition; own choice") \
    X(lost_s, 0.5f, 0.1f, 5.0f, \
      "out of sight for longer breaks a repetition; own choice") \
    /* repetitions */ \
    X(rep_depth_min, 0.06f, 0.01f, 0.5f, \
      "legs that the hip sinks in the first repetition; 0.06 is a knee bend of 40 deg; cheated curls have 0.05") \
    X(rep_depth_one_leg_min, 0.04f, 0.01f, 0.5f, \
      "the same with a foot off the floor: 32 deg, a mini squat; rendered ones of 39 deg are seen as .036-.05; own choice") \
    X(rep_depth_least, 0.035f, 0.01f, 0.5f, \
      "the same once the exercise is known: a stiff or painful knee; 0.035 is 30 deg") \
    X(rep_range_min, 0.18f, 0.1f, 0.9f, \
      "share of own range that makes a repetition: half the bend sinks .29 of the way, and is seen as .20-.29; own choice") \
    X(rep_return_max, 0.30f, 0.05f, 0.6f, \
      "share of the depth that may be left when standing again; pulses come back to 0.5-0.7") \
    X(rep_min_s, 0.8f, 0.2f, 5.0f, \
      "shortest repetition: measures.md 6; high knees and jumps are quicker") \
    X(rep_max_s, 20.0f, 3.0f, 60.0f, \
      "longest repetition, with a hold of some seconds at the bottom; own choice") \
    X(partial_depth_least, 0.03f, 0.005f, 0.5f, \
      "legs that the hip sinks in what is told as too shallow; 0.03 is 28 deg, swaying stays below; own choice") \
    X(step_rise_min, 0.08f, 0.01f, 0.5f, \
      "legs that the hip rises in a step-up nobody announced: 7 cm; announced, rep_depth_least will do; own choice") \
    X(stance_hold_min_s, 3.0f, 0.5f, 120.0f, \
      "shortest hold on one leg that counts; 60-year-olds manage 27: Springer 2007; own choice") \
    X(usual_depth, 0.13f, 0.02f, 0.6f, \
      "legs that the hip sinks in a bend of 60 deg: what the depth is shown against until the own range is known") \
    X(rep_down_min, 0.6f, 0.1f, 1.0f, \
      "of rep_depth_least: from here the hips are on their way; own choice") \
    X(rep_start_max, 0.15f, 0.02f, 0.5f, \
      "of that, and of the depth on the way back: a repetition is near its ends; own choice") \
    X(rep_turn_min, 0.15f, 0.02f, 0.5f, \
      "of the depth: risen this far, the bottom is passed; pulses are larger") \
    X(rep_again_max, 0.75f, 0.3f, 1.0f, \
      "of the depth: hips that stay lower have only pulsed, and are not told as not back up; pulses come up to .5-.7") \
    X(rep_again_deep_min, 0.85f, 0.3f, 1.0f, \
      "of the depth: all the way down again; own choice") \
    X(rep_rise_end_max, 0.08f, 0.01f, 0.5f, \
      "legs a second: hips that rise more slowly have arrived; own choice") \
    X(posture_deep_min, 0.8f, 0.3f, 0.99f, \
      "of the depth: the frames in which the exercise is looked at; own choice") \
    X(reach_min_m, 0.08f, 0.02f, 0.5f, \
      "that the free foot is in front of or behind the standing one in a reach; feet that hang are within .05: own choice") \
    X(reach_pause_s, 4.0f, 0.5f, 30.0f, \
      "between the two touches of a reach, at most; own choice") \
    X(stance_clear_s, 0.5f, 0.1f, 5.0f, \
      "a foot off the floor for this long is a hold: measures.md 6") \
    X(stance_touch_s, 0.2f, 0.0f, 5.0f, \
      "the foot down for this long ends it; own choice") \
    X(stance_lift_sure_m, 0.10f, 0.02f, 0.5f, \
      "of a foot above the other in world landmarks, against the picture: a foot held forwards looks lower; own choice") \
    X(stance_attempt_s, 1.0f, 0.3f, 60.0f, \
      "a foot off the floor for less is a step or a slip, no attempt; own choice") \
    X(foot_slip_max, 0.15f, 0.03f, 0.5f, \
      "statures that the standing foot may travel in a repetition; a rising heel moves the ankle by 0.09") \
    X(leg_shorten_min, 0.4f, 0.0f, 1.0f, \
      "share of the depth by which a leg must get shorter: hips that only sway do not shorten it; repetitions 0.6-1.1") \
    X(seat_rest_s, 2.0f, 0.5f, 60.0f, \
      "rest at the bottom of a deep squat that makes it sitting; OpenCap sit-to-stand, squats with a pause") \
    X(seat_rest_swinging_s, 1.2f, 0.1f, 60.0f, \
      "the same when the trunk swings: OpenCap sit-to-stand") \
    X(seat_rest_at_height_s, 0.4f, 0.1f, 60.0f, \
      "the same at the height of a seat that was got up from: OpenCap sit-to-stand") \
    X(seat_rest_depth_min, 0.93f, 0.5f, 0.99f, \
      "of the depth: here the hips rest; own choice") \
    X(seat_settle_s, 0.3f, 0.05f, 5.0f, \
      "hips at rest for this long before standing up were on a seat; own choice") \
    X(seat_speed_max, 0.1f, 0.01f, 1.0f, \
      "legs a second of hips at rest there; own choice") \
    X(seat_still_max, 0.04f, 0.005f, 0.3f, \
      "legs that they wander meanwhile; own choice") \
    X(seat_rise_min, 0.15f, 0.03f, 0.6f, \
      "legs that the hips rise in getting up; a chair is at .35-.5, a high stool at .2: own choice") \
    X(seat_depth_min, 0.25f, 0.05f, 1.0f, \
      "legs that the hip sinks at least in sitting down; a chair is at 0.35-0.5; own choice") \
    X(seat_height_max, 0.08f, 0.01f, 0.5f, \
      "legs between the bottom and a seat that was got up from; OpenCap sit-to-stand 0.02-0.05") \
    X(seat_swing_min, 0.03f, 0.005f, 0.5f, \
      "statures that the trunk swings while the hips rest; OpenCap sit-to-stand 0.03-0.05, squats below 0.03") \
    X(bow_trunk_deg, 55.0f, 20.0f, 90.0f, \
      "trunk lean that makes a shallow cycle a bow; own choice") \
    X(bow_depth_max, 0.12f, 0.02f, 0.5f, \
      "legs: deeper than this is bent knees however the trunk leans; 0.12 is 57 deg") \
    /* which exercise, which leg: lengths in statures */ \
    X(lunge_apart_min, 0.23f, 0.05f, 0.6f, \
      "between the ankles of a lunge, from the side: nine lunges of seven people and figures .25-.44") \
    X(lunge_apart_past_min, 0.18f, 0.05f, 0.6f, \
      "the same where the hips went past the foot that stepped: 0.3 m; a short one .21, free feet to .15") \
    X(lunge_bend_min, 0.12f, 0.02f, 0.5f, \
      "share by which each leg gets shorter in a lunge: 60 deg and more") \
    X(lunge_bend_front_min, 0.07f, 0.01f, 0.5f, \
      "the same from the front, where the front foot comes nearer and looks longer") \
    X(lunge_between_min, 0.25f, 0.0f, 1.0f, \
      "hips on the way from the rear (0) to the front foot (1): lunges .51-.85, over the standing foot 0 or 1") \
    X(lunge_between_max, 0.93f, 0.0f, 1.5f, \
      "the same, at most; beyond, that foot must have stepped there; a shallow one .86, over the standing foot about 1") \
    X(lunge_heel_max_m, 0.13f, 0.02f, 0.5f, \
      "of the higher ankle above the other in a lunge: rear heels to .13, free feet from .15; or mean share with the next") \
    X(lunge_heel_max, 0.09f, 0.01f, 0.4f, \
      "the same in statures of the picture: rear heels to .087, free feet from .12; alone where there are no world landmarks") \
    X(lunge_knee_drop_min, 0.08f, 0.02f, 0.4f, \
      "rear knee below the front one, from the front: a free leg .04") \
    X(lunge_step_min, 0.10f, 0.02f, 0.6f, \
      "that a foot steps, from the side: steps .13-.45") \
    X(lunge_other_foot_max, 0.3f, 0.0f, 1.0f, \
      "of the step: way of the other foot; forward lunges -.2-.0, split ones, whose feet the network blends, .5-1") \
    X(lunge_step_front_min, 0.08f, 0.02f, 0.6f, \
      "that a foot steps, from the front: a rising heel .07, steps .10-.18") \
    X(lunge_other_foot_front_max, 0.75f, 0.0f, 1.0f, \
      "the same of the other foot, from the front; own choice") \
    X(lunge_step_before_s, 0.8f, 0.1f, 5.0f, \
      "before the hips sink: by then the foot had not left; own choice") \
    X(lunge_shift_share, 0.2f, 0.0f, 0.6f, \
      "of the time of the trunk's way: weight that shifts before anything is seen; 13 rendered lunges .19-.25") \
    X(lunge_way_min, 0.08f, 0.02f, 0.5f, \
      "that the hips go in a lunge that is seen from the side; else the feet tell when it began: own choice") \
    X(votes_min, 1.0f, 0.1f, 5.0f, \
      "votes for one leg that make it a single-leg squat; each sign below gives one per so much") \
    X(votes_again_min, 0.5f, 0.0f, 5.0f, \
      "votes that change the leg after a single-leg squat: people repeat; own choice") \
    X(vote_moved, 0.05f, 0.01f, 0.5f, \
      "a vote: that one foot moved more than the other; squats to .04, single-leg squats .01-.24") \
    X(vote_shorter, 0.20f, 0.02f, 1.0f, \
      "a vote: share by which one leg got shorter than the other; squats to .16, single-leg squats to .30") \
    X(vote_lifted, 0.05f, 0.01f, 0.5f, \
      "a vote: that one ankle is higher, beyond lift_unsure_max") \
    X(lift_unsure_max, 0.045f, 0.0f, 0.3f, \
      "feet side by side, seen obliquely, differ by this in the picture") \
    X(lift_unsure_front_max, 0.045f, 0.0f, 0.3f, \
      "the same from the front: a foot 30 cm behind the other is .044 higher in the picture; own geometry") \
    X(vote_lifted_front, 0.025f, 0.01f, 0.5f, \
      "a vote: the same beyond that, from the front: one at .07, 45 cm behind; 19 single-leg squats .070-.159, 7 squats to .018") \
    X(lift_unsure_side_max, 0.07f, 0.0f, 0.3f, \
      "the same from the side, obliquely: feet 40 cm apart, 2.5 m away, seen from 1 m above, differ by .07; own geometry") \
    X(vote_lifted_side, 0.03f, 0.01f, 0.5f, \
      "a vote: the same beyond that, from the side and obliquely; 4 single-leg squats .13-.14, 8 squats to .04") \
    X(vote_lifted_m, 0.05f, 0.01f, 0.5f, \
      "a vote: the same from world landmarks, beyond lift_unsure_max_m; single-leg squats .13-.31") \
    X(lift_unsure_max_m, 0.10f, 0.0f, 0.5f, \
      "the same for world landmarks; feet on the floor to .09") \
    X(vote_lifted_most, 2.0f, 0.0f, 10.0f, \
      "votes of a lifted foot at most: a step-down's foot stands higher; own choice") \
    X(both_legs_depth_min, 0.25f, 0.05f, 1.0f, \
      "legs that the hip sinks with both feet in their place: a held-up foot would sink, too; own choice") \
    X(both_legs_moved_max, 0.06f, 0.01f, 0.3f, \
      "that each foot moves in that") \
    X(both_legs_alike_max, 0.4f, 0.05f, 1.0f, \
      "of the leg that shortens more: difference of both; squats .0-.33, single-leg squats from .5") \
    X(under_body_max, 0.06f, 0.01f, 0.2f, \
      "from a foot to mid-hip and mid-shoulder, from the front: 20 single-leg squats .000-.049, 12 squats .074-.126") \
    X(planted_share_min, 0.55f, 0.5f, 1.0f, \
      "share of the time that the foot which stays is this one; own choice") \
    X(planted_depth_min, 0.3f, 0.0f, 0.9f, \
      "of the depth, from which that is looked at: before, the other foot may stand, too; own choice") \
    X(planted_wander_max, 0.05f, 0.01f, 0.3f, \
      "that a foot which stays wanders: landmark noise, rising heels") \
    X(planted_moves_min, 0.05f, 0.01f, 0.5f, \
      "that the other one moves, at least; own choice") \
    X(planted_moves_ratio, 1.8f, 1.0f, 10.0f, \
      "the same as a multiple of the wandering; own choice") \
    X(planted_far, 0.10f, 0.02f, 0.5f, \
      "further than this is just away; own choice") \
    X(step_knee_lift_min, 0.06f, 0.01f, 0.4f, \
      "a foot that goes onto a step takes its knee with it; tiptoe does not: figures, steps of 10 to 20 cm") \
    X(step_straight_min, 0.85f, 0.5f, 1.0f, \
      "share of the leg's length on floor and step: 63 deg; who gets up from a seat begins with more") \
    X(step_feet_follow_min, 0.5f, 0.0f, 1.0f, \
      "of the hips' way that the feet rise, too, from the side; own choice") \
    X(step_before_s, 1.5f, 0.2f, 5.0f, \
      "that the foot comes onto the step before the hips rise, at most; own choice") \
    X(step_down_votes_min, 0.8f, 0.0f, 5.0f, \
      "votes for one leg in a step-down; own choice") \
    X(step_down_below_min_m, 0.15f, 0.02f, 0.6f, \
      "of the free foot below the standing one: step-downs .31, squats to .05, platforms .10") \
    X(step_down_below_min, 0.07f, 0.01f, 0.4f, \
      "the same in statures, from the side: step-downs .09-.13, squats to .04") \
    /* faults: raised only when passed by more than the error band, for fault_persist_s */ \
    X(fppa_limit_deg, 5.0f, 0.0f, 60.0f, \
      "knee collapse: Ageberg 2010, knees rated over the foot 5.0, medial to it 11.6; with its band it speaks from about 9") \
    X(pelvic_drop_limit_deg, 3.0f, 0.0f, 45.0f, \
      "hip drop, change from standing: level below 3 (hip-drop study); with its band it speaks from about 6.5") \
    X(knee_over_toe_limit_pct, 0.0f, -100.0f, 200.0f, \
      "of the foot's length; target in knee rehab: not past the toe") \
    X(trunk_side_limit_deg, 10.0f, 0.0f, 60.0f, \
      "sideways lean: Nakagawa 2012 control mean + 1 SD = 9.7") \
    X(trunk_forward_limit_deg, 20.0f, 0.0f, 90.0f, \
      "forward lean in a lunge: good to 10, cue from 20: own choice, measures.md 4.6") \
    X(wobble_limit_pct, 1.5f, 0.1f, 20.0f, \
      "of the leg's length; provisional, no norms published: own choice, measures.md 4.7") \
    X(single_leg_squat_depth_min_deg, 30.0f, 0.0f, 150.0f, \
      "mini squat 30-60: McGovern 2018") \
    X(single_leg_squat_depth_max_deg, 68.0f, 0.0f, 180.0f, \
      "60 and 8 of overshoot; patello-femoral stress grows with bend: Powers 2014") \
    X(lunge_depth_min_deg, 60.0f, 0.0f, 150.0f, \
      "stage cap 60-90: Escamilla 2008, 2022") \
    X(lunge_depth_max_deg, 105.0f, 0.0f, 180.0f, \
      "90 and overshoot") \
    X(squat_depth_min_deg, 45.0f, 0.0f, 150.0f, \
      "stages 45-60-90; quarter squat 40-70: Illmeier & Rechberger 2023") \
    X(squat_depth_max_deg, 100.0f, 0.0f, 180.0f, \
      "90 and overshoot; highest retropatellar stress near 90: Hartmann 2013") \
    X(fault_persist_s, 0.15f, 0.0f, 5.0f, \
      "measures.md 4.1") \
    X(fault_release_s, 0.25f, 0.0f, 5.0f, \
      "below the limit for this long ends an episode; own choice") \
    /* scores: an item is yes when its limit is passed by more than the band, no when it is below by more than that */ \
    X(score_seen_min, 0.8f, 0.1f, 1.0f, \
      "share of a repetition that must have been seen to say that an error is not there; own choice") \
    X(score_down_min, 0.2f, 0.0f, 0.8f, \
      "share of the depth from which knee, thigh, pelvis are judged; before, weight is still shifted: own choice") \
    X(score_arms_limit, 0.12f, 0.02f, 0.5f, \
      "statures that a hand goes from where it was (QASLS 1, Piva arms): own choice, measures.md 5") \
    X(score_arms_s, 0.3f, 0.0f, 5.0f, \
      "for this long: own choice, measures.md 5") \
    X(score_trunk_forward_limit_deg, 30.0f, 0.0f, 90.0f, \
      "forward lean, side view (QASLS 2); sideways it is trunk_side_limit_deg: own choice, measures.md 5") \
    X(piva_pelvis_limit_deg, 7.5f, 0.0f, 45.0f, \
      "pelvis off level, change from standing (Piva 2006): Nakagawa 2012 control mean in single-leg squats 7.4") \
    X(qasls_pelvis_limit_deg, 10.0f, 0.0f, 45.0f, \
      "the same for QASLS 3: Nakagawa 2012, mean of people with knee pain 10.3") \
    X(score_pelvis_turn_limit_deg, 15.0f, 0.0f, 90.0f, \
      "pelvis turned against the repetition's start (QASLS 4, Piva pelvis): own choice, measures.md 5") \
    X(score_thigh_limit_deg, 10.7f, 0.0f, 45.0f, \
      "standing thigh inwards against the vertical (QASLS 5): Ageberg 2010, midpoint of 8.8 and 12.6") \
    X(score_free_thigh_limit_deg, 15.0f, 0.0f, 90.0f, \
      "free thigh sideways against the vertical (QASLS 6): own choice, measures.md 5") \
    X(score_fppa_limit_deg, 8.3f, 0.0f, 60.0f, \
      "noticeable knee collapse (QASLS 7, Piva knee 1): Ageberg 2010, midpoint of 5.0 and 11.6") \
    X(score_fppa_far_limit_deg, 15.0f, 0.0f, 60.0f, \
      "significant knee collapse (QASLS 8, Piva knee 2): measures.md 4.1, poor in women") \
    X(score_knee_toe_limit, 0.0138f, -0.1f, 0.2f, \
      "statures that the knee is inside the second toe (QASLS 7): a quarter of a foot's breadth, .055 (Drillis & Contini)") \
    X(score_knee_border_limit, 0.0275f, -0.1f, 0.2f, \
      "the same for the foot's inner border (QASLS 8, Piva knee 2): half of a foot's breadth") \
    X(score_touch_max, 0.03f, 0.005f, 0.2f, \
      "statures from its place in standing at which a lifted foot is down again (QASLS 9); own choice") \
    X(score_reversals_limit, 4.0f, 1.0f, 50.0f, \
      "times in a repetition that the knee turns from in to out or back (QASLS 10): own choice, measures.md 5") \
    X(score_reversal_deg, 2.0f, 0.5f, 20.0f, \
      "of knee collapse that such a turn has at least: own choice, measures.md 4.7") \
    X(piva_medium_from, 2.0f, 0.0f, 6.0f, \
      "points: 0-1 good, 2-3 medium: Piva 2006") \
    X(piva_poor_from, 4.0f, 0.0f, 7.0f, \
      "points: 4 and more poor: Piva 2006") \
    /* cues */ \
    X(cue_persist_s, 0.2f, 0.0f, 5.0f, \
      "a fault lasts this long before it is said; own choice") \
    X(cue_show_s, 2.5f, 0.5f, 20.0f, \
      "a cue stays readable; own choice") \
    X(cue_show_max_s, 6.0f, 0.5f, 60.0f, \
      "and is not nagged on; own choice") \
    X(cue_quiet_s, 0.5f, 0.0f, 60.0f, \
      "after a cue, before the next: repetitions begin 3 s apart and more, and the next is corrected in time; own choice") \
    /* what is said besides the cues */ \
    X(say_blind_s, 0.7f, 0.0f, 10.0f, \
      "out of sight for this long is said; a landmark at the picture's edge flickers for 0.1-0.5 s; own choice") \
    X(say_hint_s, 2.0f, 0.0f, 30.0f, \
      "something that is judged cannot be measured for this long, standing: a hint; own choice") \
    X(say_again_s, 12.0f, 1.0f, 300.0f, \
      "before the same hint is said again; own choice") \
    X(say_quiet_s, 3.0f, 0.0f, 60.0f, \
      "from any sentence's beginning to a hint's: sentences last 1-3 s; own choice") \
    X(say_rest_s, 15.0f, 2.0f, 600.0f, \
      "a pause this long is a rest: repetitions before it are not of the same row; own choice") \
    X(say_partial_each, 3.0f, 1.0f, 50.0f, \
      "what began as a repetition and was none is told the first time, then with every so manieth of its kind; own choice") \
    X(praise_reps, 5.0f, 1.0f, 100.0f, \
      "repetitions from one encouragement to the next, at least; own choice") \
    X(stop_poor_reps, 3.0f, 1.0f, 50.0f, \
      "poor repetitions in a row (a fault other than too little depth) until a rest is advised: measures.md 9") \
    X(stop_worse_reps, 4.0f, 3.0f, 10.0f, \
      "repetitions in a row, each worse than the one before, until a rest is advised; own choice") \
    X(stop_wobble_min_pct, 0.6f, 0.0f, 20.0f, \
      "of the leg's length: wobble below is good however it grows: provisional, measures.md 4.7")

struct pl_limits {
#define X(name, value, least, most, source) float name;
    PL_LIMITS(X)
#undef X
};

/* The defaults of the table. */
struct pl_limits pl_limits_default(void);

/* One row of the table, for showing it. name and source: static storage. */
struct pl_limit {
    const char *name, *source;
    float value, standard, least, most; /* standard: the table's default */
};

/* Row i as it is in limits; false: there are no more. */
bool pl_limits_row(struct pl_limit *out, const struct pl_limits *limits, int i);

/* Overrides limits from an ini file's [limits] section; unknown names and values out of range are errors that name
 * file and line.
 * err:  IO, FORMAT. Nothing is changed on error. */
bool pl_limits_read(struct pl_limits *limits, const char *path, struct pl_err *err) PL_MUST_CHECK;

#endif
