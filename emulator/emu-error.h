/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-error: what is told to an application that is refused something.
 *
 * Thread-safety: any thread. */
#ifndef EMU_ERROR_H
#define EMU_ERROR_H

#include <rte_flow.h>

/* Fills in 'error' (unless it is NULL) with 'type', 'cause', the item, action
 * or attribute at fault, and the message 'format', and sets rte_errno to
 * 'code', a positive errno.  The message stands in a buffer of the calling
 * thread and is valid until that thread's next error.  Returns -code. */
int emu_error_set(struct rte_flow_error *error, int code,
		  enum rte_flow_error_type type, const void *cause,
		  const char *format, ...) __rte_format_printf(5, 6);

/* The same for an error that is of no item, action or attribute. */
#define EMU_REFUSE(ERROR, CODE, CAUSE, ...) \
	emu_error_set(ERROR, CODE, RTE_FLOW_ERROR_TYPE_UNSPECIFIED, CAUSE, \
		      __VA_ARGS__)

#endif /* EMU_ERROR_H */
