/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpuctl-device: see dpuctl-device.h. */

#include <config.h>

#include "utilities/dpuctl-device.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_flow.h>

#include "ofproto-dpif-dpu/device/dpu-ct-regs.h"
#include "ofproto-dpif-dpu/device/dpu-rule-queue.h"
#include "svec.h"
#include "util.h"

/* Whether 'devargs' start with a PCI address and not with a driver's name. */
static bool
is_pci(const char *devargs)
{
    size_t len = strcspn(devargs, ",");

    return len && strspn(devargs, "0123456789abcdefABCDEF:.") == len;
}

/* Memory of our own, no configuration that others could see. */
static int
start_eal(const char *devargs)
{
    struct svec args = SVEC_EMPTY_INITIALIZER;
    int retval;

    svec_add(&args, program_name);
    svec_add(&args, "--no-shconf");
    svec_add(&args, "--no-telemetry");
    svec_add(&args, "--log-level=*:error");
    if (is_pci(devargs)) {
        svec_add(&args, "--in-memory");
        svec_add_nocopy(&args, xasprintf("--allow=%s", devargs));
    } else {
        svec_add(&args, "--no-huge");
        svec_add(&args, "--no-pci");
        svec_add(&args, "-m");
        svec_add(&args, "256");
        svec_add_nocopy(&args, xasprintf("--vdev=%s", devargs));
    }
    svec_terminate(&args);
    retval = rte_eal_init(args.n, args.names);
    /* EAL keeps pointers into what it was given. */
    return retval;
}

/* The switch domain of 'ethdev', or one that no other has. */
static uint16_t
ethdev_domain(uint16_t ethdev)
{
    struct rte_eth_dev_info info;

    memset(&info, 0, sizeof info);
    return (rte_eth_dev_info_get(ethdev, &info)
            ? RTE_ETH_DEV_SWITCH_DOMAIN_ID_INVALID
            : info.switch_info.domain_id);
}

static void
find_ethdevs(struct dpuctl_device *device)
{
    uint16_t domain = 0;
    uint16_t ethdev;

    RTE_ETH_FOREACH_DEV (ethdev) {
        if (!device->n_ethdevs) {
            domain = ethdev_domain(ethdev);
        } else if (domain == RTE_ETH_DEV_SWITCH_DOMAIN_ID_INVALID
                   || ethdev_domain(ethdev) != domain) {
            continue;
        }
        device->ethdevs[device->n_ethdevs++] = ethdev;
    }
}

/* Many drivers take rules for ports alone that have started. */
static char *
start_ethdev(uint16_t ethdev, struct rte_mempool *pool)
{
    struct rte_eth_conf conf;
    int retval;

    memset(&conf, 0, sizeof conf);
    retval = rte_eth_dev_configure(ethdev, 1, 1, &conf);
    if (!retval) {
        retval = rte_eth_rx_queue_setup(ethdev, 0, 64, SOCKET_ID_ANY, NULL,
                                        pool);
    }
    if (!retval) {
        retval = rte_eth_tx_queue_setup(ethdev, 0, 64, SOCKET_ID_ANY, NULL);
    }
    if (!retval) {
        dpu_rule_queues_configure(ethdev);
        retval = rte_eth_dev_start(ethdev);
    }
    return (retval ? xasprintf("ethdev %"PRIu16" does not start: %s", ethdev,
                               ovs_strerror(-retval))
            : NULL);
}

static char *
start_ethdevs(struct dpuctl_device *device)
{
    struct rte_mempool *pool;
    char *error = NULL;

    pool = rte_pktmbuf_pool_create("dpuctl", 64 * device->n_ethdevs + 64, 0,
                                   0, RTE_MBUF_DEFAULT_BUF_SIZE,
                                   SOCKET_ID_ANY);
    if (!pool) {
        return xasprintf("no packet buffers: %s", ovs_strerror(rte_errno));
    }
    for (size_t i = 0; !error && i < device->n_ethdevs; i++) {
        error = start_ethdev(device->ethdevs[i], pool);
    }
    return error;
}

char *
dpuctl_device_open(struct dpuctl_device *device, const char *devargs,
                   const char *driver)
{
    struct rte_flow_error flow_error;
    char *error;

    memset(device, 0, sizeof *device);
    if (driver && !dlopen(driver, RTLD_NOW)) {
        return xasprintf("driver: %s", dlerror());
    }
    if (start_eal(devargs) < 0) {
        return xasprintf("%s: DPDK does not start: %s", devargs,
                         ovs_strerror(rte_errno));
    }
    dpu_ct_receive_meta();
    find_ethdevs(device);
    if (!device->n_ethdevs) {
        rte_eal_cleanup();
        return xasprintf("%s: there is no such device, or DPDK has no driver "
                         "for it (--driver gives one)", devargs);
    }
    error = start_ethdevs(device);
    if (error) {
        dpuctl_device_close(device);
        return error;
    }
    if (rte_flow_pick_transfer_proxy(device->ethdevs[0], &device->proxy,
                                     &flow_error)) {
        device->proxy = device->ethdevs[0];
    }
    dpu_caps_probe(device->proxy,
                   device->ethdevs[device->n_ethdevs > 1 ? 1 : 0],
                   &device->caps);
    return NULL;
}

void
dpuctl_device_close(struct dpuctl_device *device)
{
    for (size_t i = 0; i < device->n_ethdevs; i++) {
        rte_eth_dev_stop(device->ethdevs[i]);
    }
    for (size_t i = 0; i < device->n_ethdevs; i++) {
        rte_eth_dev_close(device->ethdevs[i]);
    }
    device->n_ethdevs = 0;
    rte_eal_cleanup();
}
