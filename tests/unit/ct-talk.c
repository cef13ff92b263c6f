/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "tests/unit/ct-talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "openvswitch/vlog.h"
#include "util.h"

#include "ofproto-dpif-dpu/ct/dpu-ct-config.h"

const struct ct_action ct_commit = { .zone = CT_ZONE, .commit = true };
const struct ct_action ct_track = { .zone = CT_ZONE };

int
ct_talk_setup(void **state OVS_UNUSED)
{
    atomic_store(&dpu_ct_config.max, UINT32_MAX);
    ct_setup();
    return 0;
}

int
ct_talk_teardown(void **state OVS_UNUSED)
{
    ct_teardown();
    return 0;
}

struct ct_probe
ct_send_flags(const struct dpu_ct_tuple *tuple, bool reply, uint16_t flags,
              const struct ct_action *action)
{
    struct ct_probe probe = {
        .tuple = *tuple,
        .tcp_flags = flags,
        .port = reply ? CT_PORT_B : CT_PORT_A,
    };

    if (reply) {
        dpu_ct_tuple_reverse(tuple, &probe.tuple);
    }
    ct_send(&probe, action);
    return probe;
}

struct ct_probe
ct_talk(const struct dpu_ct_tuple *tuple, bool reply,
        const struct ct_action *action)
{
    return ct_send_flags(tuple, reply, TCP_ACK, action);
}

void
ct_establish(const struct dpu_ct_tuple *tuple)
{
    if (tuple->proto == IPPROTO_TCP) {
        ct_send_flags(tuple, false, TCP_SYN, &ct_commit);
        ct_send_flags(tuple, true, TCP_SYN | TCP_ACK, &ct_track);
        ct_send_flags(tuple, false, TCP_ACK, &ct_track);
        ct_send_flags(tuple, true, TCP_ACK, &ct_track);
    } else {
        ct_talk(tuple, false, &ct_commit);
        ct_talk(tuple, true, &ct_track);
        ct_talk(tuple, false, &ct_track);
    }
}

void
ct_exchange(const struct dpu_ct_tuple *tuple, const struct ct_action *action,
            unsigned int n)
{
    for (unsigned int i = 0; i < n; i++) {
        static const struct ct_action back = { .zone = CT_ZONE, .nat = true };
        struct ct_probe probe, answer;
        struct dpu_ct_tuple reverse;

        probe = ct_talk(tuple, false, i ? &back : action);
        dpu_ct_tuple_reverse(&probe.after, &reverse);
        answer = (struct ct_probe) {
            .tuple = reverse, .tcp_flags = TCP_ACK, .port = CT_PORT_B,
        };
        ct_send(&answer, &back);

        /* The answer comes back to who asked. */
        dpu_ct_tuple_reverse(&answer.after, &reverse);
        assert_true(dpu_ct_tuple_equals(&reverse, tuple));
        if (i > 1) {
            assert_true(probe.hardware);
            assert_true(answer.hardware);
        }
    }
    ct_check();
}

uint64_t
ct_counter(enum dpu_ct_counter c)
{
    uint64_t n;

    atomic_read(&dpu_ct_counters[c], &n);
    return n;
}

uint64_t
ct_refused(enum dpu_ct_refusal refusal)
{
    uint64_t n;

    atomic_read(&dpu_ct_refused_ever[refusal], &n);
    return n;
}

int
ct_run(int (*run)(void))
{
    int n_failed = 0;

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    for (int bursts = 0; bursts < 2; bursts++) {
        ct_bursts = bursts;
        for (size_t i = 0; i < DPU_CT_N_COUNTERS; i++) {
            atomic_store(&dpu_ct_counters[i], 0);
        }
        for (size_t i = 0; i < DPU_CT_N_REFUSALS; i++) {
            atomic_store(&dpu_ct_refused_ever[i], 0);
        }
        n_failed += run();
    }
    return n_failed;
}
