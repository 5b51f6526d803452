#include "number.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

enum { MAX_DIGITS = 18, MAX_EXPONENT = 300 };

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* Exponent "e-3" from text[*i] on, if there is one. */
static bool read_exponent(int *out, const char *text, size_t n, size_t *i)
{
    *out = 0;
    if (*i == n || (text[*i] != 'e' && text[*i] != 'E'))
        return true;
    bool minus = ++*i < n && text[*i] == '-';
    if (*i < n && (text[*i] == '-' || text[*i] == '+'))
        ++*i;
    size_t start = *i;
    for (; *i < n && is_digit(text[*i]); ++*i)
        if (*out < 10000)
            *out = *out * 10 + (text[*i] - '0');
    if (minus)
        *out = -*out;
    return *i > start;
}

bool pl_camera_number(double *out, const char *text, size_t n)
{
    uint64_t digits = 0;
    int n_used = 0, scale = 0, exponent;
    size_t i = 0, n_seen = 0;
    bool minus = false, point = false;
    while (n && (text[n - 1] == ' ' || text[n - 1] == '\t'))
        n--;
    while (i < n && (text[i] == ' ' || text[i] == '\t'))
        i++;
    if (i < n && (text[i] == '-' || text[i] == '+'))
        minus = text[i++] == '-';
    for (; i < n && (is_digit(text[i]) || (text[i] == '.' && !point)); i++) {
        if (text[i] == '.') {
            point = true;
            continue;
        }
        n_seen++;
        if (n_used < MAX_DIGITS) { /* 18 digits fit into 64 bits; further ones are below a double's precision */
            digits = digits * 10 + (uint64_t)(text[i] - '0');
            n_used += digits > 0;
            scale -= point;
        } else {
            scale += !point;
        }
    }
    if (!n_seen || !read_exponent(&exponent, text, n, &i) || i != n)
        return false;
    exponent += scale;
    if (exponent > MAX_EXPONENT && digits)
        return false;
    /* one correctly rounded division or multiplication for all usual numbers (up to 15 digits, 22 decimals) */
    double value = (double)digits;
    if (exponent < -MAX_EXPONENT)
        value = 0;
    else
        value = exponent < 0 ? value / pow(10, -exponent) : value * pow(10, exponent);
    *out = minus ? -value : value;
    return isfinite(value);
}
