/* speech: what happens -> at most one sentence with each frame.
 *
 * in:   pose, measures, progress, cue of one frame
 * out:  struct pl_utterance: a sentence, its urgency, and the number of a repetition
 * how:  seven questions in the order of their urgency, the first that has an answer is answered:
 *         stop?    three poor repetitions in a row; wobble, knee or hip that gets worse from repetition to repetition
 *         cue?     the one that appeared on the screen (cues.c has its order, persistence and quiet time): the advice and the
 *                  name by turns, because both together last longer than the way up from the fault
 *         counted? what began as a repetition was none: why, the first time and with every third, or after a rest
 *         blind?   the person, legs or feet are not seen
 *         who?     somebody else is in the picture: who is followed
 *         hint?    something that is judged here cannot be measured and could be, while the person stands
 *         mended?  the fault that was named is gone, measured and not only unseen
 *       One that is not asked for now is not kept: if it still holds, it comes up again by itself.
 * not:  a stop rule looks at the picture only; pain is the person's to tell, hence the first sentence
 */
#include "plumbline/speech.h"

#include <math.h>
#include <stdlib.h>

enum { MOST_GROW = 10, HINTS_EACH = 2 };

/* What may get worse while a person tires; floor: below it nothing is said, however steadily it grows. */
static const struct worse {
    enum pl_measure measure;
    size_t floor; /* offset in struct pl_limits */
    enum pl_sentence sentence;
} worse[] = {
    { PL_M_WOBBLE, offsetof(struct pl_limits, stop_wobble_min_pct), PL_SAY_STOP_WOBBLE },
    { PL_M_FPPA_CORRECTED, offsetof(struct pl_limits, fppa_limit_deg), PL_SAY_STOP_KNEE },
    { PL_M_PELVIC_DROP_CHANGE, offsetof(struct pl_limits, pelvic_drop_limit_deg), PL_SAY_STOP_HIP },
};
enum { N_WORSE = sizeof worse / sizeof worse[0] };

/* A row of repetitions of one exercise and leg without a rest. */
struct row {
    enum pl_exercise_kind exercise;
    enum pl_side side;
    int64_t last_ns;
    int n_poor, n_poor_before; /* poor ones in a row up to the last repetition; up to the one before */
    bool last_poor;
    struct pl_value v[N_WORSE][MOST_GROW]; /* of the newest repetitions, oldest first */
    int n;
};

struct pl_speech_state {
    struct pl_limits limits;
    bool greeted;
    int named;                             /* number of the person who was told that they are the one followed; 0 none */
    struct row row;
    int64_t said_ns;                       /* the last sentence; INT64_MIN: none yet */
    bool advised[PL_N_FAULTS];             /* the advice was said last, the name is next */
    int64_t cue_ns;                        /* of the cue last said */
    bool to_mend;                          /* a cue was said and its fault not yet seen mended */
    enum pl_fault_kind mend;
    int mend_rep;                          /* the repetition it was said in */
    int praised_rep;                       /* when encouragement was given last, 0 never */
    int64_t partial_ns[PL_N_PARTIALS];     /* when that was told last why one does not count; INT64_MIN never */
    int n_partials[PL_N_PARTIALS];         /* those since then */
    int64_t unseen_ns;                     /* first frame in which not all was seen; INT64_MIN: it is */
    int64_t blind_ns[PL_N_REASONS];        /* when it was said last */
    int n_absent;                          /* times "step into the picture" was said since somebody was there */
    enum pl_reason hint;                   /* stands since hint_ns */
    int64_t hint_ns;
    int n_hints[PL_N_REASONS];
    int64_t hinted_ns[PL_N_REASONS];
};

struct pl_speech_state *pl_speech_open(const struct pl_limits *limits)
{
    struct pl_speech_state *s = calloc(1, sizeof *s);
    if (s) {
        s->limits = *limits;
        pl_speech_reset(s);
    }
    return s;
}

void pl_speech_close(struct pl_speech_state *s) { free(s); }

void pl_speech_reset(struct pl_speech_state *s)
{
    *s = (struct pl_speech_state){ .limits = s->limits, .greeted = s->greeted, .said_ns = INT64_MIN, .cue_ns = INT64_MIN,
                                   .unseen_ns = INT64_MIN };
    for (int i = 0; i < PL_N_REASONS; i++)
        s->blind_ns[i] = s->hinted_ns[i] = INT64_MIN;
    for (int i = 0; i < PL_N_PARTIALS; i++)
        s->partial_ns[i] = INT64_MIN;
}

/* Since that time, more than so many seconds? Yes if there is no such time. */
static bool past(int64_t t_ns, int64_t since_ns, float s)
{
    return since_ns == INT64_MIN || t_ns - since_ns >= pl_ns_from_s((double)s);
}

/* ---- stop? ---- */

/* Depth that is too small is no poor repetition: making it smaller would not help. */
static bool is_poor(const struct pl_progress *p)
{
    for (int i = 0; i < p->n_ended; i++)
        if (p->ended[i].kind != PL_FAULT_TOO_SHALLOW)
            return true;
    return false;
}

static void append(struct row *row, const struct pl_rep *rep)
{
    if (row->n == MOST_GROW) {
        for (int w = 0; w < N_WORSE; w++)
            for (int i = 1; i < MOST_GROW; i++)
                row->v[w][i - 1] = row->v[w][i];
        row->n--;
    }
    for (int w = 0; w < N_WORSE; w++)
        row->v[w][row->n] = rep->m[worse[w].measure];
    row->n++;
}

/* Each of the last n values above the one before, all together by more than the bands of first and last, and past the
 * floor. With NAN anywhere: no. */
static bool grows(const struct pl_value *v, int n, float floor)
{
    for (int i = 1; i < n; i++)
        if (!(v[i].value > v[i - 1].value))
            return false;
    return v[n - 1].value - v[0].value > hypotf(v[0].err, v[n - 1].err) && v[n - 1].value > floor;
}

static void take_rep(struct pl_speech_state *s, const struct pl_progress *p)
{
    const struct pl_rep *rep = &p->last_rep;
    struct row *row = &s->row;

    if (rep->exercise != row->exercise || rep->side != row->side || past(rep->start_ns, row->last_ns, s->limits.say_rest_s))
        *row = (struct row){ .exercise = rep->exercise, .side = rep->side };
    row->last_ns = rep->end_ns;
    row->last_poor = is_poor(p);
    row->n_poor_before = row->n_poor;
    row->n_poor = row->last_poor ? row->n_poor + 1 : 0;
    append(row, rep);
}

/* The second half of a repetition with two (a reach to the front and one to the back) tells its faults later. */
static void take_more(struct row *row, const struct pl_progress *p)
{
    if (!row->last_poor && is_poor(p)) {
        row->last_poor = true;
        row->n_poor = row->n_poor_before + 1;
    }
}

static enum pl_sentence stop(struct pl_speech_state *s, const struct pl_progress *p)
{
    struct row *row = &s->row;
    int n = (int)lroundf(s->limits.stop_worse_reps);
    enum pl_sentence found = PL_SAY_NOTHING;

    if (p->rep_done)
        take_rep(s, p);
    else if (p->n_ended)
        take_more(row, p);
    else
        return PL_SAY_NOTHING;
    for (int w = 0; w < N_WORSE && p->rep_done && found == PL_SAY_NOTHING; w++) {
        float floor = *(const float *)((const char *)&s->limits + worse[w].floor);
        if (row->n >= n && grows(row->v[w] + row->n - n, n, floor))
            found = worse[w].sentence;
    }
    if (found == PL_SAY_NOTHING && row->n_poor >= (int)lroundf(s->limits.stop_poor_reps))
        found = PL_SAY_STOP_POOR;
    if (found != PL_SAY_NOTHING) /* said once; the next row starts afresh */
        row->n = row->n_poor = row->n_poor_before = 0;
    return found;
}

/* ---- mended? ---- */

static bool was_measured(const struct pl_rep *rep, enum pl_fault_kind fault)
{
    static const enum pl_measure of[PL_N_FAULTS][2] = {
        [PL_FAULT_KNEE_COLLAPSE] = { PL_M_FPPA_CORRECTED, PL_M_FPPA_CORRECTED },
        [PL_FAULT_HIP_DROP] = { PL_M_PELVIC_DROP_CHANGE, PL_M_PELVIC_DROP_CHANGE },
        [PL_FAULT_KNEE_OVER_TOE] = { PL_M_KNEE_OVER_TOE, PL_M_KNEE_OVER_TOE },
        [PL_FAULT_TRUNK_LEAN] = { PL_M_TRUNK_LEAN_SIDE, PL_M_TRUNK_LEAN_FORWARD },
        [PL_FAULT_WOBBLE] = { PL_M_WOBBLE, PL_M_WOBBLE },
    };
    return isfinite(rep->m[of[fault][0]].value) || isfinite(rep->m[of[fault][1]].value);
}

/* A whole repetition after the one that was corrected, that fault's measure known, and no fault at all. */
static enum pl_sentence mended(struct pl_speech_state *s, const struct pl_progress *p)
{
    if (!p->rep_done || !s->to_mend || p->last_rep.n <= s->mend_rep)
        return PL_SAY_NOTHING;
    if (p->n_ended || !was_measured(&p->last_rep, s->mend))
        return PL_SAY_NOTHING;
    s->to_mend = false;
    if (s->praised_rep && p->last_rep.n - s->praised_rep < (int)lroundf(s->limits.praise_reps))
        return PL_SAY_NOTHING;
    s->praised_rep = p->last_rep.n;
    return PL_SAY_MENDED;
}

/* ---- cue? ---- */

static bool take_cue(struct pl_speech_state *s, const struct pl_progress *p, const struct pl_cue *cue, struct pl_utterance *out)
{
    if (!cue->on || cue->since_ns == s->cue_ns)
        return false;
    s->cue_ns = cue->since_ns;
    s->to_mend = true;
    s->mend = cue->fault;
    s->mend_rep = p->rep ? p->rep : p->n_reps;
    out->urgency = PL_URGENCY_CUE;
    out->sentence = s->advised[cue->fault] ? pl_sentence_of_cue(cue->fault) : pl_sentence_of_advice(cue->fault);
    s->advised[cue->fault] = !s->advised[cue->fault];
    return true;
}

/* ---- counted? ---- */

/* Not in an attempt that had its word already. Who is out of sight is told so while it lasts. */
static enum pl_sentence not_counted(struct pl_speech_state *s, const struct pl_progress *p)
{
    const struct pl_partial *partial = &p->last_partial;

    if (!p->partial_done || partial->why == PL_PARTIAL_LOST)
        return PL_SAY_NOTHING;
    s->n_partials[partial->why]++;
    const bool due = s->n_partials[partial->why] >= (int)lroundf(s->limits.say_partial_each) ||
                     past(p->t_ns, s->partial_ns[partial->why], s->limits.say_rest_s);
    if (!due || (s->said_ns != INT64_MIN && s->said_ns >= partial->start_ns))
        return PL_SAY_NOTHING;
    s->partial_ns[partial->why] = p->t_ns;
    s->n_partials[partial->why] = 0;
    return pl_sentence_of_partial(partial->why);
}

/* ---- blind? ---- */

static enum pl_reason unseen(const struct pl_pose *pose)
{
    return pose->person || pose->reason != PL_REASON_NONE ? pose->reason : PL_REASON_NO_PERSON;
}

static void follow_sight(struct pl_speech_state *s, int64_t t_ns, enum pl_reason why)
{
    if (why == PL_REASON_NONE)
        s->unseen_ns = INT64_MIN;
    else if (s->unseen_ns == INT64_MIN)
        s->unseen_ns = t_ns;
    if (why != PL_REASON_NO_PERSON)
        s->n_absent = 0;
}

static enum pl_sentence blind(struct pl_speech_state *s, const struct pl_pose *pose)
{
    enum pl_reason why = unseen(pose);

    follow_sight(s, pose->t_ns, why);
    if (s->unseen_ns == INT64_MIN || !past(pose->t_ns, s->unseen_ns, s->limits.say_blind_s))
        return PL_SAY_NOTHING;
    if (!past(pose->t_ns, s->blind_ns[why], s->limits.say_again_s) || !past(pose->t_ns, s->said_ns, s->limits.say_quiet_s))
        return PL_SAY_NOTHING;
    if (why == PL_REASON_NO_PERSON && s->n_absent++ >= HINTS_EACH) /* nobody there to be told for ever */
        return PL_SAY_NOTHING;
    s->blind_ns[why] = pose->t_ns;
    return pl_sentence_of_reason(why);
}

/* ---- hint? ---- */

/* Mended by standing elsewhere, which someone in the middle of another view's exercise should not. */
static bool is_view(enum pl_reason r) { return r == PL_REASON_FACE_CAMERA || r == PL_REASON_TURN_SIDE_ON; }

/* Not to be mended at all while this exercise is done. */
static bool is_remark(enum pl_reason r) { return r == PL_REASON_OTHER_LEG || r == PL_REASON_FAR_LEG || r == PL_REASON_TOO_BENT; }

/* The first reason, in the order of the measures, why something that is judged is not known. A wrong view counts only where
 * nothing but the bend of the knee is seen. */
static enum pl_reason missing(const struct pl_measures *m, const struct pl_progress *p)
{
    enum pl_side side = p->side == PL_SIDE_UNKNOWN ? PL_SIDE_LEFT : p->side;
    enum pl_reason found = PL_REASON_NONE, view = PL_REASON_NONE;
    bool sees = false;

    for (int i = PL_N_MEASURES - 1; i >= 0; i--) {
        enum pl_reason why = m->why[side][i];
        if (!p->needed[i] || is_remark(why))
            continue;
        sees |= why == PL_REASON_NONE && i != PL_M_KNEE_FLEXION;
        if (is_view(why))
            view = why;
        else if (why != PL_REASON_NONE)
            found = why;
    }
    return found != PL_REASON_NONE || sees ? found : view;
}

/* A whole repetition in which nothing that is judged lacked for that reason: should it come again, that is news. */
static void forget_hints(struct pl_speech_state *s, const struct pl_progress *p)
{
    bool lacked[PL_N_REASONS] = { false };

    for (int i = 0; i < PL_N_MEASURES; i++)
        if (p->needed[i])
            lacked[p->last_rep.why[i]] = true;
    for (int i = 0; i < PL_N_REASONS; i++)
        s->n_hints[i] = lacked[i] ? s->n_hints[i] : 0;
}

static enum pl_sentence hint(struct pl_speech_state *s, const struct pl_pose *pose, const struct pl_measures *m,
                             const struct pl_progress *p)
{
    bool stands = p->phase == PL_PHASE_STAND || p->phase == PL_PHASE_NONE;
    enum pl_reason why = pose->person && stands ? missing(m, p) : PL_REASON_NONE;

    if (p->rep_done)
        forget_hints(s, p);
    if (why != s->hint) {
        s->hint = why;
        s->hint_ns = pose->t_ns;
    }
    if (why == PL_REASON_NONE || !past(pose->t_ns, s->hint_ns, s->limits.say_hint_s) || s->n_hints[why] >= HINTS_EACH)
        return PL_SAY_NOTHING;
    if (!past(pose->t_ns, s->hinted_ns[why], s->limits.say_again_s) || !past(pose->t_ns, s->said_ns, s->limits.say_quiet_s))
        return PL_SAY_NOTHING;
    s->n_hints[why]++;
    s->hinted_ns[why] = pose->t_ns;
    return pl_sentence_of_reason(why);
}

/* ---- all together ---- */

static enum pl_sentence greet(struct pl_speech_state *s, const struct pl_pose *pose)
{
    if (s->greeted || !pose->person)
        return PL_SAY_NOTHING;
    s->greeted = true;
    return PL_SAY_START;
}

/* Somebody else is there, or another person is followed than before: once for each who is followed. */
static enum pl_sentence follow(struct pl_speech_state *s, const struct pl_pose *pose)
{
    if (!pose->person || pose->followed == s->named || (!pose->n_others && pose->followed < 2))
        return PL_SAY_NOTHING;
    if (!past(pose->t_ns, s->said_ns, s->limits.say_quiet_s))
        return PL_SAY_NOTHING;
    s->named = pose->followed;
    return PL_SAY_FOLLOWING;
}

void pl_speech_step(struct pl_speech_state *s, const struct pl_pose *pose, const struct pl_measures *measures,
                    const struct pl_progress *p, const struct pl_cue *cue, struct pl_utterance *out)
{
    *out = (struct pl_utterance){ .t_ns = pose->t_ns, .count = p->rep_done ? p->last_rep.n : 0 };
    enum pl_sentence better = mended(s, p); /* follows every repetition, whatever is said */

    if ((out->sentence = stop(s, p)) != PL_SAY_NOTHING)
        out->urgency = PL_URGENCY_STOP;
    else if (take_cue(s, p, cue, out))
        ;
    else if ((out->sentence = not_counted(s, p)) != PL_SAY_NOTHING)
        out->urgency = PL_URGENCY_CUE;
    else if ((out->sentence = blind(s, pose)) != PL_SAY_NOTHING)
        out->urgency = PL_URGENCY_BLIND;
    else if ((out->sentence = greet(s, pose)) != PL_SAY_NOTHING || (out->sentence = follow(s, pose)) != PL_SAY_NOTHING ||
             (out->sentence = hint(s, pose, measures, p)) != PL_SAY_NOTHING)
        out->urgency = PL_URGENCY_HINT;
    else
        out->sentence = better;
    if (out->sentence != PL_SAY_NOTHING)
        s->said_ns = pose->t_ns;
}
