/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-error: what is told to an application that is refused something. */
#include "emu-error.h"

#include <stdarg.h>
#include <stdio.h>

#include <rte_errno.h>

int
emu_error_set(struct rte_flow_error *error, int code,
	      enum rte_flow_error_type type, const void *cause,
	      const char *format, ...)
{
	static __thread char message[256];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	return rte_flow_error_set(error, code, type, cause, message);
}
