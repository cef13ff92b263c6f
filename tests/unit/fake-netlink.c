/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "tests/unit/fake-netlink.h"

#include <sys/socket.h>

#include <linux/devlink.h>
#include <linux/genetlink.h>

struct mnl_socket *__wrap_mnl_socket_open(int bus);
int __wrap_mnl_socket_bind(struct mnl_socket *, unsigned int groups,
                           pid_t pid);
int __wrap_mnl_socket_close(struct mnl_socket *);
int __wrap_mnl_socket_setsockopt(const struct mnl_socket *, int type,
                                 void *buf, socklen_t len);

/* Nothing looks into a socket. */
struct mnl_socket *
__wrap_mnl_socket_open(int bus)
{
    static int socket;

    return (struct mnl_socket *) &socket;
}

int
__wrap_mnl_socket_bind(struct mnl_socket *socket, unsigned int groups,
                       pid_t pid)
{
    return 0;
}

int
__wrap_mnl_socket_close(struct mnl_socket *socket)
{
    return 0;
}

int
__wrap_mnl_socket_setsockopt(const struct mnl_socket *socket, int type,
                             void *buf, socklen_t len)
{
    return 0;
}

void
fake_netlink_put_family(struct nlmsghdr *answer)
{
    struct nlattr *groups, *group;

    answer->nlmsg_type = GENL_ID_CTRL;
    mnl_nlmsg_put_extra_header(answer, sizeof(struct genlmsghdr));
    mnl_attr_put_u16(answer, CTRL_ATTR_FAMILY_ID, FAKE_NETLINK_DEVLINK);
    groups = mnl_attr_nest_start(answer, CTRL_ATTR_MCAST_GROUPS);
    group = mnl_attr_nest_start(answer, 1);
    mnl_attr_put_strz(answer, CTRL_ATTR_MCAST_GRP_NAME,
                      DEVLINK_GENL_MCGRP_CONFIG_NAME);
    mnl_attr_put_u32(answer, CTRL_ATTR_MCAST_GRP_ID, 5);
    mnl_attr_nest_end(answer, group);
    mnl_attr_nest_end(answer, groups);
}
