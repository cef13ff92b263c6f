/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * megaflow: megaflows for unit tests, written as "ovs-appctl
 * dpctl/dump-flows" prints them. */

#ifndef TEST_MEGAFLOW_H
#define TEST_MEGAFLOW_H 1

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

#include <cmocka.h>

#include "ofproto-dpif-dpu/device/dpu-caps.h"
#include "ofproto-dpif-dpu/device/dpu-reason.h"
#include "ofproto-dpif-dpu/device/dpu-spec.h"
#include "ofproto-dpif-dpu/flow/dpu-flow.h"
#include "ofproto-dpif-dpu/translate/dpu-translate.h"
#include "openvswitch/match.h"
#include "openvswitch/ofpbuf.h"

/* Words of matches, and of what they become. */
#define IP4 "eth_type(0x0800)"
#define IP6 "eth_type(0x86dd)"
#define TCP4 IP4 ",ipv4(proto=6,frag=no)"
#define VLAN(VID) "eth_type(0x8100),vlan(vid=" VID ",pcp=0),encap("
#define TO(PORT) "represented_port ethdev_port_id 1" PORT
#define UP "mark id 0 / port_representor port_id 11"

/* The action of OpenFlow's "controller". */
#define CONTROLLER "userspace(pid=0,controller(reason=1,dont_send=0," \
                   "continuation=0,recirc_id=1,rule_cookie=0," \
                   "controller_id=0,max_len=64))"

/* Ports 1 to 10 of the datapath are ethdevs 11 to 20; no other port is of the
 * device.  What enters at 8 and what leaves through 10 is for software; what
 * enters at 7 meets a policer first.
 * Port 20 has a name, "br0".  At 30 ends VXLAN, at 31 GENEVE, at 32 GRE, at 33
 * ERSPAN; their packets come in by ethdev 11. */
extern const struct dpu_port_map test_ports;

struct test_megaflow {
    struct match match;
    struct ofpbuf actions;
};

/* Parses 'match' and 'actions'.  "recirc_id(0),in_port(1)," is put before a
 * 'match' that does not begin with "recirc_id".  Fails the test if the
 * datapath would not take them. */
void test_megaflow_init(struct test_megaflow *, const char *match,
                        const char *actions);
void test_megaflow_destroy(struct test_megaflow *);

/* Translates 'm'.  What is behind the spec has to be freed. */
bool test_megaflow_translate(const struct test_megaflow *m,
                             const struct dpu_caps *,
                             struct dpu_spec *, struct dpu_reason *);

/* Puts a megaflow of 'match' in the chain of 'recirc_id' and 'in_port' into
 * 'table', as 'key', for test_ports.  Returns whether it is in hardware. */
bool test_megaflow_put(struct dpu_flow_table *table,
                       const struct dpu_flow_key *key, uint32_t recirc_id,
                       uint32_t in_port, const char *match,
                       const char *actions);

/* Fail the test unless, on a device with 'caps', the translation is the rule
 * 'expected' (as testpmd would take it; several rules are one per line) or the
 * refusal 'expected', without its prefix. */
void assert_rule_(const struct dpu_caps *caps, const char *match,
                  const char *actions, const char *expected,
                  const char *file, int line);
void assert_refused_(const struct dpu_caps *caps, const char *match,
                     const char *actions, const char *expected,
                     const char *file, int line);

/* The same, with the items alone and the actions "drop". */
void assert_items_(const struct dpu_caps *caps, const char *match,
                   const char *expected, const char *file, int line);

/* The same, with what follows COUNT alone. */
void assert_actions_(const struct dpu_caps *caps, const char *match,
                     const char *actions, const char *expected,
                     const char *file, int line);

/* Fails the test unless the actions of the samples in the translation are
 * 'expected', as testpmd would take them, one per line. */
void assert_samples_(const struct dpu_caps *caps, const char *match,
                     const char *actions, const char *expected,
                     const char *file, int line);

#define assert_rule(CAPS, MATCH, ACTIONS, EXPECTED) \
    assert_rule_(CAPS, MATCH, ACTIONS, EXPECTED, __FILE__, __LINE__)
#define assert_refused(CAPS, MATCH, ACTIONS, EXPECTED) \
    assert_refused_(CAPS, MATCH, ACTIONS, EXPECTED, __FILE__, __LINE__)
#define assert_items(CAPS, MATCH, EXPECTED) \
    assert_items_(CAPS, MATCH, EXPECTED, __FILE__, __LINE__)
#define assert_actions(CAPS, MATCH, ACTIONS, EXPECTED) \
    assert_actions_(CAPS, MATCH, ACTIONS, EXPECTED, __FILE__, __LINE__)
#define assert_samples(CAPS, MATCH, ACTIONS, EXPECTED) \
    assert_samples_(CAPS, MATCH, ACTIONS, EXPECTED, __FILE__, __LINE__)

/* A device that takes everything but what follows, each of which may be
 * NULL: names as in testpmd, with spaces between them. */
struct dpu_caps test_caps_without(const char *items, const char *actions,
                                  const char *modify_fields);

#endif /* tests/unit/megaflow.h */
