/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * ovs-dpu-guard: lets the hosts of a DPU change what is their own in its
 * database, and nothing else.
 *
 * ovs-dpu-guard(8) is its manual. */

#include <config.h>

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "command-line.h"
#include "daemon.h"
#include "dirs.h"
#include "fatal-signal.h"
#include "jsonrpc.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "stream-ssl.h"
#include "stream.h"
#include "svec.h"
#include "unixctl.h"
#include "util.h"

#include "utilities/guard/guard-host.h"
#include "utilities/guard/guard-session.h"

VLOG_DEFINE_THIS_MODULE(guard);

struct options {
    char *db;                   /* ovsdb-server, "unix:FILE". */
    const char *host;           /* Who comes by others than TLS, or NULL. */
    const char *private_key;
    const char *certificate;
    const char *ca_cert;
    char *unixctl;
};

struct listener {
    struct pstream *pstream;
    const char *host;           /* Who comes by it, or NULL: who it says. */
};

static void
usage(void)
{
    printf("%s: hosts may change their own ports on the DPU\n"
           "usage: %s [OPTION]... REMOTE...\n"
           "where each REMOTE is what hosts connect to:\n"
           "  pssl:[PORT][:ADDRESS]  by TLS; the name in its certificate is "
           "the host's\n"
           "  ptcp:[PORT][:ADDRESS]  TCP, for the one host that --host names\n"
           "  punix:FILE             the same by a socket in the file system\n"
           "\n"
           "  --db=REMOTE            the database (unix:%s/db.sock)\n"
           "  --host=NAME            who comes by ptcp and punix\n"
           "  --private-key=FILE, --certificate=FILE, --ca-cert=FILE\n"
           "                         for pssl; hosts have certificates of that "
           "authority\n"
           "  --unixctl=SOCKET       for ovs-appctl\n"
           "  -h, --help             this\n"
           "  -V, --version\n",
           program_name, program_name, ovs_rundir());
    daemon_usage();
    vlog_usage();
    exit(EXIT_SUCCESS);
}

static void
parse_options(int argc, char *argv[], struct options *o)
{
    enum {
        OPT_DB = UCHAR_MAX + 1, OPT_HOST, OPT_UNIXCTL,
        VLOG_OPTION_ENUMS,
        DAEMON_OPTION_ENUMS,
        SSL_OPTION_ENUMS,
    };
    static const struct option long_options[] = {
        { "db", required_argument, NULL, OPT_DB },
        { "host", required_argument, NULL, OPT_HOST },
        { "unixctl", required_argument, NULL, OPT_UNIXCTL },
        { "help", no_argument, NULL, 'h' },
        { "version", no_argument, NULL, 'V' },
        VLOG_LONG_OPTIONS,
        DAEMON_LONG_OPTIONS,
        STREAM_SSL_LONG_OPTIONS,
        { NULL, 0, NULL, 0 },
    };
    char *short_options = ovs_cmdl_long_options_to_short_options(long_options);
    int c;

    while ((c = getopt_long(argc, argv, short_options, long_options, NULL))
           != -1) {
        switch (c) {
        case OPT_DB:
            free(o->db);
            o->db = xstrdup(optarg);
            break;
        case OPT_HOST:
            o->host = optarg;
            break;
        case OPT_UNIXCTL:
            o->unixctl = optarg;
            break;
        case 'h':
            usage();
            break;
        case 'V':
            printf("%s (ovs-dpu) %s\n", program_name, DPU_VERSION);
            exit(EXIT_SUCCESS);
        VLOG_OPTION_HANDLERS
        DAEMON_OPTION_HANDLERS
        case 'p':
            o->private_key = optarg;
            break;
        case 'c':
            o->certificate = optarg;
            break;
        case 'C':
            o->ca_cert = optarg;
            break;
        case OPT_SSL_PROTOCOLS:
            stream_ssl_set_protocols(optarg);
            break;
        case OPT_SSL_CIPHERS:
            stream_ssl_set_ciphers(optarg);
            break;
        default:
            exit(EXIT_FAILURE);
        }
    }
    free(short_options);
    if (optind == argc) {
        ovs_fatal(0, "what do hosts connect to?  Say pssl:, for one (use "
                  "--help for help)");
    }
    if (o->host && !o->host[0]) {
        ovs_fatal(0, "--host: the name of a host is wanted");
    }
}

/* Reads keys and certificates, and those that have changed anew. */
static void
update_ssl(const struct options *o)
{
    if (o->private_key && o->certificate) {
        stream_ssl_set_key_and_cert(o->private_key, o->certificate);
    }
    if (o->ca_cert) {
        stream_ssl_set_ca_cert_file(o->ca_cert, false);
    }
}

static void
listen_at(const char *remote, const struct options *o,
          struct listener *listener)
{
    bool ssl = !strncmp(remote, "pssl:", 5);
    int error;

    if (ssl && (!o->private_key || !o->certificate || !o->ca_cert)) {
        ovs_fatal(0, "%s: --private-key, --certificate and --ca-cert are "
                  "wanted; \"ovs-dpu-host certificates\" makes them", remote);
    } else if (!ssl && !o->host) {
        ovs_fatal(0, "%s: who comes by it does not show a certificate: say "
                  "with --host=NAME which host it is", remote);
    }
    error = jsonrpc_pstream_open(remote, &listener->pstream, 0);
    if (error) {
        ovs_fatal(error, "%s%s", remote,
                  (error == EAFNOSUPPORT ? ": is to be pssl:, ptcp: or punix:"
                   : ""));
    }
    listener->host = ssl ? NULL : o->host;
    VLOG_INFO("%s: listening", pstream_get_name(listener->pstream));
}

static void
accept_sessions(struct listener *listener, const char *db)
{
    struct stream *stream;
    int error;

    /* A few at a time: sessions that are there want a turn. */
    for (int i = 0; i < 10; i++) {
        error = pstream_accept(listener->pstream, &stream);
        if (error) {
            break;
        }
        guard_session_start(stream, listener->host, db);
    }
}

static void
unixctl_exit(struct unixctl_conn *conn, int argc OVS_UNUSED,
             const char *argv[] OVS_UNUSED, void *exiting)
{
    *(bool *) exiting = true;
    unixctl_command_reply(conn, NULL);
}

static void
unixctl_show(struct unixctl_conn *conn, int argc OVS_UNUSED,
             const char *argv[] OVS_UNUSED, void *aux OVS_UNUSED)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    guard_hosts_format(&s);
    unixctl_command_reply(conn, ds_cstr(&s));
    ds_destroy(&s);
}

static void
serve(const struct options *o, struct listener *listeners, size_t n,
      struct unixctl_server *unixctl, const bool *exiting)
{
    while (!*exiting) {
        update_ssl(o);
        for (size_t i = 0; i < n; i++) {
            accept_sessions(&listeners[i], o->db);
        }
        guard_sessions_run();
        unixctl_server_run(unixctl);
        for (size_t i = 0; i < n; i++) {
            pstream_wait(listeners[i].pstream);
        }
        guard_sessions_wait();
        unixctl_server_wait(unixctl);
        if (*exiting) {
            poll_immediate_wake();
        }
        poll_block();
    }
}

int
main(int argc, char *argv[])
{
    struct options o = { .db = xasprintf("unix:%s/db.sock", ovs_rundir()) };
    struct unixctl_server *unixctl;
    struct listener *listeners;
    bool exiting = false;
    int error;
    size_t n;

    set_program_name(argv[0]);
    fatal_ignore_sigpipe();
    parse_options(argc, argv, &o);
    daemonize_start(false);
    update_ssl(&o);
    n = argc - optind;
    listeners = xcalloc(n, sizeof *listeners);
    for (size_t i = 0; i < n; i++) {
        listen_at(argv[optind + i], &o, &listeners[i]);
    }
    error = unixctl_server_create(o.unixctl, &unixctl);
    if (error) {
        exit(EXIT_FAILURE);
    }
    unixctl_command_register("exit", "", 0, 0, unixctl_exit, &exiting);
    unixctl_command_register("guard/show", "", 0, 0, unixctl_show, NULL);
    daemonize_complete();

    serve(&o, listeners, n, unixctl, &exiting);

    for (size_t i = 0; i < n; i++) {
        pstream_close(listeners[i].pstream);
    }
    free(listeners);
    guard_sessions_destroy();
    guard_hosts_destroy();
    unixctl_server_destroy(unixctl);
    free(o.db);
    return EXIT_SUCCESS;
}
