/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpuctl-dump-port: see dpuctl-dump-port.h. */

#include <config.h>

#include "utilities/dpuctl-dump-port.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "odp-util.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

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

/* The port with the name, or the number in its place, 's' of 'len' bytes. */
static struct dpuctl_port *
ports_find(const struct dpuctl_dump_ports *ports, const char *s, size_t len)
{
    for (size_t i = 0; i < ports->n; i++) {
        struct dpuctl_port *port = &ports->ports[i];
        char number[11];

        snprintf(number, sizeof number, "%"PRIu32, odp_to_u32(port->number));
        if ((strlen(port->name) == len && !strncmp(port->name, s, len))
            || (port->number != ODPP_NONE && strlen(number) == len
                && !strncmp(number, s, len))) {
            return port;
        }
    }
    return NULL;
}

const struct dpuctl_port *
dpuctl_dump_ports_find(const struct dpuctl_dump_ports *ports,
                       odp_port_t number)
{
    for (size_t i = 0; i < ports->n; i++) {
        if (ports->ports[i].number == number) {
            return &ports->ports[i];
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

static struct dpuctl_port *
ports_add(struct dpuctl_dump_ports *ports, const char *name, size_t len)
{
    struct dpuctl_port *port;

    if (ports->n >= ports->allocated) {
        ports->ports = x2nrealloc(ports->ports, &ports->allocated,
                                  sizeof *ports->ports);
    }
    port = &ports->ports[ports->n++];
    memset(port, 0, sizeof *port);
    port->name = xmemdup0(name, len);
    port->number = ODPP_NONE;
    port->tunnel = tunnel_type(port->name);
    return port;
}

/* A port in the text, 's' of 'len' bytes: adds it to 'ports', unless it is
 * there already; or, if 'out' is not NULL, writes its number there. */
static void
ports_meet(struct dpuctl_dump_ports *ports, const char *s, size_t len,
           struct ds *out)
{
    struct dpuctl_port *port = ports_find(ports, s, len);

    if (out) {
        ds_put_format(out, "%"PRIu32, odp_to_u32(port->number));
        return;
    }
    if (!port) {
        port = ports_add(ports, s, len);
    }
    if (!port->met) {
        port->met = true;
        port->index = ports->n_ethdevs;
        ports->n_ethdevs += !port->tunnel && !port->software;
    }
}

bool
dpuctl_dump_ports_read(struct dpuctl_dump_ports *ports, const char *line)
{
    struct dpuctl_port *port;
    int name, end, type = 0;
    uint32_t number;

    if (!ovs_scan(line, "port %"SCNu32": %n%*s%n (%n",
                  &number, &name, &end, &type) || !type) {
        return false;
    }
    port = ports_add(ports, line + name, end - name);
    port->number = u32_to_odp(number);
    port->software = (strncmp(line + type, "dpu", strlen("dpu"))
                      && strncmp(line + type, "dpdk", strlen("dpdk")));
    return true;
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
    static const char *const names[] = {
        "in_port", "tnl_port", "out_port", "tnl_pop", NULL
    };
    static const char *const lists[] = {
        "clone", "actions", "gt", "le", NULL
    };

    return (is_one_of(s, len, names) ? PORT
            : is_one_of(s, len, lists) ? ACTIONS : OTHER);
}

/* Goes through 's', a match or, if 'context' says so, a list of actions, and
 * meets its ports.  If 'out' is not NULL, writes it there with numbers. */
static void
ports_walk(struct dpuctl_dump_ports *ports, const char *s,
           enum context context, struct ds *out)
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
                ports_meet(ports, s, len, out);
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

void
dpuctl_dump_ports_walk_match(struct dpuctl_dump_ports *ports, const char *s,
                             struct ds *out)
{
    ports_walk(ports, s, OTHER, out);
}

void
dpuctl_dump_ports_walk_actions(struct dpuctl_dump_ports *ports, const char *s,
                               struct ds *out)
{
    ports_walk(ports, s, ACTIONS, out);
}

void
dpuctl_dump_ports_number(struct dpuctl_dump_ports *ports)
{
    uint32_t next = 1;

    for (size_t i = 0; i < ports->n; i++) {
        struct dpuctl_port *port = &ports->ports[i];
        unsigned int number;

        if (port->number == ODPP_NONE
            && str_to_uint(port->name, 10, &number)) {
            port->number = u32_to_odp(number);
        }
        if (port->number != ODPP_NONE) {
            next = MAX(next, odp_to_u32(port->number) + 1);
        }
    }
    for (size_t i = 0; i < ports->n; i++) {
        if (ports->ports[i].number == ODPP_NONE) {
            ports->ports[i].number = u32_to_odp(next++);
        }
    }
}

void
dpuctl_dump_ports_destroy(struct dpuctl_dump_ports *ports)
{
    for (size_t i = 0; i < ports->n; i++) {
        free(ports->ports[i].name);
    }
    free(ports->ports);
}
