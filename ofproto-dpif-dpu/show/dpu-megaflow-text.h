/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-megaflow-text: megaflows in the words of "ovs-appctl dpctl/dump-flows".
 *
 * Thread-safety: reentrant. */

#ifndef DPU_MEGAFLOW_TEXT_H
#define DPU_MEGAFLOW_TEXT_H 1

#include <stdbool.h>
#include <stddef.h>

struct ds;
struct match;
struct nlattr;
struct simap;

/* Appends 'match' and 'actions', of 'actions_len' bytes, with ports as
 * numbers: "recirc_id(0),in_port(1),..., actions:2". */
void dpu_megaflow_format(const struct match *match,
                         const struct nlattr *actions, size_t actions_len,
                         struct ds *);

/* Makes '*match' what dpif-netdev makes of 'text', a key and a mask.  'ports'
 * has the numbers of ports that 'text' names, or is NULL.  Returns NULL, or a
 * sentence that says what is wrong, which the caller must free(). */
char *dpu_megaflow_parse_match(const char *text, const struct simap *ports,
                               struct match *match);

/* The same for a datapath's attributes. */
char *dpu_megaflow_from_odp(const struct nlattr *key, size_t key_len,
                            const struct nlattr *mask, size_t mask_len,
                            struct match *match);

/* Whether 'a' and 'b' would be written in the same way, whatever their bits
 * that no attribute of the datapath has. */
bool dpu_megaflow_match_equal(const struct match *a, const struct match *b);

#endif /* ofproto-dpif-dpu/show/dpu-megaflow-text.h */
