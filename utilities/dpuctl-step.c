/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpuctl-step: see dpuctl-step.h. */

#include <config.h>

#include "utilities/dpuctl-step.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "util.h"

bool
dpuctl_step(struct dpuctl_steps *steps, const char *format, ...)
{
    va_list args;

    free(steps->command);
    va_start(args, format);
    steps->command = xvasprintf(format, args);
    va_end(args);
    steps->n++;
    puts(steps->command);
    fflush(stdout);
    return !steps->dry_run;
}

char *
dpuctl_step_failed(const struct dpuctl_steps *steps, char *error,
                   const char *hint)
{
    char *text = xasprintf("%s: %s%s%s",
                           steps->command ? steps->command : "",
                           error ? error : "failed", hint ? "\n" : "",
                           hint ? hint : "");

    free(error);
    return text;
}

void
dpuctl_steps_destroy(struct dpuctl_steps *steps)
{
    free(steps->command);
    steps->command = NULL;
}

/* Appends 'word' as a shell takes it. */
static void
put_word(struct ds *s, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=:,./@%+";

    if (word[0] && strspn(word, plain) == strlen(word)) {
        ds_put_cstr(s, word);
        return;
    }
    ds_put_char(s, '\'');
    for (; *word; word++) {
        if (*word == '\'') {
            ds_put_cstr(s, "'\\''");
        } else {
            ds_put_char(s, *word);
        }
    }
    ds_put_char(s, '\'');
}

char *
dpuctl_step_vsctl(struct dpuctl_steps *steps,
                  const struct dpuctl_ovsdb_remote *remote,
                  const struct svec *commands)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    char *error = NULL;

    if (!commands->n) {
        return NULL;
    }
    ds_put_cstr(&s, "ovs-vsctl");
    if (remote->db) {
        ds_put_cstr(&s, " --db=");
        put_word(&s, remote->db);
    }
    if (remote->no_wait) {
        ds_put_cstr(&s, " --no-wait");
    }
    for (size_t i = 0; i < commands->n; i++) {
        if (strcmp(commands->names[i], "--")) {
            ds_put_char(&s, ' ');
        } else {
            ds_put_cstr(&s, " \\\n    ");
        }
        put_word(&s, commands->names[i]);
    }
    if (dpuctl_step(steps, "%s", ds_cstr(&s))) {
        error = dpuctl_ovsdb_run(remote, commands);
    }
    ds_destroy(&s);
    return error;
}
