/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * ct-talk: what tests of connections have hosts say, and how they are run: on
 * a device that takes rules one by one, and on one that takes them in
 * bursts. */

#ifndef CT_TALK_H
#define CT_TALK_H 1

#include "tests/unit/ct-fixture.h"

#include "ofproto-dpif-dpu/ct/dpu-ct-life.h"

#define CT_ZONE 7

/* ct_state of a packet of an established connection. */
#define CT_EST (CS_TRACKED | CS_ESTABLISHED)

/* ct(commit,zone=CT_ZONE) and ct(zone=CT_ZONE). */
extern const struct ct_action ct_commit, ct_track;

/* Sends a packet of 'tuple', or an answer to it; of TCP with 'flags', or with
 * ACK.  Returns what became of it. */
struct ct_probe ct_send_flags(const struct dpu_ct_tuple *tuple, bool reply,
                              uint16_t flags, const struct ct_action *);
struct ct_probe ct_talk(const struct dpu_ct_tuple *tuple, bool reply,
                        const struct ct_action *);

/* Has the connection of 'tuple' established. */
void ct_establish(const struct dpu_ct_tuple *tuple);

/* Sends a packet in and its answer back, 'n' times, as NAT has it. */
void ct_exchange(const struct dpu_ct_tuple *tuple, const struct ct_action *,
                 unsigned int n);

/* What was counted so far. */
uint64_t ct_counter(enum dpu_ct_counter);
uint64_t ct_refused(enum dpu_ct_refusal);

/* Before and after each test. */
int ct_talk_setup(void **state);
int ct_talk_teardown(void **state);
#define CT_TEST(NAME) \
    cmocka_unit_test_setup_teardown(NAME, ct_talk_setup, ct_talk_teardown)

/* Calls 'run', which runs the tests, for each kind of device.  Returns how
 * many have failed. */
int ct_run(int (*run)(void));

#endif /* tests/unit/ct-talk.h */
