/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-megaflow: what is translated: a megaflow, and a view of the ports that
 * it names.
 *
 * Thread-safety: reentrant. */

#ifndef DPU_MEGAFLOW_H
#define DPU_MEGAFLOW_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "odp-netlink.h"
#include "openvswitch/types.h"

struct match;
struct nlattr;

/* Where a megaflow is. */
enum dpu_flow_place {
    DPU_FLOW_IN_SOFTWARE,
    DPU_FLOW_IN_PART,               /* Its match is in hardware. */
    DPU_FLOW_IN_HARDWARE,
};

/* "no", "partial" or "yes", as "dpctl/dump-flows" has it. */
const char *dpu_flow_place_name(enum dpu_flow_place);

/* How the translation learns which ethdev is behind a datapath port. */
struct dpu_port_map {
    /* Stores the ethdev of 'port' in '*ethdev' and returns true; or returns
     * false if 'port' is not a port of the device that is translated for. */
    bool (*lookup)(const struct dpu_port_map *, odp_port_t port,
                   uint16_t *ethdev);

    /* Returns why software has to see what enters at 'port', or, if 'output'
     * is true, what leaves through it, or NULL if hardware may forward it.
     * May be NULL. */
    const char *(*software)(const struct dpu_port_map *, odp_port_t port,
                            bool output);

    /* Returns whether what enters at 'port' meets the port's policer on the
     * device first, so that its megaflows stand behind that.  May be NULL. */
    bool (*policed)(const struct dpu_port_map *, odp_port_t port);

    /* Returns what tunnel ends at 'port', as a netdev's type ("vxlan"), or
     * NULL if none does that can be translated.  May be NULL. */
    const char *(*tunnel)(const struct dpu_port_map *, odp_port_t port);

    /* Stores the name of 'port' in 'name', which has 'size' bytes, and returns
     * true; or returns false if it has none.  May be NULL. */
    bool (*name)(const struct dpu_port_map *, odp_port_t port,
                 char *name, size_t size);

    /* Another number whenever one of these answers may be another one, or 0:
     * then nothing that rests on them is used again (see dpu-plan.h). */
    uint64_t version;
};

/* Bytes for what dpu_port_map_describe() writes. */
#define DPU_PORT_DESCRIPTION 48

/* Writes "port br0", or "port 5" for a port without a name, to 'buf' of
 * DPU_PORT_DESCRIPTION bytes, and returns it. */
const char *dpu_port_map_describe(const struct dpu_port_map *,
                                  odp_port_t port, char *buf);

/* A length in an IP header:  IPv4's total length, IPv6's payload length.
 * 'last' is the end of a range that begins with 'spec', or 0. */
struct dpu_ip_length {
    ovs_be16 spec, last, mask;
};

/* Everything that a translation depends on. */
struct dpu_megaflow {
    const struct match *match;      /* Key and mask. */
    const struct nlattr *actions;   /* Datapath actions. */
    size_t actions_len;             /* In bytes. */
    uint16_t origin;                /* If it enters where a tunnel ends: the
                                     * ethdev that its packets come in by. */
    const struct dpu_ip_length *length;     /* Packets of this length alone, if
                                             * not NULL. */
    uint32_t flow_mark;             /* Open vSwitch's number for it, or 0 if it
                                     * is in hardware as a whole or not at
                                     * all. */
    bool policer;                   /* It is a port's policer, which stands
                                     * before all that enters there: see
                                     * dpu-policer.h. */
    bool comes_up;                  /* Its packets come up, so that they do not
                                     * get past what software does to all from
                                     * their port. */
};

/* Whether the 'len' bytes of 'actions' have, at any depth, an action of
 * 'type', whose argument is 32 bits, with 'value':  OVS_ACTION_ATTR_METER or
 * OVS_ACTION_ATTR_RECIRC. */
bool dpu_megaflow_has_action(const struct nlattr *actions, size_t len,
                             int type, uint32_t value);

#endif /* ofproto-dpif-dpu/translate/dpu-megaflow.h */
