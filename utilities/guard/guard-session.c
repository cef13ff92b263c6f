/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * guard-session: see guard-session.h. */

#include <config.h>

#include "utilities/guard/guard-session.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "jsonrpc.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/list.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "stream.h"
#include "timeval.h"
#include "util.h"

#include "utilities/guard/guard-host.h"
#include "utilities/guard/guard-owner.h"
#include "utilities/guard/guard-pending.h"
#include "utilities/guard/guard-reference.h"
#include "utilities/guard/guard-request.h"
#include "utilities/guard/guard-transaction.h"

VLOG_DEFINE_THIS_MODULE(guard_session);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(20, 60);

/* Requests of a session that ovsdb-server has not answered. */
#define MAX_PENDING 32

/* Bytes that wait to be sent, beyond which no more are made. */
#define MAX_BACKLOG (1024 * 1024)

/* Messages at a time: others want a turn, too. */
#define MAX_MESSAGES 10

/* How long one may take to say who it is, and may be silent before it is
 * asked whether it is there, and before it is taken to be gone, in ms. */
#define IDENTIFY_MS 10000
#define PROBE_MS 30000

struct guard_session {
    struct ovs_list node;
    char *name;                 /* Of its stream. */
    const char *db;
    const char *given_name;     /* The host's, or NULL: its certificate's. */
    struct stream *stream;      /* While it is not known who it is. */
    long long int started;
    struct guard_host *host;    /* Once that is known. */
    struct jsonrpc *client;
    struct jsonrpc *server;
    struct guard_references references;
    struct ovs_list pending;    /* Of struct guard_pending. */
    size_t n_pending;
    long long int next_id;
    struct jsonrpc_msg *held;   /* A transaction that is too early. */
    unsigned int received;      /* Bytes until the last whole message. */
    long long int last_heard;
    bool probed;                /* Since then. */
    bool dropped;
};

static struct ovs_list sessions = OVS_LIST_INITIALIZER(&sessions);
static size_t n_sessions;

static void drop(struct guard_session *, const char *why, ...)
    OVS_PRINTF_FORMAT(2, 3);

/* Ends the session with the next run. */
static void
drop(struct guard_session *s, const char *why, ...)
{
    struct ds reason = DS_EMPTY_INITIALIZER;
    va_list args;

    va_start(args, why);
    ds_put_format_valist(&reason, why, args);
    va_end(args);
    if (!s->dropped) {
        VLOG_INFO_RL(&rl, "%s (%s): %s", s->name,
                     s->host ? s->host->name : "unknown", ds_cstr(&reason));
    }
    ds_destroy(&reason);
    s->dropped = true;
}

static void
session_destroy(struct guard_session *s)
{
    struct guard_pending *p;

    ovs_list_remove(&s->node);
    n_sessions--;
    LIST_FOR_EACH_SAFE (p, node, &s->pending) {
        guard_pending_destroy(p);
    }
    guard_references_destroy(&s->references);
    if (s->host) {
        s->host->n_sessions--;
    }
    jsonrpc_msg_destroy(s->held);
    jsonrpc_close(s->client);
    jsonrpc_close(s->server);
    stream_close(s->stream);
    free(s->name);
    free(s);
}

/* Has the oldest session go whose host is not known. */
static bool
make_room(void)
{
    struct guard_session *s;

    LIST_FOR_EACH (s, node, &sessions) {
        if (!s->host) {
            drop(s, "makes room for others, before it has said who it is");
            session_destroy(s);
            return true;
        }
    }
    return false;
}

void
guard_session_start(struct stream *stream, const char *host, const char *db)
{
    struct guard_session *s;

    if (n_sessions >= GUARD_MAX_SESSIONS && !make_room()) {
        VLOG_WARN_RL(&rl, "%s: there are %d sessions, no more are accepted",
                     stream_get_name(stream), GUARD_MAX_SESSIONS);
        stream_close(stream);
        return;
    }
    s = xzalloc(sizeof *s);
    s->name = xstrdup(stream_get_name(stream));
    s->db = db;
    s->given_name = host;
    s->stream = stream;
    s->started = s->last_heard = time_msec();
    guard_references_init(&s->references);
    ovs_list_init(&s->pending);
    ovs_list_push_back(&sessions, &s->node);
    n_sessions++;
}

/* Who it is. */

static void
identify(struct guard_session *s)
{
    const char *name = s->given_name;
    struct stream *server;
    int error;

    if (!name) {
        name = stream_get_peer_id(s->stream);
    }
    if (!name || !name[0]) {
        drop(s, "its certificate has no common name, by which a host is "
             "known");
        return;
    }
    s->host = guard_host_get(name);
    s->host->n_sessions++;
    if (s->host->n_sessions > GUARD_MAX_HOST_SESSIONS) {
        drop(s, "it has %d sessions, which are enough",
             GUARD_MAX_HOST_SESSIONS);
        return;
    }
    error = jsonrpc_stream_open(s->db, &server, 0);
    if (error) {
        drop(s, "%s: %s", s->db, ovs_strerror(error));
        return;
    }
    s->server = jsonrpc_open(server);
    s->client = jsonrpc_open(s->stream);
    s->stream = NULL;
    VLOG_DBG("%s: host %s", s->name, s->host->name);
}

static void
run_identification(struct guard_session *s)
{
    int error;

    stream_run(s->stream);
    error = stream_connect(s->stream);
    if (!error) {
        identify(s);
    } else if (error != EAGAIN) {
        drop(s, "it could not be found out who it is: %s",
             ovs_strerror(error));
    } else if (time_msec() > s->started + IDENTIFY_MS) {
        drop(s, "it has not said who it is in %d s", IDENTIFY_MS / 1000);
    }
}

/* From host to database. */

static void
reply(struct guard_session *s, struct jsonrpc_msg *msg)
{
    jsonrpc_send(s->client, msg);
}

/* Logs and counts that a request was refused, by 'error' somewhere in which
 * it says why. */
static void
log_refusal(struct guard_session *s, const struct json *error)
{
    char *text = json_to_string(error, JSSF_SORT);

    s->host->n_refused++;
    VLOG_WARN_RL(&rl, "host %s (%s) was refused: %s", s->host->name, s->name,
                 text);
    free(text);
}

/* Sends 'msg', a request, on with an id of ours.  Takes 'msg'. */
static struct guard_pending *
forward(struct guard_session *s, struct jsonrpc_msg *msg)
{
    struct guard_pending *p = guard_pending_create(&s->pending, msg,
                                                   s->next_id++);

    s->n_pending++;
    jsonrpc_send(s->server, msg);
    return p;
}

/* Takes 'msg'. */
static void
transact(struct guard_session *s, struct jsonrpc_msg *msg)
{
    struct guard_transaction txn;
    struct json *params, *refusal;

    params = guard_transaction_judge(&txn, msg->params, s->host->name,
                                     &refusal);
    if (params) {
        json_destroy(msg->params);
        msg->params = params;
        forward(s, msg)->txn = txn;
        return;
    }
    log_refusal(s, refusal);
    reply(s, jsonrpc_create_reply(refusal, msg->id));
    guard_transaction_destroy(&txn);
    jsonrpc_msg_destroy(msg);
}

/* Takes 'msg'. */
static void
request(struct guard_session *s, struct jsonrpc_msg *msg)
{
    struct json *error;

    if (!strcmp(msg->method, "echo")) {
        reply(s, jsonrpc_create_reply(json_clone(msg->params), msg->id));
        jsonrpc_msg_destroy(msg);
        return;
    } else if (!strcmp(msg->method, "transact")) {
        transact(s, msg);
        return;
    }
    error = guard_request_judge(msg->method, s->host->name, &msg->params);
    if (!error) {
        forward(s, msg);
        return;
    }
    log_refusal(s, error);
    reply(s, jsonrpc_create_error(error, msg->id));
    jsonrpc_msg_destroy(msg);
}

/* Takes 'msg'. */
static void
handle_client(struct guard_session *s, struct jsonrpc_msg *msg)
{
    switch (msg->type) {
    case JSONRPC_REQUEST:
        if (!strcmp(msg->method, "transact")
            && !guard_host_take_transaction(s->host)) {
            s->held = msg;
        } else {
            request(s, msg);
        }
        return;
    case JSONRPC_NOTIFY:
        /* Of a transaction, none of which lasts. */
        if (strcmp(msg->method, "cancel")) {
            drop(s, "it sent a notification \"%s\"", msg->method);
        }
        break;
    case JSONRPC_REPLY:
    case JSONRPC_ERROR:
        break;                  /* To our "echo". */
    }
    jsonrpc_msg_destroy(msg);
}

/* Whether the host may go on. */
static bool
may_receive_from_client(const struct guard_session *s)
{
    return (!s->held && s->n_pending < MAX_PENDING
            && jsonrpc_get_backlog(s->server) < MAX_BACKLOG
            && jsonrpc_get_backlog(s->client) < MAX_BACKLOG);
}

static void
run_client(struct guard_session *s)
{
    jsonrpc_run(s->client);
    if (s->held && guard_host_take_transaction(s->host)) {
        struct jsonrpc_msg *msg = s->held;

        s->held = NULL;
        request(s, msg);
    }
    for (int i = 0; (i < MAX_MESSAGES && !s->dropped
                     && may_receive_from_client(s)); i++) {
        struct jsonrpc_msg *msg;
        int error = jsonrpc_recv(s->client, &msg);
        unsigned int received = jsonrpc_get_received_bytes(s->client);

        if (received - s->received > GUARD_MAX_MESSAGE) {
            drop(s, "it sent a message of more than %d bytes",
                 GUARD_MAX_MESSAGE);
            jsonrpc_msg_destroy(msg);
            return;
        } else if (error) {
            break;
        }
        s->received = received;
        s->last_heard = time_msec();
        s->probed = false;
        handle_client(s, msg);
    }
    if (jsonrpc_get_status(s->client)) {
        drop(s, "%s", ovs_retval_to_string(jsonrpc_get_status(s->client)));
    }
}

static void
probe(struct guard_session *s)
{
    long long int silent = time_msec() - s->last_heard;

    if (s->held || !may_receive_from_client(s)) {
        return;                 /* It was not listened to. */
    } else if (silent > 2 * PROBE_MS) {
        drop(s, "it has been silent for %d s", 2 * PROBE_MS / 1000);
    } else if (silent > PROBE_MS && !s->probed) {
        struct json *id;

        s->probed = true;
        jsonrpc_send(s->client, jsonrpc_create_request(
                         "echo", json_array_create_empty(), &id));
        json_destroy(id);
    }
}

/* From database to host. */

/* A reply or an error, which is taken. */
static void
handle_reply(struct guard_session *s, struct jsonrpc_msg *msg)
{
    struct guard_pending *p = guard_pending_find(&s->pending, msg->id);

    if (!p) {
        jsonrpc_msg_destroy(msg);
        return;
    }
    if (msg->type == JSONRPC_REPLY && p->transacts) {
        const struct json *refusal;

        msg->result = guard_transaction_reply(&p->txn, msg->result, &refusal);
        if (refusal) {
            log_refusal(s, refusal);
        } else if (p->txn.changes) {
            s->host->n_changes++;
        }
    } else if (msg->type == JSONRPC_REPLY) {
        guard_references_reply(&s->references, p->method, p->params,
                               msg->result);
    }
    json_destroy(msg->id);
    msg->id = p->client_id;
    p->client_id = NULL;
    guard_pending_destroy(p);
    s->n_pending--;
    reply(s, msg);
}

/* Takes 'msg'. */
static void
handle_server(struct guard_session *s, struct jsonrpc_msg *msg)
{
    switch (msg->type) {
    case JSONRPC_REPLY:
    case JSONRPC_ERROR:
        handle_reply(s, msg);
        return;
    case JSONRPC_NOTIFY:        /* What a monitor saw. */
        guard_references_notify(&s->references, msg->method, msg->params);
        reply(s, msg);
        return;
    case JSONRPC_REQUEST:
        if (!strcmp(msg->method, "echo")) {
            jsonrpc_send(s->server, jsonrpc_create_reply(
                             json_clone(msg->params), msg->id));
        }
        break;
    }
    jsonrpc_msg_destroy(msg);
}

static bool
may_receive_from_server(const struct guard_session *s)
{
    return jsonrpc_get_backlog(s->client) < MAX_BACKLOG;
}

static void
run_server(struct guard_session *s)
{
    jsonrpc_run(s->server);
    for (int i = 0; (i < MAX_MESSAGES && !s->dropped
                     && may_receive_from_server(s)); i++) {
        struct jsonrpc_msg *msg;

        if (jsonrpc_recv(s->server, &msg)) {
            break;
        }
        handle_server(s, msg);
    }
    if (jsonrpc_get_status(s->server)) {
        drop(s, "%s: %s", s->db,
             ovs_retval_to_string(jsonrpc_get_status(s->server)));
    }
}

/* All of them. */

void
guard_sessions_run(void)
{
    struct guard_session *s;

    LIST_FOR_EACH_SAFE (s, node, &sessions) {
        if (s->stream) {
            run_identification(s);
        } else {
            run_client(s);
            if (!s->dropped) {
                run_server(s);
            }
            if (!s->dropped) {
                probe(s);
            }
        }
        if (s->dropped) {
            session_destroy(s);
        }
    }
}

void
guard_sessions_wait(void)
{
    struct guard_session *s;

    LIST_FOR_EACH (s, node, &sessions) {
        if (s->stream) {
            stream_run_wait(s->stream);
            stream_connect_wait(s->stream);
            poll_timer_wait_until(s->started + IDENTIFY_MS + 1);
            continue;
        }
        jsonrpc_wait(s->client);
        jsonrpc_wait(s->server);
        if (s->held) {
            guard_host_wait(s->host);
        } else if (may_receive_from_client(s)) {
            jsonrpc_recv_wait(s->client);
            poll_timer_wait_until(s->last_heard
                                  + (s->probed ? 2 : 1) * PROBE_MS + 1);
        }
        if (may_receive_from_server(s)) {
            jsonrpc_recv_wait(s->server);
        }
    }
}

void
guard_sessions_destroy(void)
{
    struct guard_session *s;

    LIST_FOR_EACH_SAFE (s, node, &sessions) {
        session_destroy(s);
    }
}
