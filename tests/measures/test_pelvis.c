/* Hip drop by stickers, hands and head: each alone, agreeing, contradicting, and the gates of each. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>

#include "../support/stick.h"
#include "plumbline/measures.h"

enum { S = 1 << PL_PELVIS_STICKERS, H = 1 << PL_PELVIS_HANDS, N = 1 << PL_PELVIS_HEAD };

/* What each source shows; NAN: nothing. Stickers and head are off by a constant, as they are in life. */
struct showing { double hands_deg, stickers_deg, head_deg; };

struct chain {
    struct pl_pose_state *pose_state;
    struct pl_measures_state *state;
    struct stick stick;
    struct stick_camera camera;
    struct pl_measures m;
    double head_noise_deg;
    uint64_t seed;
    int64_t t_ns;
};

static void open_chain(struct chain *c)
{
    const struct pl_limits limits = pl_limits_default();
    *c = (struct chain){ .pose_state = pl_pose_open(&limits), .state = pl_measures_open(&limits), .stick = stick_standing(),
                         .camera = stick_camera_at(0), .seed = 9 };
    assert_true(c->pose_state && c->state);
}

static void close_chain(struct chain *c)
{
    pl_pose_close(c->pose_state);
    pl_measures_close(c->state);
}

/* Near enough to normally distributed. */
static double normal(uint64_t *seed)
{
    double sum = -6.0;
    for (int i = 0; i < 12; i++) {
        *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        sum += (double)(*seed >> 11) / 9007199254740992.0;
    }
    return sum;
}

static void show(struct chain *c, const struct showing *s, double seconds)
{
    c->stick.hands_on_hips = !isnan(s->hands_deg);
    c->stick.drop_deg = isnan(s->hands_deg) ? 0 : s->hands_deg;
    for (int i = 0; i < (int)(seconds * 30 + 0.5); i++) {
        struct pl_keypoints k;
        struct pl_pose pose;
        stick_keypoints(&c->stick, &c->camera, c->t_ns, &k);
        k.pelvis_stickers_deg = (float)(1.5 + s->stickers_deg);
        k.pelvis_head_deg = (float)(-3.0 + s->head_deg + c->head_noise_deg * normal(&c->seed));
        pl_pose_step(c->pose_state, &k, &pose);
        pl_measures_step(c->state, &pose, &c->m);
        c->t_ns += PL_NS_PER_S / 30;
    }
}

static struct showing level_of(const struct showing *s)
{
    return (struct showing){ 0 * s->hands_deg, 0 * s->stickers_deg, 0 * s->head_deg }; /* NAN stays NAN */
}

/* Stands, then bends the left knee by 45 degrees while the sources show that. */
static void show_drop(struct chain *c, const struct showing *s)
{
    const struct showing level = level_of(s);
    show(c, &level, 2.5);
    stick_bend(&c->stick, PL_SIDE_LEFT, 45);
    show(c, s, 0.5);
}

static struct pl_value change(const struct chain *c) { return c->m.v[PL_SIDE_LEFT][PL_M_PELVIC_DROP_CHANGE]; }
static enum pl_reason why(const struct chain *c) { return c->m.why[PL_SIDE_LEFT][PL_M_PELVIC_DROP_CHANGE]; }

static struct pl_value change_of(const struct showing *s)
{
    struct chain c;
    open_chain(&c);
    show_drop(&c, s);
    const struct pl_value v = change(&c);
    close_chain(&c);
    return v;
}

/* What the program makes of a degree of the head's. */
static double head_factor(void)
{
    const struct showing head = { NAN, NAN, 4 };
    return (double)change_of(&head).value / 4;
}

static void expect(const struct chain *c, int row, double value, enum pl_reason reason, unsigned by)
{
    const struct pl_value v = change(c);
    if (why(c) != reason || c->m.hip_drop_by[PL_SIDE_LEFT] != by)
        fail_msg("row %d: %s, by %u", row, pl_reason_id(why(c)), c->m.hip_drop_by[PL_SIDE_LEFT]);
    if (reason != PL_REASON_NONE ? !isnan(v.value) || !isnan(v.err) : !(fabs((double)v.value - value) <= 0.5) || !(v.err > 1))
        fail_msg("row %d: %g +- %g instead of %g", row, (double)v.value, (double)v.err, value);
}

static void test_table(void **state)
{
    const struct { struct showing s; double value; enum pl_reason why; unsigned by; } rows[] = {
        /* hands, stickers, head (true degrees; its gain is put in below) */
        { { 8, NAN, NAN }, 8, PL_REASON_NONE, H },
        { { NAN, 8, NAN }, 8, PL_REASON_NONE, S },
        { { NAN, NAN, 8 }, 8, PL_REASON_NONE, N },
        { { NAN, -5, NAN }, -5, PL_REASON_NONE, S },
        { { 8, 8, NAN }, 8, PL_REASON_NONE, S | H },
        { { 8, NAN, 8 }, 8, PL_REASON_NONE, H | N },
        { { NAN, 8, 8 }, 8, PL_REASON_NONE, S | N },
        { { 8, 8, 8 }, 8, PL_REASON_NONE, S | H | N },
        { { 6.5, 8, 10 }, 7.9, PL_REASON_NONE, S | H | N }, /* apart, but by no more than their bands */
        { { 8, 0, NAN }, NAN, PL_REASON_HIPS_DISAGREE, 0 },
        { { 8, NAN, 0 }, NAN, PL_REASON_HIPS_DISAGREE, 0 },
        { { NAN, 8, 0 }, NAN, PL_REASON_HIPS_DISAGREE, 0 },
        { { 8, 8, 0 }, 8, PL_REASON_NONE, S | H },          /* two against one */
        { { 0, 8, 8 }, 8, PL_REASON_NONE, S | N },
        { { 8, 0, 8 }, 8, PL_REASON_NONE, H | N },
        { { 8, 0, -8 }, NAN, PL_REASON_HIPS_DISAGREE, 0 },
        { { NAN, NAN, NAN }, NAN, PL_REASON_HANDS_ON_HIPS, 0 },
    };
    const double factor = head_factor();
    (void)state;
    for (int i = 0; i < (int)(sizeof rows / sizeof rows[0]); i++) {
        struct showing s = rows[i].s;
        struct chain c;
        s.head_deg /= factor;
        open_chain(&c);
        show_drop(&c, &s);
        expect(&c, i, rows[i].value, rows[i].why, rows[i].by);
        if (rows[i].why == PL_REASON_NONE) /* the other leg sees it the other way round */
            assert_true(fabs((double)c.m.v[PL_SIDE_RIGHT][PL_M_PELVIC_DROP_CHANGE].value + rows[i].value) < 0.5);
        close_chain(&c);
    }
}

/* Sources that agree are surer than each of them, sources that do not are less sure. */
static void test_agreement_sets_the_band(void **state)
{
    const double f = head_factor();
    const struct showing hands = { 6, NAN, NAN }, head = { NAN, NAN, 6 / f }, both = { 6, NAN, 6 / f }, apart = { 6, NAN, 1 / f };
    (void)state;
    const float alone = fminf(change_of(&hands).err, change_of(&head).err), together = change_of(&both).err;
    assert_true(together < 0.95f * alone && change_of(&apart).err > 1.3f * together);
}

static void head_alone(struct chain *c, double knee_deg)
{
    const struct showing level = { NAN, NAN, 0 }, drop = { NAN, NAN, 6 };
    show(c, &level, 2.5);
    stick_bend(&c->stick, PL_SIDE_LEFT, knee_deg);
    show(c, &drop, 0.5);
}

static void test_gates_of_the_head(void **state)
{
    const double knees[] = { 5, 25, 60, 85, 115 }, yaws[] = { 0, 8, 25, 180 };
    const struct showing level = { NAN, NAN, 0 }, drop = { NAN, NAN, 6 };
    struct chain c;
    (void)state;
    for (int i = 0; i < 5; i++) {
        open_chain(&c);
        head_alone(&c, knees[i]);
        assert_int_equal(why(&c), i == 0 || i == 4 ? PL_REASON_HANDS_ON_HIPS : PL_REASON_NONE);
        close_chain(&c);
    }
    for (int i = 0; i < 4; i++) {
        open_chain(&c);
        c.camera = stick_camera_at(yaws[i]);
        head_alone(&c, 45);
        assert_true(isnan(change(&c).value) == (i > 1));
        close_chain(&c);
    }
    open_chain(&c); /* shaking */
    c.head_noise_deg = 8;
    head_alone(&c, 45);
    assert_true(isnan(change(&c).value));
    close_chain(&c);
    open_chain(&c); /* has hardly stood */
    show(&c, &level, 0.6);
    stick_bend(&c.stick, PL_SIDE_LEFT, 45);
    show(&c, &drop, 0.5);
    assert_true(isnan(change(&c).value));
    close_chain(&c);
}

/* A blob that is lost now and then costs nothing; one that is lost now gives nothing. */
static void test_gaps_of_the_stickers(void **state)
{
    const struct showing on = { NAN, 6, NAN }, off = { NAN, NAN, NAN };
    struct chain c;
    (void)state;
    open_chain(&c);
    show_drop(&c, &on);
    show(&c, &off, 1.0 / 30);
    assert_int_equal(why(&c), PL_REASON_HANDS_ON_HIPS);
    show(&c, &on, 1.0 / 30);
    expect(&c, 0, 6, PL_REASON_NONE, S);
    show(&c, &off, 0.1);
    show(&c, &on, 1.0 / 30);
    assert_true(isnan(change(&c).value)); /* most of the last five are missing */
    close_chain(&c);
}

/* Hands that come to the hips after standing have nothing to be compared with. */
static void test_hands_that_came_later(void **state)
{
    const struct showing off = { NAN, NAN, NAN }, on = { 5, NAN, NAN };
    struct chain c;
    (void)state;
    open_chain(&c);
    show(&c, &off, 2.5);
    stick_bend(&c.stick, PL_SIDE_LEFT, 45);
    show(&c, &on, 0.5);
    assert_true(isnan(change(&c).value));
    close_chain(&c);
}

/* The head as it is expected on people it has not seen: gains of its own, drifts, noise. The mean over the bottom of a
 * repetition, with and without hands on the hips. */
static void test_simulated_head(void **state)
{
    const double true_gain = 1 / head_factor();
    uint64_t seed = 4;
    (void)state;
    for (int with_hands = 0; with_hands < 2; with_hands++) {
        double sum = 0, xx = 0, xy = 0, x = 0, y = 0;
        int n = 0, inside = 0;
        for (int body = 0; body < 60; body++) {
            const double drop = body % 5 * 2.5, gain = true_gain + 0.08 * normal(&seed), drift = 1.3 * normal(&seed);
            const struct showing s = { with_hands ? drop + 1.2 * normal(&seed) : NAN, NAN, gain * drop + drift };
            struct chain c;
            open_chain(&c);
            c.head_noise_deg = 0.9;
            c.seed = seed;
            show_drop(&c, &s);
            double mean = 0;
            for (int i = 0; i < 10; i++) {
                show(&c, &s, 1.0 / 30);
                mean += 0.1 * (double)change(&c).value;
            }
            assert_false(isnan(mean));
            sum += fabs(mean - drop);
            inside += fabs(mean - drop) <= (double)change(&c).err;
            x += drop, y += mean, xx += drop * drop, xy += drop * mean;
            n++;
            close_chain(&c);
        }
        const double slope = (n * xy - x * y) / (n * xx - x * x);
        if (!(sum / n <= 2.0 && slope > 0.8 && slope < 1.2 && inside >= 0.9 * n))
            fail_msg("MAE %g, gain %g, %d of %d inside", sum / n, slope, inside, n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_agreement_sets_the_band),
        cmocka_unit_test(test_gates_of_the_head),
        cmocka_unit_test(test_gaps_of_the_stickers),
        cmocka_unit_test(test_hands_that_came_later),
        cmocka_unit_test(test_simulated_head),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
