/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-netlink: a conversation with the kernel by netlink: a request, its
 * answers, and, if it fails, what the kernel says about it (extended
 * acknowledgment).
 *
 * Errors are positive errno values, together with a sentence on what went
 * wrong that the caller must free().
 *
 * Thread-safety: each connection belongs to one thread. */

#ifndef DPU_NETLINK_H
#define DPU_NETLINK_H 1

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <libmnl/libmnl.h>

struct dpu_netlink;

/* Is given each message of an answer, or each notification. */
typedef void dpu_netlink_cb(const struct nlmsghdr *, void *aux);

/* Connects to netlink's 'bus' (NETLINK_GENERIC, NETLINK_ROUTE). */
int dpu_netlink_open(int bus, struct dpu_netlink **, char **error);
void dpu_netlink_close(struct dpu_netlink *);

/* Has all connections of this process write down each message in 'file', as a
 * line of hexadecimal digits after '>' for those that were sent and '<' for
 * those that were received.  NULL ends it. */
void dpu_netlink_record(FILE *file);

/* Starts a request of message type 'type'; 'flags' are those besides
 * NLM_F_REQUEST and NLM_F_ACK (NLM_F_DUMP).  The message is valid until the
 * next one. */
struct nlmsghdr *dpu_netlink_request(struct dpu_netlink *, uint16_t type,
                                     uint16_t flags);

/* The same for 'command' of a generic netlink family. */
struct nlmsghdr *dpu_netlink_request_generic(struct dpu_netlink *,
                                             uint16_t family, uint8_t version,
                                             uint8_t command, uint16_t flags);

/* Sends 'request' and waits for all of its answer.  'cb' may be NULL. */
int dpu_netlink_transact(struct dpu_netlink *, struct nlmsghdr *request,
                         dpu_netlink_cb *cb, void *aux, char **error);

/* Looks up the generic netlink family 'name'; and, if 'group' is nonnull, the
 * number of its multicast group of that name. */
int dpu_netlink_family(struct dpu_netlink *, const char *name,
                       const char *group, uint16_t *family,
                       uint32_t *group_id, char **error);

/* Notifications: joins 'group_id', waits 'timeout' milliseconds (-1: for
 * ever) for some and gives 'cb' those that are there.  Returns EAGAIN if there
 * was none, ENOBUFS if some were lost, both without an '*error'. */
int dpu_netlink_join(struct dpu_netlink *, uint32_t group_id, char **error);
int dpu_netlink_receive(struct dpu_netlink *, int timeout, dpu_netlink_cb *cb,
                        void *aux, char **error);

#endif /* lib/dpu-netlink.h */
