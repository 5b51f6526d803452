/* Errors: what can fail for reasons outside the program returns bool and fills the last argument. */
#ifndef PLUMBLINE_ERR_H
#define PLUMBLINE_ERR_H

#include <stdbool.h>

#define PL_MUST_CHECK __attribute__((warn_unused_result))

enum pl_err_code {
    PL_E_NONE = 0,
    PL_E_ARG,         /* the caller's (finally: the user's) argument is wrong */
    PL_E_MEMORY,
    PL_E_IO,          /* the file is missing, unreadable, or writing failed */
    PL_E_FORMAT,      /* the file was read and is not what it should be */
    PL_E_UNSUPPORTED, /* valid, but not something plumbline handles */
    PL_E_DEVICE,      /* a device failed, or there is none */
    PL_E_GONE,        /* a device that was there was taken away */
    PL_E_BUSY,        /* a device is in use by someone else */
    PL_E_DENIED,      /* a device may not be used by this user */
    PL_E_INTERNAL     /* our own mistake */
};

struct pl_err {
    enum pl_err_code code;
    char text[512]; /* one sentence: names the file or device, says what is wrong and what to do */
};

/* Fills err (may be NULL) and returns false, so that a failing function ends with `return pl_fail(...)`. */
bool pl_fail(struct pl_err *err, enum pl_err_code code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
