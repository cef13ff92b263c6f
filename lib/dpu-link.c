/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "lib/dpu-link.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "lib/dpu-error.h"
#include "lib/dpu-netlink.h"

struct links {
    struct dpu_link *links;
    size_t n, allocated;
    bool no_memory;
};

static struct dpu_link *
add_link(struct links *links)
{
    if (links->n == links->allocated) {
        size_t allocated = links->allocated ? 2 * links->allocated : 16;
        struct dpu_link *bigger = realloc(links->links,
                                          allocated * sizeof *bigger);

        if (!bigger) {
            links->no_memory = true;
            return NULL;
        }
        links->links = bigger;
        links->allocated = allocated;
    }
    return memset(&links->links[links->n++], 0, sizeof *links->links);
}

static void
read_string(const struct nlattr *attr, char *value, size_t size)
{
    if (mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0) {
        snprintf(value, size, "%s", mnl_attr_get_str(attr));
    }
}

static void
read_digits(const struct nlattr *attr, char value[DPU_PHYS_LEN])
{
    const uint8_t *id = mnl_attr_get_payload(attr);
    size_t len = mnl_attr_get_payload_len(attr);

    for (size_t i = 0; i < len && 2 * i + 2 < DPU_PHYS_LEN; i++) {
        sprintf(value + 2 * i, "%02x", id[i]);
    }
}

static void
read_link(const struct nlmsghdr *message, void *links)
{
    const struct ifinfomsg *info = mnl_nlmsg_get_payload(message);
    const struct nlattr *attr;
    struct dpu_link *link;

    if (message->nlmsg_type != RTM_NEWLINK || !(link = add_link(links))) {
        return;
    }
    link->ifindex = info->ifi_index;
    mnl_attr_for_each (attr, message, sizeof *info) {
        switch (mnl_attr_get_type(attr)) {
        case IFLA_IFNAME:
            read_string(attr, link->name, sizeof link->name);
            break;
        case IFLA_PHYS_SWITCH_ID:
            read_digits(attr, link->switch_id);
            break;
        case IFLA_PHYS_PORT_NAME:
            read_string(attr, link->port_name, sizeof link->port_name);
            break;
        case IFLA_PARENT_DEV_NAME:
            read_string(attr, link->parent, sizeof link->parent);
            break;
        }
    }
}

int
dpu_link_get_all(struct dpu_netlink *netlink, struct dpu_link **linksp,
                 size_t *n, char **error)
{
    struct links links = { .n = 0 };
    struct nlmsghdr *request;
    struct ifinfomsg *info;
    int code;

    request = dpu_netlink_request(netlink, RTM_GETLINK, NLM_F_DUMP);
    info = mnl_nlmsg_put_extra_header(request, sizeof *info);
    info->ifi_family = AF_UNSPEC;
    code = dpu_netlink_transact(netlink, request, read_link, &links, error);
    if (!code && links.no_memory) {
        code = dpu_error(error, ENOMEM, "%s", strerror(ENOMEM));
    }
    if (code) {
        free(links.links);
        links.links = NULL;
        links.n = 0;
    }
    *linksp = links.links;
    *n = links.n;
    return code;
}
