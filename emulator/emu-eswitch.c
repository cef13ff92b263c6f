/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-eswitch: the thread that is the embedded switch. */
#include "emu-eswitch.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_malloc.h>
#include <rte_pause.h>

#include "emu-age.h"
#include "emu-ethdev.h"
#include "emu-ingress.h"
#include "emu-link.h"
#include "emu-log.h"
#include "emu-queue.h"
#include "emu-wire.h"

/* Room for a frame that is cut off, and for headers that rules add. */
#define EMU_DATA_ROOM (RTE_PKTMBUF_HEADROOM + EMU_MAX_FRAME + 256)

/* The pool: so many mbufs, and so many more for each vport. */
#define EMU_POOL_MBUFS 2048
#define EMU_POOL_MBUFS_PER_VPORT EMU_BURST

/* How long the thread polls in vain before it sleeps. */
#define EMU_SPIN_US 50

/* How long it sleeps while some wire has to be polled: doubling. */
#define EMU_NAP_MIN_US 20
#define EMU_NAP_MAX_US 1000

/* How often links are looked at. */
#define EMU_LINK_MS 250

#define EMU_MAX_EVENTS 64

struct emu_eswitch {
	struct emu_device *device;
	struct rte_mempool *pool;
	pthread_t thread;
	bool running;
	int cpu;			/* -1: any. */
	clockid_t clock;		/* The thread's CPU time. */
	int epoll_fd;			/* Wires, and 'event_fd'. */
	int event_fd;			/* Written to wake the thread. */
	bool stop;

	/* True while a write to 'event_fd' is wanted. */
	bool sleeping __rte_cache_aligned;

	/* The thread's own. */
	struct emu_vport *dirty[EMU_MAX_VPORTS] __rte_cache_aligned;
	struct emu_vport *polled[EMU_MAX_VPORTS];	/* Without an fd. */
	uint16_t n_dirty;
	uint16_t n_polled;
	uint32_t nap_us;
	uint64_t next_link;		/* rte_rdtsc(). */
	uint64_t loops, busy_loops, sleeps;
};

/* -- Frames to functions ------------------------------------------------ */

void
emu_eswitch_mark_dirty(struct emu_vport *vport)
{
	struct emu_eswitch *esw = vport->device->eswitch;

	if (!vport->queues->dirty) {
		vport->queues->dirty = true;
		esw->dirty[esw->n_dirty++] = vport;
	}
}

static void
emu_vport_flush_wire(struct emu_vport *vport)
{
	struct emu_port_queues *q = vport->queues;
	const uint16_t n = q->n_out;
	uint64_t bytes;
	uint16_t sent;

	if (n == 0)
		return;
	q->n_out = 0;
	sent = vport->wire->class->tx(vport->wire, q->out, n, &bytes);
	emu_count_add(&vport->stats.tx_packets, sent);
	emu_count_add(&vport->stats.tx_bytes, bytes);
	if (sent < n)
		emu_count_add(&vport->stats.tx_dropped, n - sent);
}

/* The VLAN tags at the start of 'm'. */
static unsigned int
emu_vlan_tags(const struct rte_mbuf *m)
{
	const uint8_t *data = rte_pktmbuf_mtod(m, const uint8_t *);
	uint32_t offset = 2 * RTE_ETHER_ADDR_LEN;
	unsigned int n = 0;
	rte_be16_t type;

	for (; offset + sizeof(type) <= m->data_len; n++) {
		memcpy(&type, data + offset, sizeof(type));
		if (type != RTE_BE16(RTE_ETHER_TYPE_VLAN) &&
		    type != RTE_BE16(RTE_ETHER_TYPE_QINQ))
			break;
		offset += sizeof(struct rte_vlan_hdr);
	}
	return n;
}

/* True if 'm' is longer than the MTU allows, with Ethernet header, FCS and
 * VLAN tags, which is what software drops on a port of that MTU. */
static bool
emu_vport_too_long(const struct emu_vport *vport, const struct rte_mbuf *m)
{
	const uint32_t max = __atomic_load_n(&vport->queues->mtu,
					     __ATOMIC_RELAXED) +
			     RTE_ETHER_HDR_LEN + RTE_ETHER_CRC_LEN;

	return unlikely(m->pkt_len > max) &&
	       m->pkt_len > max + emu_vlan_tags(m) *
			    sizeof(struct rte_vlan_hdr);
}

void
emu_vport_transmit(struct emu_vport *vport, struct rte_mbuf *m)
{
	struct emu_port_queues *q = vport->queues;

	if (emu_vport_too_long(vport, m) || m->nb_segs != 1 ||
	    unlikely(__atomic_load_n(&q->link_disabled, __ATOMIC_RELAXED))) {
		emu_count_add(&vport->stats.tx_dropped, 1);
		rte_pktmbuf_free(m);
		return;
	}
	q->out[q->n_out++] = m;
	if (q->n_out == EMU_BURST)
		emu_vport_flush_wire(vport);
	else
		emu_eswitch_mark_dirty(vport);
}

static void
emu_eswitch_flush(struct emu_eswitch *esw)
{
	uint16_t i, j;

	for (i = 0; i < esw->n_dirty; i++) {
		struct emu_vport *vport = esw->dirty[i];
		struct emu_port_queues *q = vport->queues;

		q->dirty = false;
		emu_vport_flush_wire(vport);
		if (!__atomic_load_n(&q->started, __ATOMIC_ACQUIRE))
			continue;	/* Its queues drain themselves. */
		for (j = 0; j < q->n_rxq; j++)
			emu_rx_queue_flush(q->rxq[j], vport);
	}
	esw->n_dirty = 0;
}

/* -- Frames from functions ---------------------------------------------- */

static unsigned int
emu_eswitch_poll_wire(struct emu_vport *vport)
{
	struct emu_wire *wire = vport->wire;
	struct rte_mbuf *pkts[EMU_BURST];
	unsigned int total = 0;
	uint64_t bytes;
	uint16_t i, n;

	do {
		n = wire->class->rx(wire, pkts, EMU_BURST);
		if (n == 0)
			break;
		total += n;
		for (bytes = 0, i = 0; i < n; i++)
			bytes += pkts[i]->pkt_len;
		if (__atomic_load_n(&vport->queues->link_disabled,
				    __ATOMIC_RELAXED)) {
			rte_pktmbuf_free_bulk(pkts, n);
			continue;
		}
		emu_count_add(&vport->stats.rx_packets, n);
		emu_count_add(&vport->stats.rx_bytes, bytes);
		emu_pipeline_run(vport, EMU_FROM_FUNCTION, pkts, n,
				 rte_rdtsc());
	} while (wire->more);
	return total;
}

static unsigned int
emu_eswitch_poll_wires(struct emu_eswitch *esw)
{
	struct epoll_event events[EMU_MAX_EVENTS];
	unsigned int work = 0;
	uint64_t value;
	int i, n;

	n = epoll_wait(esw->epoll_fd, events, EMU_MAX_EVENTS, 0);
	for (i = 0; i < n; i++) {
		struct emu_vport *vport = events[i].data.ptr;

		if (vport == NULL) {
			if (read(esw->event_fd, &value, sizeof(value)) < 0)
				EMU_LOG(DEBUG, "eventfd: %s",
					strerror(errno));
			continue;
		}
		work += emu_eswitch_poll_wire(vport);
		if (vport->wire->gone)
			epoll_ctl(esw->epoll_fd, EPOLL_CTL_DEL,
				  vport->wire->fd, NULL);
	}
	for (i = 0; i < esw->n_polled; i++) {
		struct emu_vport *vport = esw->polled[i];

		if (!vport->wire->class->source ||
		    __atomic_load_n(&vport->queues->started,
				    __ATOMIC_RELAXED))
			work += emu_eswitch_poll_wire(vport);
	}
	return work;
}

/* -- Frames from software ----------------------------------------------- */

static unsigned int
emu_eswitch_poll_txq(struct emu_eswitch *esw, struct emu_vport *vport,
		     struct emu_tx_queue *txq)
{
	struct emu_ingress in = { .vport = vport };
	struct rte_mbuf *pkts[EMU_BURST];
	unsigned int i, n;

	n = rte_ring_sc_dequeue_burst(txq->ring, (void **)pkts, EMU_BURST,
				      NULL);
	for (i = 0; i < n; i++)
		if (!emu_ingress_offload(&in, pkts[i], esw->pool))
			emu_count_add(&txq->errors, 1);
	emu_ingress_run(&in);
	return n;
}

static unsigned int
emu_eswitch_poll_software(struct emu_eswitch *esw)
{
	const struct emu_device *device = esw->device;
	unsigned int work = 0;
	uint16_t i, j;

	for (i = 0; i < device->n_vports; i++) {
		struct emu_vport *vport = &device->vports[i];
		struct emu_port_queues *q = vport->queues;

		if (!__atomic_load_n(&q->started, __ATOMIC_ACQUIRE))
			continue;
		for (j = 0; j < q->n_txq; j++)
			work += emu_eswitch_poll_txq(esw, vport, q->txq[j]);
	}
	return work;
}

static bool
emu_eswitch_software_waits(const struct emu_eswitch *esw)
{
	const struct emu_device *device = esw->device;
	uint16_t i, j;

	for (i = 0; i < device->n_vports; i++) {
		const struct emu_port_queues *q = device->vports[i].queues;

		if (!__atomic_load_n(&q->started, __ATOMIC_ACQUIRE))
			continue;
		for (j = 0; j < q->n_txq; j++)
			if (!rte_ring_empty(q->txq[j]->ring))
				return true;
	}
	return false;
}

/* -- The thread --------------------------------------------------------- */

/* Looks for links that changed, now and then. */
static void
emu_eswitch_check_links(struct emu_eswitch *esw)
{
	const struct emu_device *device = esw->device;
	const uint64_t now = rte_rdtsc();
	uint16_t i;

	if (now < esw->next_link)
		return;
	esw->next_link = now + rte_get_tsc_hz() / 1000 * EMU_LINK_MS;
	for (i = 0; i < device->n_vports; i++)
		emu_link_check(&device->vports[i]);
}

/* Waits for a wire or 'event_fd', for a time. */
static void
emu_eswitch_wait(const struct emu_eswitch *esw, const struct timespec *ts)
{
	struct epoll_event event;

	if (epoll_pwait2(esw->epoll_fd, &event, 1, ts, NULL) < 0 &&
	    errno == ENOSYS)	/* Linux before 5.11. */
		epoll_wait(esw->epoll_fd, &event, 1,
			   (ts->tv_nsec + 999999) / 1000000);
}

/* Sleeps until there may be work.  The thread was online, and is again. */
static void
emu_eswitch_sleep(struct emu_eswitch *esw)
{
	struct rte_rcu_qsbr *qsbr = esw->device->qsbr;
	struct timespec ts = { .tv_nsec = EMU_LINK_MS * 1000000 };

	if (esw->n_polled > 0) {
		ts.tv_nsec = esw->nap_us * 1000;
		esw->nap_us = RTE_MIN(esw->nap_us * 2, EMU_NAP_MAX_US);
	}
	/* Pairs with the fence in emu_eswitch_wake(): either we see what was
	 * enqueued, or the other side sees that we sleep. */
	__atomic_store_n(&esw->sleeping, true, __ATOMIC_SEQ_CST);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!emu_eswitch_software_waits(esw) &&
	    !__atomic_load_n(&esw->stop, __ATOMIC_SEQ_CST)) {
		rte_rcu_qsbr_thread_offline(qsbr, 0);
		esw->sleeps++;
		emu_eswitch_wait(esw, &ts);
		rte_rcu_qsbr_thread_online(qsbr, 0);
	}
	__atomic_store_n(&esw->sleeping, false, __ATOMIC_SEQ_CST);
}

static void
emu_eswitch_loop(struct emu_eswitch *esw)
{
	const uint64_t hz = rte_get_tsc_hz();
	const uint64_t spin = hz / 1000000 * EMU_SPIN_US;
	uint64_t last_work = 0;
	unsigned int work;
	bool ageing;

	while (!__atomic_load_n(&esw->stop, __ATOMIC_ACQUIRE)) {
		work = emu_eswitch_poll_wires(esw);
		work += emu_eswitch_poll_software(esw);
		emu_eswitch_flush(esw);
		emu_eswitch_check_links(esw);
		ageing = emu_age_sweep(esw->device, rte_rdtsc(),
				       emu_ethdev_announce_aged);
		rte_rcu_qsbr_quiescent(esw->device->qsbr, 0);
		emu_count_add(&esw->loops, 1);

		if (work > 0) {
			emu_count_add(&esw->busy_loops, 1);
			last_work = rte_rdtsc();
			esw->nap_us = EMU_NAP_MIN_US;
		} else if (!ageing && rte_rdtsc() - last_work > spin) {
			emu_eswitch_sleep(esw);
		} else {
			rte_pause();
		}
	}
}

/* Lets the thread run on 'esw->cpu', or on any CPU: threads that EAL has
 * pinned would else hand their own CPU down. */
static void
emu_eswitch_set_affinity(const struct emu_eswitch *esw)
{
	cpu_set_t cpus;
	int error, i;

	CPU_ZERO(&cpus);
	for (i = 0; i < CPU_SETSIZE; i++)
		if (esw->cpu < 0 || esw->cpu == i)
			CPU_SET(i, &cpus);
	error = pthread_setaffinity_np(pthread_self(), sizeof(cpus), &cpus);
	if (error != 0)
		EMU_LOG(WARNING, "%s: cannot run on CPU %d: %s",
			esw->device->name, esw->cpu, strerror(error));
}

static void *
emu_eswitch_main(void *esw_)
{
	struct emu_eswitch *esw = esw_;
	struct rte_rcu_qsbr *qsbr = esw->device->qsbr;

	emu_eswitch_set_affinity(esw);
	rte_rcu_qsbr_thread_online(qsbr, 0);
	emu_eswitch_loop(esw);
	emu_eswitch_flush(esw);
	rte_rcu_qsbr_thread_offline(qsbr, 0);
	return NULL;
}

void
emu_eswitch_wake(struct emu_eswitch *esw)
{
	const uint64_t one = 1;

	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (likely(!__atomic_load_n(&esw->sleeping, __ATOMIC_RELAXED)))
		return;
	/* One write will do, whoever makes it. */
	if (__atomic_exchange_n(&esw->sleeping, false, __ATOMIC_SEQ_CST) &&
	    write(esw->event_fd, &one, sizeof(one)) < 0)
		EMU_LOG(ERR, "%s: eventfd: %s", esw->device->name,
			strerror(errno));
}

/* -- Life --------------------------------------------------------------- */

static int
emu_eswitch_create_pool(struct emu_eswitch *esw, uint32_t n_mbufs)
{
	const struct emu_device *device = esw->device;
	char name[RTE_MEMPOOL_NAMESIZE];

	if (n_mbufs == 0)
		n_mbufs = EMU_POOL_MBUFS +
			  EMU_POOL_MBUFS_PER_VPORT * device->n_vports;
	/* "net_dpu_emu0" -> "dpu_emu0_mbufs". */
	snprintf(name, sizeof(name), "%.18s_mbufs", device->name + 4);
	/* One thread takes them and gives them back, and has no cache. */
	esw->pool = rte_pktmbuf_pool_create_by_ops(name, n_mbufs, 0, 0,
						   EMU_DATA_ROOM,
						   device->socket_id,
						   "ring_sp_sc");
	if (esw->pool == NULL) {
		EMU_LOG(ERR, "%s: cannot get %u packet buffers of %u bytes "
			"(%u MB): give EAL more memory (-m), or the device "
			"fewer buffers (mbufs=)", device->name, n_mbufs,
			EMU_DATA_ROOM, n_mbufs / 1024 * EMU_DATA_ROOM / 1024);
		return -ENOMEM;
	}
	return 0;
}

int
emu_eswitch_create(struct emu_device *device, uint32_t n_mbufs, int cpu)
{
	struct emu_eswitch *esw;
	int ret = -ENOMEM;

	esw = rte_zmalloc_socket("emu_eswitch", sizeof(*esw),
				 RTE_CACHE_LINE_SIZE, device->socket_id);
	if (esw == NULL)
		return -ENOMEM;
	esw->device = device;
	esw->cpu = cpu;
	esw->nap_us = EMU_NAP_MIN_US;

	device->qsbr = rte_zmalloc_socket("emu_qsbr",
					  rte_rcu_qsbr_get_memsize(1),
					  RTE_CACHE_LINE_SIZE,
					  device->socket_id);
	if (device->qsbr == NULL)
		goto free_esw;
	rte_rcu_qsbr_init(device->qsbr, 1);
	rte_rcu_qsbr_thread_register(device->qsbr, 0);

	ret = emu_eswitch_create_pool(esw, n_mbufs);
	if (ret < 0)
		goto free_qsbr;
	esw->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (esw->epoll_fd < 0) {
		ret = -errno;
		goto free_pool;
	}
	esw->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (esw->event_fd < 0) {
		ret = -errno;
		goto close_epoll;
	}
	device->eswitch = esw;
	return 0;

close_epoll:
	close(esw->epoll_fd);
free_pool:
	rte_mempool_free(esw->pool);
free_qsbr:
	rte_free(device->qsbr);
	device->qsbr = NULL;
free_esw:
	rte_free(esw);
	return ret;
}

void
emu_eswitch_destroy(struct emu_device *device)
{
	struct emu_eswitch *esw = device->eswitch;

	if (esw == NULL)
		return;
	close(esw->event_fd);
	close(esw->epoll_fd);
	rte_mempool_free(esw->pool);
	rte_free(device->qsbr);
	rte_free(esw);
	device->qsbr = NULL;
	device->eswitch = NULL;
}

/* Has 'fd' watched; 'vport' is NULL for 'event_fd'. */
static int
emu_eswitch_watch(struct emu_eswitch *esw, int fd, struct emu_vport *vport)
{
	struct epoll_event event = { .events = EPOLLIN };

	event.data.ptr = vport;
	return epoll_ctl(esw->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0
	       ? -errno : 0;
}

static int
emu_eswitch_watch_all(struct emu_eswitch *esw)
{
	const struct emu_device *device = esw->device;
	uint16_t i;
	int ret;

	ret = emu_eswitch_watch(esw, esw->event_fd, NULL);
	for (i = 0; i < device->n_vports && ret == 0; i++) {
		struct emu_vport *vport = &device->vports[i];

		if (vport->wire->fd >= 0)
			ret = emu_eswitch_watch(esw, vport->wire->fd, vport);
		else if (vport->wire->class->rx != NULL)
			esw->polled[esw->n_polled++] = vport;
	}
	return ret;
}

int
emu_eswitch_start(struct emu_device *device)
{
	struct emu_eswitch *esw = device->eswitch;
	sigset_t all, old;
	char name[16];
	int ret;

	ret = emu_eswitch_watch_all(esw);
	if (ret < 0)
		return ret;

	/* Signals are for the application's threads. */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	ret = -pthread_create(&esw->thread, NULL, emu_eswitch_main, esw);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (ret < 0)
		return ret;
	esw->running = true;
	pthread_getcpuclockid(esw->thread, &esw->clock);
	/* "net_dpu_emu0" -> "dpu_emu0-esw". */
	snprintf(name, sizeof(name), "%.11s-esw", device->name + 4);
	pthread_setname_np(esw->thread, name);
	return 0;
}

void
emu_eswitch_stop(struct emu_device *device)
{
	struct emu_eswitch *esw = device->eswitch;

	if (esw == NULL || !esw->running)
		return;
	__atomic_store_n(&esw->stop, true, __ATOMIC_SEQ_CST);
	emu_eswitch_wake(esw);
	pthread_join(esw->thread, NULL);
	esw->running = false;
}

struct rte_mempool *
emu_eswitch_pool(const struct emu_eswitch *esw)
{
	return esw->pool;
}

void
emu_eswitch_synchronize(struct emu_device *device)
{
	rte_rcu_qsbr_synchronize(device->qsbr, RTE_QSBR_THRID_INVALID);
}

void
emu_eswitch_stats_get(const struct emu_device *device,
		      struct emu_eswitch_stats *stats)
{
	const struct emu_eswitch *esw = device->eswitch;
	struct timespec ts = { 0 };

	if (esw->running)
		clock_gettime(esw->clock, &ts);
	stats->cpu_ns = ts.tv_sec * UINT64_C(1000000000) + ts.tv_nsec;
	stats->loops = emu_count_read(&esw->loops);
	stats->busy_loops = emu_count_read(&esw->busy_loops);
	stats->sleeps = emu_count_read(&esw->sleeps);
}
