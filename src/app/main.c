/* plumbline: a knee-alignment coach for a laptop camera. The commands are in the files of their names. */
#include <signal.h>

#include "internal.h"

static int run_default(const struct pl_app_options *o)
{
    struct pl_camera_entry cameras[16];
    int n = pl_camera_list(cameras, 16);

    for (int i = 0; i < n && i < 16; i++)
        if (!cameras[i].problem[0])
            return pl_app_live(o);
    return pl_app_sample(o, n ? cameras[0].problem : "no camera found");
}

int main(int argc, char **argv)
{
    struct pl_app_options o;

    signal(SIGPIPE, SIG_IGN); /* a closed pipe is an error of the write, with a sentence, not a silent death */
    if (!pl_app_options_read(&o, argc, argv))
        return PL_EXIT_USAGE;
    if (o.help) {
        pl_app_usage(stdout, o.command);
        return PL_EXIT_DONE;
    }
    if (o.version) {
        puts("plumbline " PL_VERSION);
        return PL_EXIT_DONE;
    }
    switch (o.command) {
    case PL_COMMAND_LIVE:    return pl_app_live(&o);
    case PL_COMMAND_REPLAY:  return pl_app_replay(&o);
    case PL_COMMAND_ANALYZE: return pl_app_analyze(&o);
    case PL_COMMAND_BENCH:   return pl_app_bench(&o);
    case PL_COMMAND_DOCTOR:  return pl_app_doctor(&o);
    case PL_COMMAND_LIMITS:  return pl_app_limits(&o);
    case PL_COMMAND_CALIBRATE: return pl_app_calibrate(&o);
    case PL_COMMAND_NONE:    break;
    }
    return run_default(&o);
}
