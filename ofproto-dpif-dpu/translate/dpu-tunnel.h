/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-tunnel: encapsulation: the datapath action "tnl_push" becomes an action
 * of a rule.
 *
 * The action has the complete outer headers of a tunnel, from Ethernet on.
 * What depends on the packet is the device's to fill in: IP's lengths and
 * checksum, UDP's length and source port, as push_udp_header() and its kin do
 * in Open vSwitch's lib/netdev-native-tnl.c.
 *
 * Thread-safety: reentrant. */

#ifndef DPU_TUNNEL_H
#define DPU_TUNNEL_H 1

#include <stdbool.h>

struct dpu_caps;
struct dpu_reason;
struct dpu_spec;
struct nlattr;

/* Whether 'a', OVS_ACTION_ATTR_TUNNEL_PUSH, can be translated for a device
 * with 'caps'; if not, '*reason' says what stands in the way. */
bool dpu_tunnel_ask_push(const struct nlattr *a, const struct dpu_caps *caps,
                         struct dpu_reason *reason);

/* Appends to 'spec' the action for 'a', which dpu_tunnel_ask_push() took:
 * VXLAN_ENCAP where it says all, or else RAW_ENCAP. */
void dpu_tunnel_compile_push(const struct nlattr *a,
                             const struct dpu_caps *caps,
                             struct dpu_spec *spec);

#endif /* ofproto-dpif-dpu/translate/dpu-tunnel.h */
