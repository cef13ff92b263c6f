/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * ovs-hooks: every place where this project stands in front of a function of
 * Open vSwitch.  See the table in ovs-hooks.c. */

#ifndef OVS_HOOKS_H
#define OVS_HOOKS_H 1

#include <stdbool.h>
#include <stdint.h>

#include "conntrack.h"
#include "dpif.h"

#include "ofproto-dpif-dpu/ct/dpu-ct.h"

struct id_fpool;
struct mpsc_queue;
struct mpsc_queue_node;
struct netdev;
struct netdev_class;
struct netdev_flow_api;
struct ovsrec_interface;
struct rte_mempool;
struct smap;

int __real_netdev_register_provider(const struct netdev_class *);
int __wrap_netdev_register_provider(const struct netdev_class *);

void __real_netdev_dpdk_register(const struct smap *ovs_other_config);
void __wrap_netdev_dpdk_register(const struct smap *ovs_other_config);

int __real_netdev_register_flow_api_provider(const struct netdev_flow_api *);
int __wrap_netdev_register_flow_api_provider(const struct netdev_flow_api *);

int __real_netdev_set_config(struct netdev *, const struct smap *args,
                             char **errp);
int __wrap_netdev_set_config(struct netdev *, const struct smap *args,
                             char **errp);

int __real_netdev_ports_insert(struct netdev *, struct dpif_port *);
int __wrap_netdev_ports_insert(struct netdev *, struct dpif_port *);
int __real_netdev_ports_remove(odp_port_t, const char *dpif_type);
int __wrap_netdev_ports_remove(odp_port_t, const char *dpif_type);

void __real_dpif_operate(struct dpif *, struct dpif_op **ops, size_t n_ops,
                         enum dpif_offload_type);
void __wrap_dpif_operate(struct dpif *, struct dpif_op **ops, size_t n_ops,
                         enum dpif_offload_type);

int __real_dpif_meter_set(struct dpif *, ofproto_meter_id,
                          struct ofputil_meter_config *);
int __wrap_dpif_meter_set(struct dpif *, ofproto_meter_id,
                          struct ofputil_meter_config *);
int __real_dpif_meter_get(const struct dpif *, ofproto_meter_id,
                          struct ofputil_meter_stats *, uint16_t n_bands);
int __wrap_dpif_meter_get(const struct dpif *, ofproto_meter_id,
                          struct ofputil_meter_stats *, uint16_t n_bands);
int __real_dpif_meter_del(struct dpif *, ofproto_meter_id,
                          struct ofputil_meter_stats *, uint16_t n_bands);
int __wrap_dpif_meter_del(struct dpif *, ofproto_meter_id,
                          struct ofputil_meter_stats *, uint16_t n_bands);

void __real_mpsc_queue_insert(struct mpsc_queue *, struct mpsc_queue_node *);
void __wrap_mpsc_queue_insert(struct mpsc_queue *, struct mpsc_queue_node *);

struct mpsc_queue_node *__real_mpsc_queue_pop(struct mpsc_queue *);
struct mpsc_queue_node *__wrap_mpsc_queue_pop(struct mpsc_queue *);

void *__real_xzalloc(size_t);
void *__wrap_xzalloc(size_t);

void __real_xnanosleep(uint64_t nanoseconds);
void __wrap_xnanosleep(uint64_t nanoseconds);

void __real_id_fpool_free_id(struct id_fpool *, unsigned int uid,
                             uint32_t id);
void __wrap_id_fpool_free_id(struct id_fpool *, unsigned int uid,
                             uint32_t id);

void __real_ovsrec_interface_set_error(const struct ovsrec_interface *,
                                       const char *error);
void __wrap_ovsrec_interface_set_error(const struct ovsrec_interface *,
                                       const char *error);

struct rte_mempool *__real_rte_pktmbuf_pool_create(
    const char *name, unsigned int n, unsigned int cache_size,
    uint16_t priv_size, uint16_t data_room_size, int socket_id);
struct rte_mempool *__wrap_rte_pktmbuf_pool_create(
    const char *name, unsigned int n, unsigned int cache_size,
    uint16_t priv_size, uint16_t data_room_size, int socket_id);

int __real_rte_eth_dev_start(uint16_t port_id);
int __wrap_rte_eth_dev_start(uint16_t port_id);

void __real_dpif_register_upcall_cb(struct dpif *, upcall_callback *,
                                    void *aux);
void __wrap_dpif_register_upcall_cb(struct dpif *, upcall_callback *,
                                    void *aux);

void __real_netdev_set_flow_api_enabled(const struct smap *ovs_other_config);
void __wrap_netdev_set_flow_api_enabled(const struct smap *ovs_other_config);

struct conntrack *__real_conntrack_init(void);
struct conntrack *__wrap_conntrack_init(void);
void __real_conntrack_destroy(struct conntrack *);
void __wrap_conntrack_destroy(struct conntrack *);
dpu_ct_execute_func __real_conntrack_execute;
dpu_ct_execute_func __wrap_conntrack_execute;
int __real_conntrack_flush(struct conntrack *, const uint16_t *zone);
int __wrap_conntrack_flush(struct conntrack *, const uint16_t *zone);
int __real_conntrack_flush_tuple(struct conntrack *,
                                 const struct ct_dpif_tuple *, uint16_t zone);
int __wrap_conntrack_flush_tuple(struct conntrack *,
                                 const struct ct_dpif_tuple *, uint16_t zone);

#endif /* ofproto-dpif-dpu/ovs-hooks.h */
