/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "bench-async.h"

#include <stdint.h>

#include <rte_flow.h>

#include "bench.h"

#define MAX_QUEUES 16
#define MAX_PENDING 1024        /* A power of 2. */

bool bench_async_takes_no_time;

/* Operations of a queue, whose results are there at once. */
static struct {
    void *data[MAX_PENDING];
    unsigned int head, tail;
} pending[MAX_QUEUES];

struct rte_flow *__real_rte_flow_async_create(
    uint16_t, uint32_t, const struct rte_flow_op_attr *,
    struct rte_flow_template_table *, const struct rte_flow_item[], uint8_t,
    const struct rte_flow_action[], uint8_t, void *, struct rte_flow_error *);
struct rte_flow *__wrap_rte_flow_async_create(
    uint16_t, uint32_t, const struct rte_flow_op_attr *,
    struct rte_flow_template_table *, const struct rte_flow_item[], uint8_t,
    const struct rte_flow_action[], uint8_t, void *, struct rte_flow_error *);
int __real_rte_flow_async_destroy(uint16_t, uint32_t,
                                  const struct rte_flow_op_attr *,
                                  struct rte_flow *, void *,
                                  struct rte_flow_error *);
int __wrap_rte_flow_async_destroy(uint16_t, uint32_t,
                                  const struct rte_flow_op_attr *,
                                  struct rte_flow *, void *,
                                  struct rte_flow_error *);
int __real_rte_flow_push(uint16_t, uint32_t, struct rte_flow_error *);
int __wrap_rte_flow_push(uint16_t, uint32_t, struct rte_flow_error *);
int __real_rte_flow_pull(uint16_t, uint32_t, struct rte_flow_op_result[],
                         uint16_t, struct rte_flow_error *);
int __wrap_rte_flow_pull(uint16_t, uint32_t, struct rte_flow_op_result[],
                         uint16_t, struct rte_flow_error *);
int __real_rte_flow_query(uint16_t, struct rte_flow *,
                          const struct rte_flow_action *, void *,
                          struct rte_flow_error *);
int __wrap_rte_flow_query(uint16_t, struct rte_flow *,
                          const struct rte_flow_action *, void *,
                          struct rte_flow_error *);

static void
pending_add(uint32_t queue, void *data)
{
    if (pending[queue].tail - pending[queue].head >= MAX_PENDING) {
        bench_fatal("more than %d operations under way", MAX_PENDING);
    }
    pending[queue].data[pending[queue].tail++ % MAX_PENDING] = data;
}

struct rte_flow *
__wrap_rte_flow_async_create(uint16_t port, uint32_t queue,
                             const struct rte_flow_op_attr *attr,
                             struct rte_flow_template_table *rules,
                             const struct rte_flow_item items[],
                             uint8_t pattern,
                             const struct rte_flow_action actions[],
                             uint8_t action, void *data,
                             struct rte_flow_error *error)
{
    static char flow;

    if (!bench_async_takes_no_time) {
        return __real_rte_flow_async_create(port, queue, attr, rules, items,
                                            pattern, actions, action, data,
                                            error);
    }
    pending_add(queue, data);
    return (struct rte_flow *) &flow;
}

int
__wrap_rte_flow_async_destroy(uint16_t port, uint32_t queue,
                              const struct rte_flow_op_attr *attr,
                              struct rte_flow *flow, void *data,
                              struct rte_flow_error *error)
{
    if (!bench_async_takes_no_time) {
        return __real_rte_flow_async_destroy(port, queue, attr, flow, data,
                                             error);
    }
    pending_add(queue, data);
    return 0;
}

int
__wrap_rte_flow_push(uint16_t port, uint32_t queue,
                     struct rte_flow_error *error)
{
    return (bench_async_takes_no_time
            ? 0 : __real_rte_flow_push(port, queue, error));
}

int
__wrap_rte_flow_pull(uint16_t port, uint32_t queue,
                     struct rte_flow_op_result results[], uint16_t n_max,
                     struct rte_flow_error *error)
{
    uint16_t n = 0;

    if (!bench_async_takes_no_time) {
        return __real_rte_flow_pull(port, queue, results, n_max, error);
    }
    while (n < n_max && pending[queue].head != pending[queue].tail) {
        results[n].status = RTE_FLOW_OP_SUCCESS;
        results[n++].user_data
            = pending[queue].data[pending[queue].head++ % MAX_PENDING];
    }
    return n;
}

int
__wrap_rte_flow_query(uint16_t port, struct rte_flow *flow,
                      const struct rte_flow_action *actions, void *data,
                      struct rte_flow_error *error)
{
    return (bench_async_takes_no_time
            ? 0 : __real_rte_flow_query(port, flow, actions, data, error));
}
