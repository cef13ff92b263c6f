/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "lib/dpu-error.h"

#include <stdarg.h>
#include <stdio.h>

int
dpu_error(char **error, int code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    if (vasprintf(error, format, args) < 0) {
        *error = NULL;
    }
    va_end(args);
    return code;
}
