/* limits: the table of limits as a configuration file: what it prints can be kept, changed and given to --config. */
#include "internal.h"

int pl_app_limits(const struct pl_app_options *o)
{
    struct pl_limit row;

    puts("; The limits that judge a movement. To change some, keep their lines and the [limits] line in\n"
         "; ~/.config/plumbline/plumbline.ini or in a file for --config; what is not there keeps its default.\n"
         "; _deg degrees, _s seconds, _pct per cent, _px pixels, _p probability; others as told. In brackets what is taken.\n"
         "\n[limits]");
    for (int i = 0; pl_limits_row(&row, &o->limits, i); i++) {
        printf("\n; %s [%g to %g]\n", row.source, (double)row.least, (double)row.most);
        if (row.value < row.standard || row.value > row.standard)
            printf("; changed in %s; default %g\n", o->config, (double)row.standard);
        printf("%s = %g\n", row.name, (double)row.value);
    }
    if (fflush(stdout) || ferror(stdout)) {
        pl_app_say("the limits could not be written: is the disk full?");
        return PL_EXIT_INPUT;
    }
    return PL_EXIT_DONE;
}
