/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * A whole device, by DPDK's interfaces alone, with wires that need neither
 * privileges nor anything outside of this process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include <rte_bus_vdev.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#define NAME "net_dpu_emu0"
#define ARGS "vfs=3,uplink=null,uplink1=null,pf=null,vf0=gen:100@100000," \
	     "vf1=null,vf2=null,profile=full,mbufs=512," \
	     "mac=02:00:00:00:01:00"

/* So many attempts, a millisecond apart, until something has happened. */
#define PATIENCE 10000

static struct rte_mempool *pool;

static uint16_t
port(const char *devargs)
{
	struct rte_dev_iterator iterator;
	uint16_t id;

	RTE_ETH_FOREACH_MATCHING_DEV(id, devargs, &iterator) {
		rte_eth_iterator_cleanup(&iterator);
		return id;
	}
	return RTE_MAX_ETHPORTS;
}

static const char *
name(const char *devargs)
{
	static char buffer[RTE_ETH_NAME_MAX_LEN];

	return rte_eth_dev_get_name_by_port(port(devargs), buffer) == 0
	       ? buffer : "(none)";
}

static void
start(uint16_t id, uint16_t n_rxq, uint16_t n_txq)
{
	struct rte_eth_conf conf = {
		.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS,
		.rxmode.offloads = RTE_ETH_RX_OFFLOAD_CHECKSUM,
		.rx_adv_conf.rss_conf.rss_hf = RTE_ETH_RSS_UDP,
	};
	uint16_t i;

	assert_int_equal(rte_eth_dev_configure(id, n_rxq, n_txq, &conf), 0);
	for (i = 0; i < n_rxq; i++)
		assert_int_equal(rte_eth_rx_queue_setup(id, i, 128, 0, NULL,
							pool), 0);
	for (i = 0; i < n_txq; i++)
		assert_int_equal(rte_eth_tx_queue_setup(id, i, 128, 0, NULL),
				 0);
	assert_int_equal(rte_eth_dev_start(id), 0);
}

static uint64_t
xstat(uint16_t id, const char *stat)
{
	uint64_t which, value;

	assert_int_equal(rte_eth_xstats_get_id_by_name(id, stat, &which), 0);
	assert_int_equal(rte_eth_xstats_get_by_id(id, &which, &value, 1), 1);
	return value;
}

static void
wait_for(uint16_t id, const char *stat, uint64_t value)
{
	int i;

	for (i = 0; i < PATIENCE && xstat(id, stat) < value; i++)
		usleep(1000);
	assert_int_equal(xstat(id, stat), value);
}

static void
transmit(uint16_t id, uint16_t queue, uint16_t length)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(pool);

	assert_non_null(m);
	memset(rte_pktmbuf_append(m, length), 0, length);
	assert_int_equal(rte_eth_tx_burst(id, queue, &m, 1), 1);
}

static void
test_names(void **state)
{
	static const struct {
		const char *devargs;
		const char *name;
	} names[] = {
		{ NAME ",representor=[2]", NAME "_pf0vf2" },
		{ NAME ",representor=2", NAME "_pf0vf2" },
		{ NAME ",representor=vf2", NAME "_pf0vf2" },
		{ NAME ",representor=pf0vf2", NAME "_pf0vf2" },
		{ NAME ",representor=c0pf0vf2", NAME "_pf0vf2" },
		{ NAME ",representor=c1pf0vf2", NAME "_pf0vf2" },
		{ NAME ",vfs=3,representor=vf0", NAME "_pf0vf0" },
		{ NAME ",representor=pf1", NAME "_p1" },
		{ NAME ",representor=pf0vf65535", NAME "_pf0hpf" },
		{ NAME ",representor=vf3", "(none)" },
		{ NAME ",representor=pf1vf0", "(none)" },
		{ NAME ",vfs=3", NAME },
		{ "class=eth,mac=02:00:00:00:01:00", NAME },
	};
	size_t i;

	for (i = 0; i < RTE_DIM(names); i++)
		assert_string_equal(name(names[i].devargs), names[i].name);
}

static void
test_switch_domain(void **state)
{
	struct rte_eth_dev_info p0, vf2;

	rte_eth_dev_info_get(port(NAME ",vfs=3"), &p0);
	rte_eth_dev_info_get(port(NAME ",representor=vf2"), &vf2);
	assert_int_equal(p0.switch_info.domain_id,
			 vf2.switch_info.domain_id);
	assert_int_not_equal(p0.switch_info.domain_id,
			     RTE_ETH_DEV_SWITCH_DOMAIN_ID_INVALID);
	assert_int_not_equal(p0.switch_info.port_id,
			     vf2.switch_info.port_id);
	assert_false(*p0.dev_flags & RTE_ETH_DEV_REPRESENTOR);
	assert_true(*vf2.dev_flags & RTE_ETH_DEV_REPRESENTOR);
}

/* Software to a function: queues, statistics and the MTU. */
static void
test_send(void **state)
{
	const uint16_t id = port(NAME ",representor=vf1");
	struct rte_eth_stats stats;

	start(id, 1, 3);
	transmit(id, 0, 60);
	transmit(id, 2, 1518);
	wait_for(id, "vport_tx_packets", 2);
	assert_int_equal(xstat(id, "vport_tx_bytes"), 1578);
	assert_int_equal(xstat(id, "vport_tx_dropped"), 0);
	transmit(id, 1, 1519);
	wait_for(id, "vport_tx_dropped", 1);
	assert_int_equal(rte_eth_dev_set_mtu(id, 1600), 0);
	transmit(id, 1, 1519);
	wait_for(id, "vport_tx_packets", 3);
	assert_int_not_equal(rte_eth_dev_set_mtu(id, 67), 0);
	assert_int_not_equal(rte_eth_dev_set_mtu(id, 9711), 0);

	rte_eth_stats_get(id, &stats);
	assert_int_equal(stats.opackets, 4);
	assert_int_equal(stats.q_opackets[1], 2);
	rte_eth_stats_reset(id);
	rte_eth_xstats_reset(id);
	rte_eth_stats_get(id, &stats);
	assert_int_equal(stats.opackets, 0);
	assert_int_equal(xstat(id, "vport_tx_packets"), 0);
	assert_int_equal(rte_eth_dev_stop(id), 0);
}

/* A function to software. */
static void
test_receive(void **state)
{
	const uint16_t id = port(NAME ",representor=vf0");
	struct rte_eth_stats stats;
	struct rte_mbuf *pkts[32];
	uint64_t total = 0;
	int i, j, n;

	start(id, 2, 1);
	for (i = 0; i < PATIENCE && total < 1000; i++) {
		for (j = 0; j < 2; j++) {
			n = rte_eth_rx_burst(id, j, pkts, 32);
			total += n;
			while (n-- > 0) {
				const struct rte_mbuf *m = pkts[n];

				assert_int_equal(m->pkt_len, 100);
				assert_int_equal(m->port, id);
				assert_ptr_equal(m->pool, pool);
				assert_int_equal(m->ol_flags,
						 RTE_MBUF_F_RX_RSS_HASH |
						 RTE_MBUF_F_RX_IP_CKSUM_GOOD |
						 RTE_MBUF_F_RX_L4_CKSUM_GOOD);
				rte_pktmbuf_free(pkts[n]);
			}
		}
		usleep(1000);
	}
	assert_true(total >= 1000);
	rte_eth_stats_get(id, &stats);
	assert_int_equal(stats.ipackets, total);
	assert_int_equal(stats.ibytes, total * 100);
	assert_int_equal(rte_eth_dev_stop(id), 0);
	/* All came through, are in software's hands, or were counted. */
	assert_true(xstat(id, "vport_rx_packets") >=
		    total + xstat(id, "vport_rx_missed"));
}

static void
test_link(void **state)
{
	const uint16_t id = port(NAME ",representor=vf1");
	struct rte_eth_link link;

	start(id, 1, 1);
	rte_eth_link_get_nowait(id, &link);
	assert_int_equal(link.link_status, RTE_ETH_LINK_UP);
	assert_int_equal(rte_eth_dev_set_link_down(id), 0);
	rte_eth_link_get_nowait(id, &link);
	assert_int_equal(link.link_status, RTE_ETH_LINK_DOWN);
	rte_eth_xstats_reset(id);
	transmit(id, 0, 60);
	wait_for(id, "vport_tx_dropped", 1);
	assert_int_equal(rte_eth_dev_set_link_up(id), 0);
	transmit(id, 0, 60);
	wait_for(id, "vport_tx_packets", 1);
	assert_int_equal(rte_eth_dev_stop(id), 0);
}

static void
test_small_mbufs(void **state)
{
	const uint16_t id = port(NAME ",representor=vf2");
	struct rte_eth_conf conf = { .rxmode.mtu = 9000 };

	assert_int_equal(rte_eth_dev_configure(id, 1, 1, &conf), 0);
	assert_int_equal(rte_eth_rx_queue_setup(id, 0, 128, 0, NULL, pool),
			 0);
	assert_int_equal(rte_eth_tx_queue_setup(id, 0, 128, 0, NULL), 0);
	assert_int_equal(rte_eth_dev_start(id), -EINVAL);
	conf.rxmode.offloads = RTE_ETH_RX_OFFLOAD_SCATTER;
	assert_int_equal(rte_eth_dev_configure(id, 1, 1, &conf), 0);
	assert_int_equal(rte_eth_rx_queue_setup(id, 0, 128, 0, NULL, pool),
			 0);
	assert_int_equal(rte_eth_dev_start(id), 0);
	assert_int_equal(rte_eth_dev_stop(id), 0);
}

/* One representor may close, the uplink may; the others go on.  With the last
 * one all is gone. */
static void
test_close(void **state)
{
	const uint16_t p0 = port(NAME ",vfs=3");
	const uint16_t vf1 = port(NAME ",representor=vf1");
	const uint16_t vf2 = port(NAME ",representor=vf2");

	start(p0, 1, 1);
	start(vf1, 1, 1);
	rte_eth_xstats_reset(vf1);
	assert_int_equal(rte_eth_dev_close(vf2), 0);
	assert_int_equal(rte_eth_dev_stop(p0), 0);
	assert_int_equal(rte_eth_dev_close(p0), 0);
	assert_int_equal(port(NAME ",representor=vf2"), RTE_MAX_ETHPORTS);
	assert_int_equal(port(NAME ",representor=vf1"), vf1);
	transmit(vf1, 0, 60);
	wait_for(vf1, "vport_tx_packets", 1);
	assert_int_equal(rte_eth_dev_stop(vf1), 0);
	/* vf0 was configured by a test before. */
	assert_int_equal(rte_eth_dev_close(port(NAME ",representor=vf0")), 0);
	assert_int_equal(rte_eth_dev_close(vf1), 0);
	assert_int_equal(rte_eth_dev_count_total(), 0);
	assert_int_equal(rte_vdev_uninit(NAME), 0);
}

static void
test_again(void **state)
{
	assert_int_equal(rte_vdev_init(NAME, ARGS), 0);
	assert_int_equal(rte_eth_dev_count_total(), 6);
	start(port(NAME ",vfs=3"), 1, 1);
	/* As it is, running. */
	assert_int_equal(rte_vdev_uninit(NAME), 0);
	assert_int_equal(rte_eth_dev_count_total(), 0);
	assert_int_equal(rte_mempool_in_use_count(pool), 0);
}

static void
test_refused(void **state)
{
	static const char *const refused[] = {
		"uplink=null,bogus=1",
		"uplink=null,representor=vf0", "uplink=null,profile=nosuch",
		"uplink=af_packet:no-such-if", "uplink=tap:a@no-such-netns",
	};
	size_t i;

	for (i = 0; i < RTE_DIM(refused); i++) {
		assert_int_not_equal(rte_vdev_init(NAME, refused[i]), 0);
		assert_int_equal(rte_eth_dev_count_total(), 0);
	}
}

static int
set_up(void **state)
{
	char *args[] = { "test", "--no-huge", "--no-pci", "--no-shconf",
			 "--no-telemetry", "-m", "128",
			 "--log-level=*:error" };

	setenv("DPU_EMU_PROFILE_PATH", FIXTURE_PROFILE_DIR, 1);
	if (rte_eal_init(RTE_DIM(args), args) < 0)
		return -1;
	pool = rte_pktmbuf_pool_create("test", 2047, 0, 0, 2176, 0);
	return pool != NULL ? rte_vdev_init(NAME, ARGS) : -1;
}

static int
tear_down(void **state)
{
	rte_mempool_free(pool);
	return rte_eal_cleanup();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_switch_domain),
		cmocka_unit_test(test_send),
		cmocka_unit_test(test_receive),
		cmocka_unit_test(test_link),
		cmocka_unit_test(test_small_mbufs),
		cmocka_unit_test(test_close),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
