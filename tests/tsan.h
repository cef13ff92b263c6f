/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * tsan: what the thread sanitizer has to see of DPDK and does not, because it
 * stands in DPDK's libraries, which are built without.  Comes before all else
 * in what is built with --enable-tsan. */
#ifndef TSAN_H
#define TSAN_H

#include <rte_config.h>
#include <rte_rcu_qsbr.h>

/* The same as the library's, of what its header has. */
#define rte_rcu_qsbr_synchronize(v, thread_id) \
	((void)(thread_id), \
	 rte_rcu_qsbr_check(v, rte_rcu_qsbr_start(v), true))

#endif /* TSAN_H */
