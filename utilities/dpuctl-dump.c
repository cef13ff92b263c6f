/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpuctl-dump: see dpuctl-dump.h.
 *
 * Open vSwitch reads most of what it prints, but only numbers of ports in some
 * places, so that the text is gone through twice: first for the ports. */

#include <config.h>

#include "utilities/dpuctl-dump.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "netlink.h"
#include "odp-util.h"
#include "openvswitch/dynamic-string.h"
#include "packets.h"
#include "util.h"

#include "ofproto-dpif-dpu/show/dpu-megaflow-text.h"
#include "utilities/dpuctl-trace.h"

/* What may be part of a word: of a keyword, a number or a port's name. */
static size_t
word_length(const char *s)
{
    return strcspn(s, " ,()=/{}:+\t\r\n");
}

static bool
is_one_of(const char *s, size_t len, const char *const words[])
{
    for (size_t i = 0; words[i]; i++) {
        if (len == strlen(words[i]) && !strncmp(s, words[i], len)) {
            return true;
        }
    }
    return false;
}

static struct dpuctl_port *
dump_find_port(const struct dpuctl_dump *dump, const char *s, size_t len)
{
    for (size_t i = 0; i < dump->n_ports; i++) {
        if (strlen(dump->ports[i].name) == len
            && !strncmp(dump->ports[i].name, s, len)) {
            return &dump->ports[i];
        }
    }
    return NULL;
}

/* The type of the tunnel that ends at the port 'name', or NULL: the names are
 * those that Open vSwitch gives (netdev_vport_get_dpif_port() in its
 * lib/netdev-vport.c). */
static const char *
tunnel_type(const char *name)
{
    static const struct {
        const char *prefix, *type;
    } names[] = {
        { "vxlan_sys_", "vxlan" },
        { "genev_sys_", "geneve" },
        { "gre_sys", "gre" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (!strncmp(name, names[i].prefix, strlen(names[i].prefix))) {
            return names[i].type;
        }
    }
    return NULL;
}

/* A port in the text, 's' of 'len' bytes: adds it to 'dump', unless it is
 * there already; or, if 'out' is not NULL, writes its number there. */
static void
dump_meet_port(struct dpuctl_dump *dump, const char *s, size_t len,
               struct ds *out)
{
    struct dpuctl_port *port = dump_find_port(dump, s, len);

    if (out) {
        ds_put_format(out, "%"PRIu32, odp_to_u32(port->number));
    } else if (!port) {
        if (dump->n_ports >= dump->allocated_ports) {
            dump->ports = x2nrealloc(dump->ports, &dump->allocated_ports,
                                     sizeof *dump->ports);
        }
        port = &dump->ports[dump->n_ports++];
        port->name = xmemdup0(s, len);
        port->number = ODPP_NONE;
        port->tunnel = tunnel_type(port->name);
        port->index = dump->n_ethdevs;
        dump->n_ethdevs += !port->tunnel;
    }
}

/* Where in nested parentheses a word stands. */
enum context {
    OTHER,
    PORT,                       /* It is a port. */
    ACTIONS,                    /* Alone, it is a port to output to. */
};

/* What the parentheses after the word 's' of 'len' bytes hold. */
static enum context
word_context(const char *s, size_t len)
{
    static const char *const ports[] = {
        "in_port", "tnl_port", "out_port", "tnl_pop", NULL
    };
    static const char *const lists[] = {
        "clone", "actions", "gt", "le", NULL
    };

    return (is_one_of(s, len, ports) ? PORT
            : is_one_of(s, len, lists) ? ACTIONS : OTHER);
}

/* Goes through 's', a match or, if 'context' says so, a list of actions, and
 * meets its ports.  If 'out' is not NULL, writes it there with numbers. */
static void
dump_walk(struct dpuctl_dump *dump, const char *s, enum context context,
          struct ds *out)
{
    static const char *const keywords[] = {
        "drop", "pop_vlan", "pop_eth", "pop_nsh", "ct_clear", "ct", NULL
    };
    enum { MAX_DEPTH = 64 };
    enum context stack[MAX_DEPTH] = { context };
    enum context next = OTHER;  /* In parentheses that follow. */
    bool first = true;          /* At the start of an element. */
    int depth = 0;

    while (*s) {
        size_t len = word_length(s);

        if (len) {
            bool alone = first && (!s[len] || strchr(",)", s[len]));

            if (stack[depth] == PORT
                || (stack[depth] == ACTIONS && alone
                    && !is_one_of(s, len, keywords))) {
                dump_meet_port(dump, s, len, out);
            } else if (out) {
                ds_put_buffer(out, s, len);
            }
            next = word_context(s, len);
            first = false;
            s += len;
            continue;
        }
        if (*s == '(' && depth < MAX_DEPTH - 1) {
            stack[++depth] = next;
        } else if (*s == ')' && depth) {
            depth--;
        }
        first = *s == ',' || *s == '(' || (first && *s == ' ');
        next = OTHER;
        if (out) {
            ds_put_char(out, *s);
        }
        s++;
    }
}

/* Numbers the ports: those that have names get numbers that no other has. */
static void
dump_number_ports(struct dpuctl_dump *dump)
{
    uint32_t next = 1;

    for (size_t i = 0; i < dump->n_ports; i++) {
        unsigned int number;

        if (str_to_uint(dump->ports[i].name, 10, &number)) {
            dump->ports[i].number = u32_to_odp(number);
            next = MAX(next, number + 1);
        }
    }
    for (size_t i = 0; i < dump->n_ports; i++) {
        if (dump->ports[i].number == ODPP_NONE) {
            dump->ports[i].number = u32_to_odp(next++);
        }
    }
}

/* Cuts 'line' in two: returns the actions, and leaves the match, without what
 * the megaflow counted, in 'line'.  Returns NULL if there are no actions. */
static char *
split_line(char *line, uint64_t *packets)
{
    char *actions = strstr(line, "actions:");
    char *extra = strstr(line, ", dp-extra-info:");
    char *stats;

    if (!actions) {
        return NULL;
    }
    if (extra) {
        *extra = '\0';
    }
    if (actions > line) {
        actions[-1] = '\0';
    }
    stats = strstr(line, "packets:");
    if (stats) {
        ovs_scan(stats, "packets:%"SCNu64, packets);
        *stats = '\0';
    }
    for (char *end = strchr(line, '\0');
         end > line && (end[-1] == ',' || end[-1] == ' '); ) {
        *--end = '\0';
    }
    return actions + strlen("actions:");
}

/* Open vSwitch 3.1 prints the number of a recirc() in hexadecimal, and reads
 * it in decimal.  Returns 'text' in the latter form, to be freed. */
static char *
reword_recirc(const char *text)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    for (const char *p; (p = strstr(text, "recirc(0x")); ) {
        char *end;
        unsigned long id = strtoul(p + strlen("recirc("), &end, 16);

        ds_put_buffer(&s, text, p - text);
        ds_put_format(&s, "recirc(%lu", id);
        text = end;
    }
    ds_put_cstr(&s, text);
    return ds_steal_cstr(&s);
}

/* Open vSwitch 3.1 prints these and does not read them.  Appends the action
 * 's' to 'actions' and returns true, or returns false if it is none of
 * them. */
static bool
parse_hash(const char *s, struct ofpbuf *actions)
{
    struct ovs_action_hash hash;

    if (ovs_scan(s, "hash(l4(%"SCNu32"))", &hash.hash_basis)) {
        hash.hash_alg = OVS_HASH_ALG_L4;
    } else if (ovs_scan(s, "hash(sym_l4(%"SCNu32"))", &hash.hash_basis)) {
        hash.hash_alg = OVS_HASH_ALG_SYM_L4;
    } else {
        return false;
    }
    nl_msg_put_unspec(actions, OVS_ACTION_ATTR_HASH, &hash, sizeof hash);
    return true;
}

static bool
parse_mpls(const char *s, struct ofpbuf *actions)
{
    struct ovs_action_push_mpls mpls;
    uint32_t label;
    uint16_t type;
    uint8_t tc, ttl, bos;

    if (ovs_scan(s, "pop_mpls(eth_type=0x%"SCNx16")", &type)) {
        nl_msg_put_be16(actions, OVS_ACTION_ATTR_POP_MPLS, htons(type));
        return true;
    } else if (ovs_scan(s, "push_mpls(label=%"SCNu32",tc=%"SCNu8",ttl=%"SCNu8
                        ",bos=%"SCNu8",eth_type=0x%"SCNx16")",
                        &label, &tc, &ttl, &bos, &type)) {
        mpls.mpls_lse = htonl(label << MPLS_LABEL_SHIFT | tc << MPLS_TC_SHIFT
                              | bos << MPLS_BOS_SHIFT
                              | ttl << MPLS_TTL_SHIFT);
        mpls.mpls_ethertype = htons(type);
        nl_msg_put_unspec(actions, OVS_ACTION_ATTR_PUSH_MPLS,
                          &mpls, sizeof mpls);
        return true;
    }
    return false;
}

static bool
parse_action(const char *s, struct ofpbuf *actions)
{
    return (parse_hash(s, actions) || parse_mpls(s, actions)
            || !odp_actions_from_string(s, NULL, actions));
}

/* Appends to 'actions' the list 's' one by one, which is cut up. */
static bool
parse_actions(char *s, struct ofpbuf *actions)
{
    char *start = s;
    int depth = 0;

    for (;; s++) {
        char c = *s;

        depth += (c == '(' || c == '{') - (c == ')' || c == '}');
        if (!c || (c == ',' && !depth)) {
            *s = '\0';
            if (!parse_action(start, actions)) {
                return false;
            }
            start = s + 1;
        }
        if (!c) {
            return true;
        }
    }
}

static char *
flow_parse(struct dpuctl_dump *dump, struct dpuctl_flow *flow)
{
    struct ds match = DS_EMPTY_INITIALIZER;
    struct ds list = DS_EMPTY_INITIALIZER;
    char *text = xstrdup(flow->text);
    uint64_t packets;
    char *actions = split_line(text, &packets);
    char *error, *reworded;

    dump_walk(dump, text, OTHER, &match);
    dump_walk(dump, actions, ACTIONS, &list);
    reworded = reword_recirc(ds_cstr(&list));

    error = dpu_megaflow_parse_match(ds_cstr(&match), NULL, &flow->match);
    if (!error && !parse_actions(reworded, &flow->actions)) {
        error = xasprintf("not a list of actions: %s", actions);
    }
    free(reworded);
    free(text);
    ds_destroy(&list);
    ds_destroy(&match);
    return error;
}

/* Adds the megaflow in 'line', unparsed.  Returns false if it is none. */
static bool
dump_add_flow(struct dpuctl_dump *dump, char *line, unsigned int number,
              uint64_t packets)
{
    struct dpuctl_flow *flow;
    char *actions;

    if (!strncmp(line, "ufid:", strlen("ufid:"))) {
        line += strcspn(line, " ");
        line += strspn(line, " ");
    }
    actions = split_line(line, &packets);
    if (!actions) {
        return false;
    }
    dump_walk(dump, line, OTHER, NULL);
    dump_walk(dump, actions, ACTIONS, NULL);
    if (dump->n_flows >= dump->allocated_flows) {
        dump->flows = x2nrealloc(dump->flows, &dump->allocated_flows,
                                 sizeof *dump->flows);
    }
    flow = &dump->flows[dump->n_flows++];
    memset(flow, 0, sizeof *flow);
    flow->text = xasprintf("%s actions:%s", line, actions);
    flow->line = number;
    flow->packets = packets;
    ofpbuf_init(&flow->actions, 0);
    return true;
}

/* What reading has come to. */
struct reader {
    struct dpuctl_dump *dump;
    unsigned int line;          /* From 1. */
    uint64_t packets;           /* Of the next megaflow, as a comment says. */
    bool trace;                 /* What ofproto/trace prints. */
    char *megaflow;             /* Of a trace, whose actions come next. */
};

/* Goes on with a line 's' of what dump-flows prints. */
static char *
read_dump_line(struct reader *r, char *s)
{
    if (*s == '#') {
        const char *count = strstr(s, "packets=");

        if (count) {
            ovs_scan(count, "packets=%"SCNu64, &r->packets);
        }
    } else if (*s && strncmp(s, "flow-dump from", 14)) {
        if (!dump_add_flow(r->dump, s, r->line, r->packets)) {
            return xstrdup("a megaflow has \"actions:\"");
        }
        r->packets = 0;
    }
    return NULL;
}

/* The last megaflow turns out to be software's. */
static void
slow_down(struct dpuctl_dump *dump)
{
    if (dump->n_flows) {
        struct dpuctl_flow *flow = &dump->flows[dump->n_flows - 1];
        char *text = flow->text;

        *strstr(text, "actions:") = '\0';
        flow->text = xasprintf("%sactions:"DPUCTL_TRACE_SLOW_ACTIONS, text);
        free(text);
    }
}

/* Goes on with a line 's' of a trace: most tell how it comes to what
 * matters. */
static char *
read_trace_line(struct reader *r, const char *s)
{
    char *error = NULL, *flow;

    if (!strncmp(s, DPUCTL_TRACE_MEGAFLOW, strlen(DPUCTL_TRACE_MEGAFLOW))) {
        free(r->megaflow);
        r->megaflow = xstrdup(s + strlen(DPUCTL_TRACE_MEGAFLOW));
    } else if (r->megaflow && !strncmp(s, DPUCTL_TRACE_ACTIONS,
                                       strlen(DPUCTL_TRACE_ACTIONS))) {
        error = dpuctl_trace_rewrite(r->megaflow,
                                     s + strlen(DPUCTL_TRACE_ACTIONS), &flow);
        if (!error) {
            dump_add_flow(r->dump, flow, r->line, 0);
            free(flow);
        }
        free(r->megaflow);
        r->megaflow = NULL;
    } else if (!strncmp(s, DPUCTL_TRACE_SLOW, strlen(DPUCTL_TRACE_SLOW))) {
        slow_down(r->dump);
    }
    return error;
}

/* Reads the lines of 'stream'. */
static char *
dump_read_lines(struct dpuctl_dump *dump, FILE *stream, const char *name)
{
    struct reader r = { .dump = dump };
    struct ds line = DS_EMPTY_INITIALIZER;
    char *error = NULL;

    while (!error && !ds_get_line(&line, stream)) {
        char *s = ds_cstr(&line);
        char *why;

        r.line++;
        s += strspn(s, " \t");
        r.trace |= !strncmp(s, DPUCTL_TRACE_FLOW, strlen(DPUCTL_TRACE_FLOW));
        why = r.trace ? read_trace_line(&r, s) : read_dump_line(&r, s);
        if (why) {
            error = xasprintf("%s:%u: %s", name, r.line, why);
            free(why);
        }
    }
    free(r.megaflow);
    ds_destroy(&line);
    return error;
}

char *
dpuctl_dump_read(struct dpuctl_dump *dump, FILE *stream, const char *name)
{
    char *error;

    memset(dump, 0, sizeof *dump);
    error = dump_read_lines(dump, stream, name);
    dump_number_ports(dump);
    for (size_t i = 0; !error && i < dump->n_flows; i++) {
        struct dpuctl_flow *flow = &dump->flows[i];
        char *why = flow_parse(dump, flow);

        if (why) {
            error = xasprintf("%s:%u: %s", name, flow->line, why);
            free(why);
        }
    }
    return error;
}

void
dpuctl_dump_destroy(struct dpuctl_dump *dump)
{
    for (size_t i = 0; i < dump->n_flows; i++) {
        free(dump->flows[i].text);
        ofpbuf_uninit(&dump->flows[i].actions);
    }
    free(dump->flows);
    for (size_t i = 0; i < dump->n_ports; i++) {
        free(dump->ports[i].name);
    }
    free(dump->ports);
}
