/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-dump: "dpu/dump", what a device says that it has. */

#include <config.h>

#include "ofproto-dpif-dpu/show/dpu-dump.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_flow.h>

#include "openvswitch/dynamic-string.h"
#include "unixctl.h"
#include "util.h"

#include "ofproto-dpif-dpu/flow/dpu-offload-private.h"

/* Appends what the device has that was put on it through the ethdev of
 * 'port'. */
static void
dump_port(const struct dpu_offload_port *port, struct ds *s)
{
    struct rte_flow_error error = { .message = NULL };
    char *text = NULL;
    size_t size = 0;
    FILE *stream;
    int retval;

    stream = open_memstream(&text, &size);
    if (!stream) {
        ds_put_format(s, "# %s: %s\n", port->name, ovs_strerror(errno));
        return;
    }
    retval = rte_flow_dev_dump(port->port.ethdev, NULL, stream, &error);
    fclose(stream);
    if (retval) {
        ds_put_format(s, "# %s: the device shows nothing: %s\n", port->name,
                      error.message ? error.message : ovs_strerror(-retval));
    } else {
        ds_put_buffer(s, text, size);
    }
    free(text);
}

static void
dump(struct unixctl_conn *conn, int argc, const char *argv[],
     void *aux OVS_UNUSED)
{
    const char *name = argc > 1 ? argv[1] : NULL;
    const struct dpu_offload_device *device;
    struct ds s = DS_EMPTY_INITIALIZER;
    bool found = !name;

    ovs_mutex_lock(&dpu_offload_mutex);
    LIST_FOR_EACH (device, node, &dpu_offload_devices) {
        const struct dpu_offload_port *port;

        LIST_FOR_EACH (port, node, &device->ports) {
            if (!name || !strcmp(name, port->name)) {
                found = true;
                dump_port(port, &s);
            }
        }
    }
    ovs_mutex_unlock(&dpu_offload_mutex);

    if (found) {
        unixctl_command_reply(conn, ds_cstr(&s));
    } else {
        ds_put_format(&s, "%s: no such port of type dpu with offload; see "
                      "dpu/show", name);
        unixctl_command_reply_error(conn, ds_cstr(&s));
    }
    ds_destroy(&s);
}

void
dpu_dump_register(void)
{
    unixctl_command_register("dpu/dump", "[port]", 0, 1, dump, NULL);
}
