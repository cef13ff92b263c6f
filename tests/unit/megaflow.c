/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * megaflow: see megaflow.h. */

#include <config.h>

#include "tests/unit/megaflow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "odp-util.h"
#include "openvswitch/dynamic-string.h"
#include "packets.h"
#include "util.h"

static bool
lookup(const struct dpu_port_map *map OVS_UNUSED, odp_port_t port,
       uint16_t *ethdev)
{
    uint32_t n = odp_to_u32(port);

    *ethdev = n + 10;
    return n >= 1 && n <= 10;
}

static const char *
software(const struct dpu_port_map *map OVS_UNUSED, odp_port_t port,
         bool output)
{
    return odp_to_u32(port) == (output ? 10 : 8) ? "a limit" : NULL;
}

static bool
is_policed(const struct dpu_port_map *map OVS_UNUSED, odp_port_t port)
{
    return odp_to_u32(port) == 7;
}

static bool
port_name(const struct dpu_port_map *map OVS_UNUSED, odp_port_t port,
     char *buf, size_t size)
{
    ovs_strlcpy(buf, "br0", size);
    return odp_to_u32(port) == 20;
}

static const char *
tunnel(const struct dpu_port_map *map OVS_UNUSED, odp_port_t port)
{
    switch (odp_to_u32(port)) {
    case 30:
        return "vxlan";
    case 31:
        return "geneve";
    case 32:
        return "gre";
    case 33:
        return "erspan";
    default:
        return NULL;
    }
}

const struct dpu_port_map test_ports = {
    .tunnel = tunnel,
    .lookup = lookup,
    .software = software,
    .policed = is_policed,
    .name = port_name,
};

void
test_megaflow_init(struct test_megaflow *m, const char *match_,
                   const char *actions)
{
    bool whole = !strncmp(match_, "recirc_id", strlen("recirc_id"));
    char *match = xasprintf("%s%s", whole ? "" : "recirc_id(0),in_port(1),",
                            match_);
    struct ofpbuf key, mask;
    char *error = NULL;

    ofpbuf_init(&key, 0);
    ofpbuf_init(&mask, 0);
    if (odp_flow_from_string(match, NULL, &key, &mask, &error)) {
        fail_msg("%s: %s", match, error);
    }

    memset(&m->match, 0, sizeof m->match);
    if (odp_flow_key_to_flow(key.data, key.size, &m->match.flow, &error)
        == ODP_FIT_ERROR) {
        fail_msg("%s: %s", match, error);
    }
    /* A key without addresses would be taken for that of a packet without an
     * Ethernet header. */
    m->match.flow.packet_type = htonl(PT_ETH);
    if (odp_flow_key_to_mask(mask.data, mask.size, &m->match.wc,
                             &m->match.flow, &error) == ODP_FIT_ERROR) {
        fail_msg("%s: %s", match, error);
    }
    m->match.wc.masks.packet_type = OVS_BE32_MAX;
    /* As dpif_netdev_flow_put() does. */
    if (!m->match.wc.masks.vlans[0].tci) {
        m->match.wc.masks.vlans[0].tci = htons(VLAN_VID_MASK | VLAN_CFI);
    }

    ofpbuf_init(&m->actions, 0);
    if (odp_actions_from_string(actions, NULL, &m->actions)) {
        fail_msg("%s: not a list of actions", actions);
    }
    ofpbuf_uninit(&key);
    ofpbuf_uninit(&mask);
    free(match);
}

void
test_megaflow_destroy(struct test_megaflow *m)
{
    ofpbuf_uninit(&m->actions);
}

bool
test_megaflow_translate(const struct test_megaflow *m,
                        const struct dpu_caps *caps, struct dpu_spec *spec,
                        struct dpu_reason *reason)
{
    struct dpu_megaflow flow = {
        .match = &m->match,
        .actions = m->actions.data,
        .actions_len = m->actions.size,
        .origin = 11,
    };

    return dpu_translate(&flow, &test_ports, caps, spec, reason);
}

bool
test_megaflow_put(struct dpu_flow_table *table, const struct dpu_flow_key *key,
                  uint32_t recirc_id, uint32_t in_port, const char *match,
                  const char *actions)
{
    struct dpu_megaflow megaflow;
    struct test_megaflow m;
    char *whole;
    bool retval;

    whole = xasprintf("recirc_id(%#"PRIx32"),in_port(%"PRIu32"),%s",
                      recirc_id, in_port, match);
    test_megaflow_init(&m, whole, actions);
    free(whole);
    megaflow = (struct dpu_megaflow) {
        .match = &m.match,
        .actions = m.actions.data,
        .actions_len = m.actions.size,
    };
    retval = dpu_flow_put(table, key, &megaflow, &test_ports);
    test_megaflow_destroy(&m);
    return retval;
}

/* What becomes of 'match' and 'actions': rules, or with 'samples' the actions
 * of the samples in them, one per line; or a refusal.  Returns a string that
 * the caller frees. */
static char *
translate(const struct dpu_caps *caps, const char *match, const char *actions,
          bool samples)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct test_megaflow m;
    struct dpu_reason reason;
    struct dpu_spec spec;

    test_megaflow_init(&m, match, actions);
    if (test_megaflow_translate(&m, caps, &spec, &reason)) {
        for (const struct dpu_spec *rule = &spec; rule; rule = rule->more) {
            if (samples) {
                dpu_spec_format_setup(rule, &s);
            } else {
                ds_put_cstr(&s, rule == &spec ? "" : "\n");
                dpu_spec_format(rule, &s);
            }
        }
        dpu_spec_free_more(&spec);
    } else {
        dpu_reason_format(&reason, &s);
    }
    test_megaflow_destroy(&m);
    return ds_steal_cstr(&s);
}

static void
assert_same(char *got, const char *expected, const char *file, int line)
{
    _assert_string_equal(got, expected, file, line);
    free(got);
}

void
assert_rule_(const struct dpu_caps *caps, const char *match,
             const char *actions, const char *expected,
             const char *file, int line)
{
    assert_same(translate(caps, match, actions, false), expected, file, line);
}

void
assert_refused_(const struct dpu_caps *caps, const char *match,
                const char *actions, const char *expected,
                const char *file, int line)
{
    char *got = translate(caps, match, actions, false);
    char *reason = strstr(got, ": ");

    _assert_string_equal(reason ? reason + 2 : got, expected, file, line);
    free(got);
}

void
assert_items_(const struct dpu_caps *caps, const char *match,
              const char *expected, const char *file, int line)
{
    char *rule = xasprintf("group 0 priority 0 transfer pattern "
                           "represented_port ethdev_port_id is 11 / %s"
                           " / end actions count / drop / end", expected);

    assert_same(translate(caps, match, "drop", false), rule, file, line);
    free(rule);
}

void
assert_actions_(const struct dpu_caps *caps, const char *match,
                const char *actions, const char *expected,
                const char *file, int line)
{
    static const char head[] = "end actions count / ";
    char *got = translate(caps, match, actions, false);
    char *tail = strstr(got, head);
    char *rule = xasprintf("%s / end", expected);

    _assert_string_equal(tail ? tail + strlen(head) : got, rule, file, line);
    free(got);
    free(rule);
}

void
assert_samples_(const struct dpu_caps *caps, const char *match,
                const char *actions, const char *expected,
                const char *file, int line)
{
    char *got = translate(caps, match, actions, true);

    _assert_string_equal(got, expected, file, line);
    free(got);
}

/* Clears in 'bits' the numbers whose name is in 'names'. */
static void
clear_bits(uint64_t bits[], int n, const char *names,
           const char *(*name)(int))
{
    char *copy = xstrdup(names ? names : "");
    char *save = NULL;

    for (char *s = strtok_r(copy, " ", &save); s;
         s = strtok_r(NULL, " ", &save)) {
        bool found = false;

        for (int i = 0; i < n; i++) {
            if (name(i) && !strcmp(name(i), s)) {
                bits[i / 64] &= ~(UINT64_C(1) << i % 64);
                found = true;
            }
        }
        if (!found) {
            fail_msg("%s: unknown name", s);
        }
    }
    free(copy);
}

static const char *
item_name(int i)
{
    return dpu_spec_item_name(i);
}

static const char *
action_name(int i)
{
    return dpu_spec_action_name(i);
}

static const char *
field_name(int i)
{
    return dpu_spec_field_name(i);
}

struct dpu_caps
test_caps_without(const char *items, const char *actions,
                  const char *modify_fields)
{
    struct dpu_caps caps;

    dpu_caps_all(&caps);
    clear_bits(caps.items, 128, items, item_name);
    clear_bits(caps.actions, 128, actions, action_name);
    clear_bits(caps.modify_fields, 64, modify_fields, field_name);
    return caps;
}
