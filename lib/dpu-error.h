/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-error: an errno together with a sentence for people.
 *
 * Thread-safety: pure functions. */

#ifndef DPU_ERROR_H
#define DPU_ERROR_H 1

/* Puts the sentence, which the caller must free(), into '*error', or NULL
 * there if there is no memory for it.  Returns 'code'. */
int dpu_error(char **error, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif /* lib/dpu-error.h */
