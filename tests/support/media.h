/* Files that tests make for themselves. What cannot be made ends the program: the test would mean nothing. */
#ifndef PLUMBLINE_TESTS_MEDIA_H
#define PLUMBLINE_TESTS_MEDIA_H

#include <stddef.h>
#include <stdint.h>

enum { MEDIA_PATH = 256, TINY_JPEG_SIZE = 557, TINY_JPEG_WIDTH = 32, TINY_JPEG_HEIGHT = 16 };

/* Left half black, right half white. */
extern const uint8_t tiny_jpeg[TINY_JPEG_SIZE];

void media_folder(char folder[MEDIA_PATH]); /* a fresh one under $TMPDIR or /tmp */
void media_remove(const char *folder);      /* with all that is in it */
void media_write(const char *path, const void *data, size_t size);
void media_text(const char *path, const char *text);
uint8_t *media_read(size_t *size, const char *path); /* malloc */

#endif
