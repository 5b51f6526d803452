/* What was measured once about camera, room and person, as small readable files with units.
 *
 *     $XDG_DATA_HOME/plumbline/camera.ini, room.ini, body.ini, toe.ini      (~/.local/share without XDG_DATA_HOME)
 *
 * A file is used whole or not at all: another version, another camera or picture size, an unknown or missing name, a value
 * out of its range, a date of the future or too long ago refuse it with the reason. What was not measured is `unknown` in
 * the file and NAN here.
 */
#ifndef PLUMBLINE_CALIBRATION_H
#define PLUMBLINE_CALIBRATION_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>
#include "plumbline/err.h"
#include "plumbline/landmarks.h"
#include "plumbline/lens.h"

enum pl_calibration_kind { PL_CALIBRATION_CAMERA, PL_CALIBRATION_ROOM, PL_CALIBRATION_BODY, PL_CALIBRATION_TOE, PL_N_CALIBRATIONS };

/* "camera", "room", "body", "toe"; static storage */
const char *pl_calibration_name(enum pl_calibration_kind kind);

/* name, type (i int, d double, f float, s text, t date), least, most (text and date: 0, 0), whether it may be unknown, what the
 * file says about it. A range that no real camera, room or person leaves. */
#define PL_CALIBRATION_CAMERA_FIELDS(X) \
    X(device, s, 0, 0, false, "the camera's name") \
    X(width_px, i, 64, 16384, false, "size of the pictures") \
    X(height_px, i, 64, 16384, false, "") \
    X(fx_px, d, 20, 100000, false, "focal length") \
    X(fy_px, d, 20, 100000, false, "") \
    X(cx_px, d, 0, 16384, false, "optical centre, from the picture's top left corner") \
    X(cy_px, d, 0, 16384, false, "") \
    X(k1, d, -5, 5, false, "distortion, without unit: Brown's model as in OpenCV") \
    X(k2, d, -20, 20, false, "") \
    X(p1, d, -1, 1, false, "") \
    X(p2, d, -1, 1, false, "") \
    X(k3, d, -50, 50, false, "") \
    X(reprojection_px, d, 0, 3, false, "root mean square distance of the board's corners from where this lens puts them") \
    X(focal_sd_px, d, 0, 1000, false, "standard deviation of the focal length") \
    X(views, i, 3, 64, false, "views of the board that it rests on") \
    X(reach, d, 0, 1, false, "how far out the board was seen, of the way from the centre to the picture's corner") \
    X(date, t, 0, 0, false, "when, year-month-day")

#define PL_CALIBRATION_ROOM_FIELDS(X) \
    X(device, s, 0, 0, false, "the camera's name") \
    X(width_px, i, 64, 16384, false, "size of the pictures") \
    X(height_px, i, 64, 16384, false, "") \
    X(focal_px, f, 20, 100000, false, "focal length that was used: of camera.ini, else of an ordinary webcam") \
    X(camera_height_m, f, 0.02, 4, false, "the lens over the floor") \
    X(camera_height_err_m, f, 0, 2, false, "half of its 95 % band") \
    X(tilt_deg, f, -60, 60, false, "the camera's, + = looking down") \
    X(tilt_err_deg, f, 0, 30, false, "half of its 95 % band") \
    X(roll_deg, f, -30, 30, true, "of the floor line through the feet, + = the picture's right is lower") \
    X(distance_m, f, 0.5, 20, false, "from the camera to where the person stood, along the floor") \
    X(date, t, 0, 0, false, "when, year-month-day")

#define PL_CALIBRATION_BODY_FIELDS(X) \
    X(stature_m, f, 0.8, 2.5, false, "height of the body, as told") \
    X(left_leg_m, f, 0.3, 1.5, true, "hip to ankle, straight") \
    X(right_leg_m, f, 0.3, 1.5, true, "") \
    X(left_foot_m, f, 0.08, 0.5, true, "heel to toe as landmarks, which lie inside the foot; from the side") \
    X(right_foot_m, f, 0.08, 0.5, true, "") \
    X(left_standing_fppa_deg, f, -45, 45, true, "knee inward (+) in quiet standing; from the front") \
    X(right_standing_fppa_deg, f, -45, 45, true, "") \
    X(left_standing_bend_deg, f, -20, 60, true, "knee bend in quiet standing as the picture shows it; from the side") \
    X(right_standing_bend_deg, f, -20, 60, true, "") \
    X(quiet_s, f, 1, 3600, false, "seconds of standing still that it rests on") \
    X(date, t, 0, 0, false, "when, year-month-day")

#define PL_CALIBRATION_TOE_FIELDS(X) \
    X(left_offset_pct, f, -60, 60, true, "added to knee over toe, in percent of the foot: at the wall it must read 0") \
    X(right_offset_pct, f, -60, 60, true, "") \
    X(left_touches, i, 0, 1000, false, "touches of the wall that it rests on") \
    X(right_touches, i, 0, 1000, false, "") \
    X(left_spread_pct, f, 0, 60, true, "half the way between the smallest and the largest of them") \
    X(right_spread_pct, f, 0, 60, true, "") \
    X(date, t, 0, 0, false, "when, year-month-day")

enum { PL_CALIBRATION_VERSION = 1 };
struct pl_calibration_date { int year, month, day; };
#define PL_CALIBRATION_i int
#define PL_CALIBRATION_d double
#define PL_CALIBRATION_f float
#define PL_CALIBRATION_t struct pl_calibration_date
struct pl_calibration_text { char text[128]; };
#define PL_CALIBRATION_s struct pl_calibration_text
#define X(name, type, least, most, optional, comment) PL_CALIBRATION_##type name;
struct pl_camera_calibration { PL_CALIBRATION_CAMERA_FIELDS(X) };
struct pl_room_calibration { PL_CALIBRATION_ROOM_FIELDS(X) };
struct pl_body_calibration { PL_CALIBRATION_BODY_FIELDS(X) };
struct pl_toe_calibration { PL_CALIBRATION_TOE_FIELDS(X) };
#undef X

struct pl_calibration {
    enum pl_calibration_kind kind;
    union {
        struct pl_camera_calibration camera;
        struct pl_room_calibration room;
        struct pl_body_calibration body;
        struct pl_toe_calibration toe;
    };
};

/* What a file must fit. */
struct pl_calibration_need {
    const char *device;                   /* NULL: any */
    int width_px, height_px;              /* 0: any */
    struct pl_calibration_date today;     /* year 0: any age, any date */
    int max_age_days;                     /* 0: any age, but not of the future */
};

/* How old each kind may be. src: own choice. A lens does not change; a laptop on a chair moves; shoes and landmarks do little. */
int pl_calibration_max_age_days(enum pl_calibration_kind kind);

/* Local time -> date. */
struct pl_calibration_date pl_calibration_date_of(time_t when);

/* The file's place. err: IO: neither XDG_DATA_HOME nor HOME is set, or the name is too long. */
bool pl_calibration_path(char *out, size_t size, enum pl_calibration_kind kind, struct pl_err *err) PL_MUST_CHECK;

/* need may be NULL: only what the file itself must hold. out is filled only on success.
 * err: IO (missing, unreadable), FORMAT (not such a file, damaged, another version, out of range), ARG (of another camera or size,
 * too old), MEMORY */
bool pl_calibration_read(struct pl_calibration *out, enum pl_calibration_kind kind, const char *path,
                         const struct pl_calibration_need *need, struct pl_err *err) PL_MUST_CHECK;

/* Writes the file anew beside it and puts it in the old one's place, so that it is never half there; makes missing folders.
 * err: IO; ARG: a value out of its range, which no reader would take */
bool pl_calibration_write(const char *path, const struct pl_calibration *calibration, struct pl_err *err) PL_MUST_CHECK;

struct pl_lens pl_calibration_lens(const struct pl_camera_calibration *camera);

/* Takes the lens' distortion out of all points; where that is not possible they become unknown. No allocation. */
void pl_calibration_straighten(const struct pl_lens *lens, struct pl_landmarks *landmarks);

#endif
