/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "lib/dpu-netlink.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "lib/dpu-error.h"

/* The kernel fills at most 32 KiB per message of a dump. */
#define ANSWER_SIZE 32768
#define REQUEST_SIZE 4096

struct dpu_netlink {
    struct mnl_socket *socket;
    unsigned int seq;           /* Of the last request. */
    char request[REQUEST_SIZE];
    char answer[ANSWER_SIZE];
};

static FILE *recording;

int
dpu_netlink_open(int bus, struct dpu_netlink **nlp, char **error)
{
    struct dpu_netlink *nl = calloc(1, sizeof *nl);
    int on = 1;
    int code;

    *error = NULL;
    *nlp = NULL;
    if (!nl) {
        return ENOMEM;
    }
    nl->socket = mnl_socket_open(bus);
    if (!nl->socket) {
        code = dpu_error(error, errno, "netlink: %s", strerror(errno));
        goto error_free;
    }
    if (mnl_socket_bind(nl->socket, 0, MNL_SOCKET_AUTOPID) < 0) {
        code = dpu_error(error, errno, "netlink: %s", strerror(errno));
        goto error_close;
    }
    /* What kernels before 4.12 do not know is done without. */
    mnl_socket_setsockopt(nl->socket, NETLINK_EXT_ACK, &on, sizeof on);
    mnl_socket_setsockopt(nl->socket, NETLINK_CAP_ACK, &on, sizeof on);
    *nlp = nl;
    return 0;

error_close:
    mnl_socket_close(nl->socket);
error_free:
    free(nl);
    return code;
}

void
dpu_netlink_close(struct dpu_netlink *nl)
{
    if (nl) {
        mnl_socket_close(nl->socket);
        free(nl);
    }
}

void
dpu_netlink_record(FILE *file)
{
    recording = file;
}

static void
record(char direction, const void *data, size_t len)
{
    const uint8_t *bytes = data;

    if (recording) {
        fprintf(recording, "%c ", direction);
        for (size_t i = 0; i < len; i++) {
            fprintf(recording, "%02x", bytes[i]);
        }
        fputc('\n', recording);
    }
}

struct nlmsghdr *
dpu_netlink_request(struct dpu_netlink *nl, uint16_t type, uint16_t flags)
{
    struct nlmsghdr *request = mnl_nlmsg_put_header(nl->request);

    request->nlmsg_type = type;
    request->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
    request->nlmsg_seq = ++nl->seq;
    return request;
}

struct nlmsghdr *
dpu_netlink_request_generic(struct dpu_netlink *nl, uint16_t family,
                            uint8_t version, uint8_t command, uint16_t flags)
{
    struct nlmsghdr *request = dpu_netlink_request(nl, family, flags);
    struct genlmsghdr *header;

    header = mnl_nlmsg_put_extra_header(request, sizeof *header);
    header->cmd = command;
    header->version = version;
    return request;
}

/* The kernel's own words in 'message', an error or the end of a dump; NULL if
 * it has none.  'skip' is the length of what comes before them. */
static const char *
find_words(const struct nlmsghdr *message, size_t skip)
{
    const struct nlattr *attr;

    if (!(message->nlmsg_flags & NLM_F_ACK_TLVS)
        || mnl_nlmsg_get_payload_len(message) < skip) {
        return NULL;
    }
    mnl_attr_for_each (attr, message, skip) {
        if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG
            && mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0) {
            return mnl_attr_get_str(attr);
        }
    }
    return NULL;
}

/* What 'message' ends with: an errno, and its sentence.  The request that
 * failed is repeated within the message, its header alone if CAPPED. */
static int
read_result(const struct nlmsghdr *message, char **error)
{
    const char *words;
    size_t skip;
    int code;

    if (mnl_nlmsg_get_payload_len(message) < sizeof(int)) {
        return dpu_error(error, EPROTO, "the kernel's answer is cut short");
    }
    code = -*(const int *) mnl_nlmsg_get_payload(message);
    if (!code) {
        return 0;
    }
    skip = sizeof(int);
    if (message->nlmsg_type == NLMSG_ERROR) {
        const struct nlmsgerr *err = mnl_nlmsg_get_payload(message);

        skip = sizeof *err;
        if (!(message->nlmsg_flags & NLM_F_CAPPED)
            && mnl_nlmsg_get_payload_len(message) >= skip) {
            skip += NLMSG_ALIGN(err->msg.nlmsg_len) - sizeof err->msg;
        }
    }
    words = find_words(message, skip);
    if (words) {
        return dpu_error(error, code, "%s (%s)", words, strerror(code));
    }
    return dpu_error(error, code, "%s", strerror(code));
}

/* Reads 'len' bytes of answers to request 'seq'.  Stores in '*done' whether
 * that is all. */
static int
read_answers(struct dpu_netlink *nl, int len, unsigned int seq,
             dpu_netlink_cb *cb, void *aux, bool *done, char **error)
{
    const struct nlmsghdr *message;

    for (message = (const void *) nl->answer; mnl_nlmsg_ok(message, len);
         message = mnl_nlmsg_next(message, &len)) {
        if (message->nlmsg_seq != seq) {
            continue;               /* Of a request that was given up. */
        }
        switch (message->nlmsg_type) {
        case NLMSG_ERROR:
        case NLMSG_DONE:
            *done = true;
            return read_result(message, error);
        case NLMSG_NOOP:
            break;
        default:
            if (cb) {
                cb(message, aux);
            }
        }
    }
    return 0;
}

int
dpu_netlink_transact(struct dpu_netlink *nl, struct nlmsghdr *request,
                     dpu_netlink_cb *cb, void *aux, char **error)
{
    unsigned int seq = request->nlmsg_seq;
    bool done = false;
    int code = 0;

    *error = NULL;
    record('>', request, request->nlmsg_len);
    if (mnl_socket_sendto(nl->socket, request, request->nlmsg_len) < 0) {
        return dpu_error(error, errno, "netlink: %s", strerror(errno));
    }
    while (!done && !code) {
        ssize_t len = mnl_socket_recvfrom(nl->socket, nl->answer,
                                          sizeof nl->answer);

        if (len < 0 && errno == EINTR) {
            continue;
        } else if (len < 0) {
            return dpu_error(error, errno, "netlink: %s", strerror(errno));
        }
        record('<', nl->answer, len);
        code = read_answers(nl, len, seq, cb, aux, &done, error);
    }
    return code;
}

/* What is looked for in CTRL_CMD_GETFAMILY's answer. */
struct family {
    const char *group;
    uint16_t id;
    uint32_t group_id;
};

static void
read_group(const struct nlattr *group, struct family *family)
{
    const struct nlattr *attr;
    const char *name = "";
    uint32_t id = 0;

    mnl_attr_for_each_nested (attr, group) {
        if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_NAME
            && mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0) {
            name = mnl_attr_get_str(attr);
        } else if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_ID
                   && mnl_attr_validate(attr, MNL_TYPE_U32) >= 0) {
            id = mnl_attr_get_u32(attr);
        }
    }
    if (family->group && !strcmp(name, family->group)) {
        family->group_id = id;
    }
}

static void
read_family(const struct nlmsghdr *message, void *family_)
{
    struct family *family = family_;
    const struct nlattr *attr, *group;

    mnl_attr_for_each (attr, message, sizeof(struct genlmsghdr)) {
        if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID
            && mnl_attr_validate(attr, MNL_TYPE_U16) >= 0) {
            family->id = mnl_attr_get_u16(attr);
        } else if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GROUPS) {
            mnl_attr_for_each_nested (group, attr) {
                read_group(group, family);
            }
        }
    }
}

int
dpu_netlink_family(struct dpu_netlink *nl, const char *name,
                   const char *group, uint16_t *family, uint32_t *group_id,
                   char **error)
{
    struct family found = { .group = group };
    struct nlmsghdr *request;
    int code;

    request = dpu_netlink_request_generic(nl, GENL_ID_CTRL, 1,
                                          CTRL_CMD_GETFAMILY, 0);
    mnl_attr_put_strz(request, CTRL_ATTR_FAMILY_NAME, name);
    code = dpu_netlink_transact(nl, request, read_family, &found, error);
    if (code) {
        return code;
    }
    if (!found.id || (group && !found.group_id)) {
        return dpu_error(error, ENOENT, "the kernel's netlink family %s has "
                         "no group %s", name, group);
    }
    *family = found.id;
    if (group) {
        *group_id = found.group_id;
    }
    return 0;
}

int
dpu_netlink_join(struct dpu_netlink *nl, uint32_t group_id, char **error)
{
    int group = group_id;

    *error = NULL;
    if (mnl_socket_setsockopt(nl->socket, NETLINK_ADD_MEMBERSHIP, &group,
                              sizeof group) < 0) {
        return dpu_error(error, errno, "netlink notifications: %s",
                         strerror(errno));
    }
    return 0;
}

int
dpu_netlink_receive(struct dpu_netlink *nl, int timeout, dpu_netlink_cb *cb,
                    void *aux, char **error)
{
    struct pollfd pollfd = {
        .fd = mnl_socket_get_fd(nl->socket),
        .events = POLLIN,
    };
    bool done;
    ssize_t len;

    *error = NULL;
    if (poll(&pollfd, 1, timeout) <= 0) {
        return EAGAIN;
    }
    len = mnl_socket_recvfrom(nl->socket, nl->answer, sizeof nl->answer);
    if (len < 0 && (errno == EAGAIN || errno == EINTR)) {
        return EAGAIN;
    } else if (len < 0 && errno == ENOBUFS) {
        return ENOBUFS;
    } else if (len < 0) {
        return dpu_error(error, errno, "netlink notifications: %s",
                         strerror(errno));
    }
    record('<', nl->answer, len);
    return read_answers(nl, len, 0, cb, aux, &done, error);
}
