#include "plumbline/err.h"

#include <stdarg.h>
#include <stdio.h>

/* The sentence quotes names out of files that nobody vouches for; on a terminal a control character is a command. */
static void tame(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 32 || *text == 127)
            *text = '?';
}

bool pl_fail(struct pl_err *err, enum pl_err_code code, const char *fmt, ...)
{
    if (err) {
        va_list ap;
        err->code = code;
        va_start(ap, fmt);
        vsnprintf(err->text, sizeof err->text, fmt, ap);
        va_end(ap);
        tame(err->text);
    }
    return false;
}
