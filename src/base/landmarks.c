#include "plumbline/landmarks.h"

const char *pl_landmark_name(enum pl_landmark i)
{
    static const char *const names[PL_N_LANDMARKS] = {
#define X(name, text) text,
        PL_LANDMARKS(X)
#undef X
    };
    return (unsigned)i < PL_N_LANDMARKS ? names[i] : "?";
}
