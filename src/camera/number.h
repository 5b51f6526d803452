/* Numbers of text files, whatever the user's locale. */
#ifndef PLUMBLINE_CAMERA_NUMBER_H
#define PLUMBLINE_CAMERA_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

/* text [n]: an optional sign, digits with at most one point, an optional exponent, blanks around it; not "nan".
 * why:  strtod follows the locale and reads "0,5" as a half in a German one */
bool pl_camera_number(double *out, const char *text, size_t n);

#endif
