/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * fake-netlink: what those who stand for the kernel behind libmnl's sockets
 * have in common.  What is sent and received is each one's own:
 * __wrap_mnl_socket_sendto() and __wrap_mnl_socket_recvfrom().  For programs
 * that are linked with $(netlink_replay_ldflags). */

#ifndef FAKE_NETLINK_H
#define FAKE_NETLINK_H 1

#include <stddef.h>
#include <sys/types.h>

#include <libmnl/libmnl.h>

/* The generic netlink family of devlink. */
#define FAKE_NETLINK_DEVLINK 0x17

/* Makes 'answer', which has a header alone, what the kernel says of it. */
void fake_netlink_put_family(struct nlmsghdr *answer);

ssize_t __wrap_mnl_socket_sendto(const struct mnl_socket *, const void *buf,
                                 size_t len);
ssize_t __wrap_mnl_socket_recvfrom(const struct mnl_socket *, void *buf,
                                   size_t size);

#endif /* tests/unit/fake-netlink.h */
