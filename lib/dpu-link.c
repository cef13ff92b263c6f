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
#include <netlink/addr.h>
#include <netlink/attr.h>
#include <netlink/data.h>
#include <netlink/msg.h>
#include <netlink/object.h>
#include <netlink/route/link.h>
#include <netlink/route/link/sriov.h>

#include "lib/dpu-error.h"
#include "lib/dpu-netlink.h"

static int
no_memory(char **error)
{
    return dpu_error(error, ENOMEM, "%s", strerror(ENOMEM));
}

/* Messages. */

static void
keep_link(struct nl_object *object, void *link_)
{
    struct rtnl_link **link = link_;

    nl_object_get(object);
    *link = (struct rtnl_link *) object;
}

/* What 'message' says of a network device, or NULL if it says nothing or that
 * is malformed. */
static struct rtnl_link *
parse_link(const struct nlmsghdr *message)
{
    struct rtnl_link *link = NULL;
    struct nl_msg *copy;

    if (message->nlmsg_type != RTM_NEWLINK) {
        return NULL;
    }
    copy = nlmsg_convert((struct nlmsghdr *) (uintptr_t) message);
    if (copy) {
        nlmsg_set_proto(copy, NETLINK_ROUTE);
        nl_msg_parse(copy, keep_link, &link);
        nlmsg_free(copy);
    }
    return link;
}

/* Sends 'message', which is freed, and waits for its answer. */
static int
transact(struct dpu_netlink *netlink, struct nl_msg *message,
         dpu_netlink_cb *cb, void *aux, char **error)
{
    const struct nlmsghdr *header = nlmsg_hdr(message);
    size_t len = mnl_nlmsg_get_payload_len(header);
    struct nlmsghdr *request;

    request = dpu_netlink_request(netlink, header->nlmsg_type,
                                  header->nlmsg_flags);
    memcpy(mnl_nlmsg_put_extra_header(request, len), nlmsg_data(header), len);
    nlmsg_free(message);
    return dpu_netlink_transact(netlink, request, cb, aux, error);
}

/* All network devices. */

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
format_digits(struct nl_data *id, char value[DPU_PHYS_LEN])
{
    const uint8_t *bytes = nl_data_get(id);
    size_t len = nl_data_get_size(id);

    for (size_t i = 0; i < len && 2 * i + 2 < DPU_PHYS_LEN; i++) {
        sprintf(value + 2 * i, "%02x", bytes[i]);
    }
}

/* libnl 3.7 has no name of the parent device in its links. */
static void
read_parent(const struct nlmsghdr *message, char *value, size_t size)
{
    struct nlattr *attr;

    attr = nlmsg_find_attr((struct nlmsghdr *) (uintptr_t) message,
                           sizeof(struct ifinfomsg), IFLA_PARENT_DEV_NAME);
    if (attr) {
        nla_strlcpy(value, attr, size);
    }
}

static void
read_link(const struct nlmsghdr *message, void *links)
{
    struct rtnl_link *from = parse_link(message);
    struct dpu_link *link = from ? add_link(links) : NULL;

    if (link) {
        const char *port_name = rtnl_link_get_phys_port_name(from);
        struct nl_data *switch_id = rtnl_link_get_phys_switch_id(from);

        link->ifindex = rtnl_link_get_ifindex(from);
        snprintf(link->name, sizeof link->name, "%s",
                 rtnl_link_get_name(from));
        if (switch_id) {
            format_digits(switch_id, link->switch_id);
        }
        snprintf(link->port_name, sizeof link->port_name, "%s",
                 port_name ? port_name : "");
        read_parent(message, link->parent, sizeof link->parent);
    }
    rtnl_link_put(from);
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
        code = no_memory(error);
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

/* VFs. */

static void
read_one_link(const struct nlmsghdr *message, void *link_)
{
    struct rtnl_link **link = link_;

    if (!*link) {
        *link = parse_link(message);
    }
}

/* Network device 'ifindex', with its VFs. */
static int
get_link(struct dpu_netlink *netlink, int ifindex, struct rtnl_link **link,
         char **error)
{
    struct nl_msg *request;
    int code;

    *link = NULL;
    if (rtnl_link_build_get_request(ifindex, NULL, &request) < 0) {
        return no_memory(error);
    }
    code = transact(netlink, request, read_one_link, link, error);
    if (!code && !*link) {
        code = dpu_error(error, EPROTO, "the kernel says nothing about "
                         "network device %d", ifindex);
    }
    return code;
}

static bool
get_vf_mac(struct rtnl_link *link, uint32_t number, uint8_t mac[6])
{
    struct rtnl_link_vf *vf = (rtnl_link_has_vf_list(link)
                               ? rtnl_link_vf_get(link, number) : NULL);
    struct nl_addr *addr;
    bool ok;

    if (!vf) {
        return false;
    }
    ok = !rtnl_link_vf_get_addr(vf, &addr) && nl_addr_get_len(addr) >= 6;
    if (ok) {
        memcpy(mac, nl_addr_get_binary_addr(addr), 6);
    }
    rtnl_link_vf_put(vf);
    return ok;
}

int
dpu_link_get_vf_macs(struct dpu_netlink *netlink, int ifindex,
                     uint8_t (**macsp)[6], size_t *n, char **error)
{
    uint8_t (*macs)[6] = NULL, mac[6];
    struct rtnl_link *link;
    int code;

    *macsp = NULL;
    *n = 0;
    code = get_link(netlink, ifindex, &link, error);
    while (!code && get_vf_mac(link, *n, mac)) {
        uint8_t (*bigger)[6] = realloc(macs, (*n + 1) * sizeof *macs);

        if (bigger) {
            macs = bigger;
            memcpy(macs[(*n)++], mac, sizeof mac);
        } else {
            code = no_memory(error);
        }
    }
    rtnl_link_put(link);
    if (code) {
        free(macs);
        *n = 0;
    } else {
        *macsp = macs;
    }
    return code;
}

/* Adds the address 'mac' for VF 'number' to 'link'. */
static bool
add_vf_mac(struct rtnl_link *link, uint32_t number, const uint8_t mac[6])
{
    struct nl_addr *addr = nl_addr_build(AF_LLC, mac, 6);
    struct rtnl_link_vf *vf = rtnl_link_vf_alloc();
    bool ok = addr && vf;

    if (ok) {
        rtnl_link_vf_set_index(vf, number);
        rtnl_link_vf_set_addr(vf, addr);
        ok = !rtnl_link_vf_add(link, vf);
    }
    if (vf) {
        rtnl_link_vf_put(vf);
    }
    nl_addr_put(addr);
    return ok;
}

int
dpu_link_set_vf_mac(struct dpu_netlink *netlink, int ifindex, uint32_t vf,
                    const uint8_t mac[6], char **error)
{
    struct rtnl_link *link = rtnl_link_alloc();
    struct rtnl_link *change = rtnl_link_alloc();
    struct nl_msg *request;
    bool ok = link && change && add_vf_mac(change, vf, mac);

    *error = NULL;
    if (ok) {
        rtnl_link_set_ifindex(link, ifindex);
        ok = !rtnl_link_build_change_request(link, change, 0, &request);
    }
    rtnl_link_put(link);
    rtnl_link_put(change);
    return (ok ? transact(netlink, request, NULL, NULL, error)
            : no_memory(error));
}
