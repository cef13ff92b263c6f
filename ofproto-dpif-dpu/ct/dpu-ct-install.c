/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/ct/dpu-ct-install.h"

#include "util.h"

#include "ofproto-dpif-dpu/ct/dpu-ct-burst.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-device.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-rule.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-shard.h"
#include "ofproto-dpif-dpu/device/dpu-audit.h"
#include "ofproto-dpif-dpu/device/dpu-ct-regs.h"

struct dpu_ct_burst *
dpu_ct_install_burst(const struct dpu_ct_conn *conn)
{
    return &dpu_ct_shards[conn->shard].burst;
}

void
dpu_ct_install_remove(struct dpu_ct_conn *conn)
{
    struct dpu_ct_pass *pass;

    DPU_CT_FOR_EACH_PASS (pass, conn) {
        for (int dir = 0; dir < 2; dir++) {
            if (pass->rules[dir]) {
                dpu_ct_device_remove(conn->device, conn->target,
                                     dpu_ct_install_burst(conn),
                                     pass->rules[dir]);
                pass->rules[dir] = NULL;
            }
        }
    }
    dpu_ct_conn_leave(conn);
}

static bool
pass_install(struct dpu_ct_pass *pass, bool reply, uint8_t ct_state,
             long long int now, struct dpu_reason *reason)
{
    struct dpu_ct_conn *conn = pass->conn;
    struct dpu_ct_rule rule = {
        .group = conn->device->group,
        .next = conn->device->next,
        .match = &conn->tuples[reply],
        .variant = pass->variant,
        .ct_state = ct_state,
        .ct_mark = conn->mark,
    };
    struct dpu_ct_tuple rewrite;

    atomic_read_relaxed(&conn->class, &rule.ct_class);
    if (pass->nat) {
        dpu_ct_tuple_reverse(&conn->tuples[!reply], &rewrite);
        rule.rewrite = &rewrite;
    }
    dpu_ct_pass_number(pass);
    rule.meta = dpu_ct_meta(pass->number.value, reply);
    pass->counts[reply] = (struct dpu_rule_count) { .packets = 0 };
    return dpu_ct_device_install(conn->device, conn->target,
                                 dpu_ct_install_burst(conn), &rule,
                                 &pass->rules[reply], now, reason);
}

bool
dpu_ct_install(struct dpu_ct_conn *conn, long long int now,
                   struct dpu_reason *reason)
{
    struct dpu_ct_pass *pass;

    dpu_ct_conn_join(conn);
    DPU_CT_FOR_EACH_PASS (pass, conn) {
        for (int dir = 0; dir < 2; dir++) {
            uint8_t state;

            atomic_read_relaxed(&pass->states[dir], &state);
            if (state && !pass->rules[dir]
                && !pass_install(pass, dir, state, now, reason)) {
                dpu_ct_burst_finish(dpu_ct_install_burst(conn), now);
                dpu_ct_install_remove(conn);
                return false;
            }
        }
    }
    return true;
}

bool
dpu_ct_install_has_arrived(struct dpu_ct_conn *conn, long long int now,
                 struct dpu_reason *reason)
{
    struct dpu_ct_pass *pass;

    DPU_CT_FOR_EACH_PASS (pass, conn) {
        for (int dir = 0; dir < 2; dir++) {
            if (pass->rules[dir]
                && !dpu_ct_device_arrived(conn->device, conn->target,
                                          pass->rules[dir], now, reason)) {
                return false;
            }
        }
    }
    return true;
}

unsigned int
dpu_ct_install_count(struct dpu_ct_conn *conn)
{
    struct dpu_ct_pass *pass;
    unsigned int seen = 0;

    DPU_CT_FOR_EACH_PASS (pass, conn) {
        for (int dir = 0; dir < 2; dir++) {
            struct dpu_rule_count count = pass->counts[dir];

            if (!pass->rules[dir]) {
                continue;
            }
            if (!dpu_ct_device_query(conn->device, conn->target,
                                     pass->rules[dir], &count)) {
                seen |= DPU_CT_INSTALL_LOST;
            } else if (count.packets > pass->counts[dir].packets) {
                pass->counts[dir] = count;
                seen |= 1 << dir;
            }
        }
    }
    return seen;
}

static bool
rule_is_lost(const struct dpu_ct_conn *conn, struct dpu_rule *rule,
               struct dpu_audit *audit)
{
    const struct dpu_rule_target target = { conn->device->ops, conn->target };

    return rule && dpu_audit_ask(audit, &target, rule);
}

size_t
dpu_ct_install_audit(struct dpu_ct_conn *conn, struct dpu_audit *audit)
{
    struct dpu_ct_pass *pass;
    size_t n_lost = 0;

    DPU_CT_FOR_EACH_PASS (pass, conn) {
        for (int dir = 0; dir < 2; dir++) {
            if (rule_is_lost(conn, pass->rules[dir], audit)) {
                dpu_ct_device_remove(conn->device, conn->target,
                                     dpu_ct_install_burst(conn),
                                     pass->rules[dir]);
                pass->rules[dir] = NULL;
                n_lost++;
            }
        }
    }
    return n_lost;
}
