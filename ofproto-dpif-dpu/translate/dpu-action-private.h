/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-action-private: what the actions of dpu-action.c, dpu-action-output.c,
 * dpu-action-copy.c, dpu-action-ct.c, dpu-action-meter.c, dpu-action-header.c
 * and dpu-action-mpls.c share.
 *
 * An action is asked first ("ask": can it be translated?), and compiled when
 * all were asked.  Both return false, with the reason, if the megaflow is
 * refused. */

#ifndef DPU_ACTION_PRIVATE_H
#define DPU_ACTION_PRIVATE_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_flow.h>

#include "ofproto-dpif-dpu/device/dpu-reason.h"
#include "ofproto-dpif-dpu/device/dpu-spec.h"
#include "ofproto-dpif-dpu/translate/dpu-megaflow.h"
#include "ofproto-dpif-dpu/translate/dpu-set.h"

struct dpu_caps;
struct nlattr;

/* The translation of one list of actions. */
struct dpu_action {
    const struct dpu_megaflow *flow;
    const struct dpu_port_map *ports;
    const struct dpu_caps *caps;
    struct dpu_spec *spec;      /* The rule that is being made: another one
                                 * behind each ct(). */
    struct dpu_reason *reason;
    struct dpu_set set;         /* What is known of the packet's fields. */
    int n_tags;                 /* VLAN headers that it has, at least. */
    bool astray;                /* Software looks for headers behind VLAN
                                 * headers in the wrong place. */
    bool tracked;               /* The packet may have ct fields. */
    struct {
        ovs_be16 ethertype;     /* Of its first MPLS label; 0: it may have
                                 * none. */
        ovs_be32 lse, mask;     /* That label, as far as it is known. */
        int n_pushed;           /* Labels put on by actions that were asked, */
        int n_on;               /* and by those compiled. */
    } label;
    bool outer;                 /* The headers of the tunnel that the packet
                                 * came in are still on, and so in copies. */
    bool encapsulated;          /* By an action that was asked. */
    int n_outputs;              /* Of the list, also what else must not be
                                 * left out: recirc, samples, meters. */
    int n_sent;                 /* Of them, compiled. */
    int n_hardware;             /* Of them, on the device. */
    int n_meters;               /* Of them, that are meters. */
    bool in_clone;              /* Within a clone that others follow. */
    uint16_t outputs[DPU_SPEC_MAX_ACTIONS];     /* Ethdevs, or
                                                 * DPU_ACTION_SOFTWARE. */
    struct dpu_reason software; /* Why software has to output, if it has. */
};

/* In place of an ethdev: the packet comes up to software to be output. */
#define DPU_ACTION_SOFTWARE UINT16_MAX

/* dpu-action.c. */

/* Whether the device has actions of 'type'; refuse because it has not; refuse
 * unless it has; append one, which the device must have. */
bool dpu_action_has(const struct dpu_action *, enum rte_flow_action_type type);
bool dpu_action_refuse_device(struct dpu_action *,
                              enum rte_flow_action_type type);
bool dpu_action_require(struct dpu_action *, enum rte_flow_action_type type);
bool dpu_action_add(struct dpu_action *, enum rte_flow_action_type type,
                    const void *conf, size_t size);

/* Whether there is room for one more output. */
bool dpu_action_ask_room(struct dpu_action *);

/* Whether no action follows 'a'. */
bool dpu_action_is_last(const struct dpu_action *, const struct nlattr *a);

/* A list of actions, of 'len' bytes; of one, 'compile' alone. */
bool dpu_action_ask_list(struct dpu_action *, const struct nlattr *,
                         size_t len);
bool dpu_action_compile_list(struct dpu_action *, const struct nlattr *,
                             size_t len);
bool dpu_action_compile_one(struct dpu_action *, const struct nlattr *);

/* dpu-action-output.c.  dpu_action_ask_software() asks whether software may do
 * what hardware cannot, because of '*reason': only if the device lets it. */
bool dpu_action_ask_software(struct dpu_action *);
bool dpu_action_ask_output(struct dpu_action *, const struct nlattr *);
bool dpu_action_compile_output(struct dpu_action *, const struct nlattr *);
bool dpu_action_ask_recirc(struct dpu_action *, const struct nlattr *);
bool dpu_action_compile_recirc(struct dpu_action *, const struct nlattr *);
bool dpu_action_ask_tnl_pop(struct dpu_action *, const struct nlattr *);
bool dpu_action_compile_tnl_pop(struct dpu_action *, const struct nlattr *);

/* dpu-action-copy.c. */
bool dpu_action_copy(struct dpu_action *, unsigned int from, uint32_t ratio);
bool dpu_action_copy_unless_last(struct dpu_action *, unsigned int from);
bool dpu_action_to_software(struct dpu_action *, const struct nlattr *,
                            size_t len);
bool dpu_action_ask_sample(struct dpu_action *, const struct nlattr *);
bool dpu_action_compile_sample(struct dpu_action *, const struct nlattr *);
bool dpu_action_ask_userspace(struct dpu_action *, const struct nlattr *);
bool dpu_action_compile_userspace(struct dpu_action *, const struct nlattr *);
bool dpu_action_ask_clone(struct dpu_action *, const struct nlattr *);
bool dpu_action_compile_clone(struct dpu_action *, const struct nlattr *);

/* dpu-action-ct.c.  dpu_action_untrack() makes the packet one that was not
 * tracked, as software's is that enters or comes out of a tunnel. */
void dpu_action_untrack(struct dpu_action *);
bool dpu_action_ask_ct(struct dpu_action *, const struct nlattr *);
bool dpu_action_compile_ct(struct dpu_action *, const struct nlattr *);
bool dpu_action_compile_ct_clear(struct dpu_action *, const struct nlattr *);

/* dpu-action-meter.c. */
bool dpu_action_ask_meter(struct dpu_action *, const struct nlattr *);
bool dpu_action_compile_meter(struct dpu_action *, const struct nlattr *);

/* dpu-action-header.c. */
bool dpu_action_compile_decap(struct dpu_action *);
bool dpu_action_ask_tnl_push(struct dpu_action *, const struct nlattr *);
bool dpu_action_compile_tnl_push(struct dpu_action *, const struct nlattr *);
bool dpu_action_compile_push_vlan(struct dpu_action *, const struct nlattr *);
bool dpu_action_compile_pop_vlan(struct dpu_action *, const struct nlattr *);
bool dpu_action_ask_set(struct dpu_action *, const struct nlattr *);
bool dpu_action_compile_set(struct dpu_action *, const struct nlattr *);

/* dpu-action-mpls.c. */
void dpu_action_init_mpls(struct dpu_action *);
bool dpu_action_ask_push_mpls(struct dpu_action *, const struct nlattr *);
bool dpu_action_compile_push_mpls(struct dpu_action *, const struct nlattr *);
bool dpu_action_ask_pop_mpls(struct dpu_action *, const struct nlattr *);
bool dpu_action_compile_pop_mpls(struct dpu_action *, const struct nlattr *);
bool dpu_action_is_set_mpls(const struct nlattr *);
bool dpu_action_compile_set_mpls(struct dpu_action *, const struct nlattr *);

#endif /* ofproto-dpif-dpu/translate/dpu-action-private.h */
