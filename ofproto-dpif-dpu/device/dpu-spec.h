/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-spec: one rule as a pure value: attributes, items and actions, between
 * the translation that makes it and the device that takes it.
 *
 * A spec owns all that its items and actions point at, in its own arena, so
 * that it can be built on the stack, put on a device and forgotten.  It has no
 * reference to a daemon or a device other than ethdev numbers.  As it points
 * into itself, it must not be copied.
 *
 * Some megaflows take several rules, with matches that exclude each other:
 * then the first spec has the others behind it, on the heap.
 *
 * Thread-safety: a spec belongs to whoever holds it. */

#ifndef DPU_SPEC_H
#define DPU_SPEC_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_flow.h>

#include "ofproto-dpif-dpu/device/dpu-chain.h"
#include "ofproto-dpif-dpu/device/dpu-ct-traits.h"
#include "ofproto-dpif-dpu/device/dpu-ct-variant.h"
#include "ofproto-dpif-dpu/device/dpu-miss.h"

struct dpu_shape;
struct ds;

#define DPU_SPEC_MAX_ITEMS   24
#define DPU_SPEC_MAX_ACTIONS 64
#define DPU_SPEC_ARENA       4096
#define DPU_SPEC_MAX_MISSES  4
#define DPU_SPEC_MAX_METERS  2

/* Ethernet, IPv6, UDP, GENEVE with its longest options. */
#define DPU_SPEC_MAX_OUTER (14 + 40 + 8 + 8 + 252)

/* A MARK action whose number is known only when the spec is installed: that of
 * the context 'miss', whose pointers go to the arena. */
struct dpu_spec_miss {
    struct rte_flow_action_mark *mark;
    struct dpu_miss miss;
};

/* The same for a METER action and the datapath's meter 'id'. */
struct dpu_spec_meter {
    struct rte_flow_action_meter *meter;
    uint32_t id;
};

/* A ct(), after which the rule jumps to the connections and its packets go on
 * in the next rule behind the spec.  Numbered when the specs are installed:
 * the variant, and where they go on. */
struct dpu_spec_ct {
    uint32_t *state;                /* DPU_CT_TAG_STATE's value, but for the
                                     * variant; NULL: no ct(). */
    uint32_t *next;                 /* DPU_CT_TAG_NEXT's. */
    bool learns;                    /* Its connections may go to hardware. */
    struct dpu_ct_variant variant;
};

/* An item for what else is to be known of the packets' connection.  Numbered
 * when the spec is installed. */
struct dpu_spec_class {
    uint32_t *data, *mask;          /* DPU_CT_TAG_CLASS's; NULL: no item. */
    struct dpu_ct_traits value;     /* What is asked for, */
    struct dpu_ct_traits under;     /* under this mask. */
};

struct dpu_spec {
    struct dpu_spec *more;          /* The megaflow's next rule, or NULL. */
    struct rte_flow_attr attr;
    struct rte_flow_item items[DPU_SPEC_MAX_ITEMS];         /* With END. */
    struct rte_flow_action actions[DPU_SPEC_MAX_ACTIONS];   /* With END. */
    unsigned int n_items;           /* Without END. */
    unsigned int n_actions;         /* Without END. */
    /* Bytes of the specification and mask, and of the configuration. */
    uint16_t item_sizes[DPU_SPEC_MAX_ITEMS];
    uint16_t action_sizes[DPU_SPEC_MAX_ACTIONS];
    struct dpu_shape *shape;        /* What a way to put rules on devices has
                                     * found out about it, or NULL. */
    bool fixed_jump;                /* JUMP is the same in all rules like it:
                                     * devices may be quicker then. */
    int count_action;               /* Index of COUNT in 'actions', or -1. */
    bool overflow;                  /* Something did not fit. */
    bool copies;                    /* Software does a part, on copies. */
    uint32_t flow_mark;             /* Software does all the actions, having
                                     * found the megaflow by this number of
                                     * Open vSwitch's; or 0. */
    /* If no item says where packets enter, for want of one that the device
     * takes, the rule has to be created through the ethdev of the input port
     * instead of the device's transfer proxy. */
    bool needs_port_ethdev;
    uint16_t port_ethdev;           /* The ethdev of the input port. */
    /* What is numbered only when the spec is installed: the chain that the
     * rule stands in, for 'attr.group', the chain that 'jump' leads to, if
     * that is not NULL, miss contexts and meters.  Tunnels are in the
     * arena. */
    struct dpu_chain_key chain, next;
    struct rte_flow_action_jump *jump;
    struct dpu_spec_miss misses[DPU_SPEC_MAX_MISSES];
    unsigned int n_misses;
    struct dpu_spec_meter meters[DPU_SPEC_MAX_METERS];
    unsigned int n_meters;
    struct dpu_spec_class class;
    struct dpu_spec_ct ct;
    uint32_t *resumes;              /* The number of this continuation in its
                                     * item DPU_CT_TAG_NEXT; NULL: it is none
                                     * and stands in a chain. */
    /* The headers of the tunnel that the packets come in, which the first
     * 'n_outer_items' items are about and which are to be taken off.  The
     * device counts them, software does not. */
    unsigned int n_outer_items;
    size_t outer_size;              /* In bytes; 0: no tunnel. */
    bool outer_vxlan;
    uint8_t outer[DPU_SPEC_MAX_OUTER];
    /* The tunnel that all of the packets came out of, in the arena, if their
     * further way may depend on it; or NULL.  What no pipeline can look at is
     * zero (see dpu-match-tunnel.c). */
    const struct flow_tnl *tunnel;
    size_t arena_used;
    uint64_t arena[DPU_SPEC_ARENA / sizeof(uint64_t)];
};

/* Makes 'spec' the empty rule of 'group': items and actions are END. */
void dpu_spec_init(struct dpu_spec *spec, uint32_t group, uint32_t priority);

/* Frees what is behind 'spec'. */
void dpu_spec_free_more(struct dpu_spec *spec);

/* Returns 'size' zeroed bytes of the arena of 'spec', aligned for any header
 * or action structure.  If there is no more room, sets 'spec->overflow' and
 * returns memory that may be written but whose contents are lost. */
void *dpu_spec_alloc(struct dpu_spec *spec, size_t size);

/* Append an item or action.  'spec_', 'last', 'mask' and 'conf' are copied,
 * 'size' bytes each; NULL stays NULL.  Return the copy of 'spec_' or 'conf',
 * for nested pointers and for numbers that are known later. */
void *dpu_spec_add_item(struct dpu_spec *spec, enum rte_flow_item_type type,
                        const void *spec_, const void *mask, size_t size);
void *dpu_spec_add_item_range(struct dpu_spec *spec,
                              enum rte_flow_item_type type, const void *spec_,
                              const void *last, const void *mask,
                              size_t size);
void *dpu_spec_add_action(struct dpu_spec *spec,
                          enum rte_flow_action_type type,
                          const void *conf, size_t size);

/* Appends a SAMPLE of ratio 1 whose only action is a copy of 'type' with
 * 'conf' of 'size' bytes, that is, a mirror. */
void dpu_spec_add_mirror(struct dpu_spec *spec,
                         enum rte_flow_action_type type,
                         const void *conf, size_t size);

/* Makes the actions from index 'from' on the nested actions of a SAMPLE, which
 * has them done to a copy of one packet in 'ratio'.  COUNT and JUMP are not
 * among them. */
void dpu_spec_nest(struct dpu_spec *spec, unsigned int from, uint32_t ratio);

/* Appends a MARK with the context 'miss', whose contents are copied. */
void dpu_spec_add_miss(struct dpu_spec *spec, const struct dpu_miss *miss);

/* Appends a METER for the datapath's meter 'id'. */
void dpu_spec_add_meter(struct dpu_spec *spec, uint32_t id);

/* Appends a JUMP to the chain 'next', whose tunnel is that of 'spec' or
 * NULL. */
void dpu_spec_add_jump(struct dpu_spec *spec,
                       const struct dpu_chain_key *next);

/* Whether 'spec' has an item of 'type', not counting those of a tunnel's
 * headers. */
bool dpu_spec_has_item(const struct dpu_spec *spec,
                       enum rte_flow_item_type type);

/* Appends 'spec' to 's' as the arguments of testpmd's "flow create":
 * "group 0 priority 0 transfer pattern ... / end actions ... / end".  What
 * testpmd 22.11 has no words for is written in the same manner. */
void dpu_spec_format(const struct dpu_spec *spec, struct ds *s);

/* Appends the testpmd commands, one per line, that have to be given before a
 * "flow create" of 'spec': a mirror's actions. */
void dpu_spec_format_setup(const struct dpu_spec *spec, struct ds *s);

/* Appends a line for 'spec' and for each rule behind it: the command of
 * testpmd that creates it on 'ethdev', after those that it needs first. */
void dpu_spec_format_rules(const struct dpu_spec *spec, uint16_t ethdev,
                           struct ds *s);

/* Names as in testpmd ("eth", "set_mac_src", "ipv4_dscp"), or NULL if this
 * project never makes such an item, action or field. */
const char *dpu_spec_item_name(enum rte_flow_item_type);
const char *dpu_spec_action_name(enum rte_flow_action_type);
const char *dpu_spec_field_name(enum rte_flow_field_id);

#endif /* ofproto-dpif-dpu/device/dpu-spec.h */
