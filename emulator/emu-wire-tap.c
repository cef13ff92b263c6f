/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-wire-tap: a tap interface, which is the function's netdev in the host.
 *
 * A function of a real DPU does not vanish from its host when the software on
 * the DPU restarts.  So a tap that is named in the device arguments is
 * persistent: it keeps its namespace, addresses and MAC, loses its carrier
 * while nobody is attached, and is attached to again by name.  A tap whose
 * name was our own choice goes with the device, unless it was there before.
 *
 * Frames pass as they are: VLAN tags of either kind, fragments, and up to
 * EMU_MAX_FRAME bytes.  See Documentation/networking/tuntap.rst of Linux. */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if_arp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <rte_string_fns.h>

#include "emu-log.h"
#include "emu-netns.h"
#include "emu-wire.h"

struct emu_wire_tap {
	struct emu_wire wire;
	struct rte_mbuf *spare[EMU_BURST];	/* To read into. */
	uint16_t n_spare;
};

static struct emu_wire_tap *
emu_wire_tap_cast(const struct emu_wire *wire)
{
	return container_of(wire, struct emu_wire_tap, wire);
}

/* -- Opening ------------------------------------------------------------ */

struct emu_tap_open {
	const struct emu_wire_config *config;
	struct rte_ether_addr mac;	/* Out: the interface's. */
	int fd;				/* Out. */
};

static void
emu_tap_ifreq(struct ifreq *ifr, const struct emu_wire_config *config)
{
	memset(ifr, 0, sizeof(*ifr));
	strlcpy(ifr->ifr_name, config->spec->path, sizeof(ifr->ifr_name));
}

/* Says in the log what 'what' failed on with 'errno'; returns it. */
static int
emu_tap_fail(const struct emu_wire_config *config, const char *what)
{
	const int error = errno;
	const char *hint = "";

	if (error == EBUSY)
		hint = " (it is in use: by another process or port)";
	else if (error == EINVAL)
		hint = " (an interface of this name exists, and is not a tap "
		       "of one queue)";
	else if (error == EPERM)
		hint = " (CAP_NET_ADMIN is needed)";
	EMU_LOG(ERR, "%s: %s: tap \"%s\": %s: %s%s", config->device,
		config->vport, config->spec->path, what, strerror(error),
		hint);
	return -error;
}

/* Gives the new tap 'fd' the function's address, and sets it up. */
static int
emu_tap_set_up(const struct emu_wire_config *config, int fd, int ctl)
{
	struct ifreq ifr;

	emu_tap_ifreq(&ifr, config);
	ifr.ifr_hwaddr.sa_family = ARPHRD_ETHER;
	memcpy(ifr.ifr_hwaddr.sa_data, &config->mac, sizeof(config->mac));
	if (ioctl(fd, SIOCSIFHWADDR, &ifr) < 0)
		return emu_tap_fail(config, "cannot set its address");
	emu_tap_ifreq(&ifr, config);
	if (ioctl(ctl, SIOCGIFFLAGS, &ifr) < 0)
		return emu_tap_fail(config, "cannot set it up");
	ifr.ifr_flags |= IFF_UP;
	if (ioctl(ctl, SIOCSIFFLAGS, &ifr) < 0)
		return emu_tap_fail(config, "cannot set it up");
	return 0;
}

/* Attaches 'fd' to the tap, which is created if there is none. */
static int
emu_tap_attach(struct emu_tap_open *open, int fd, int ctl)
{
	const struct emu_wire_config *config = open->config;
	struct ifreq ifr;
	bool existed;
	int ret;

	emu_tap_ifreq(&ifr, config);
	existed = ioctl(ctl, SIOCGIFINDEX, &ifr) == 0;

	emu_tap_ifreq(&ifr, config);
	ifr.ifr_flags = IFF_TAP | IFF_NO_PI;
	if (ioctl(fd, TUNSETIFF, &ifr) < 0)
		return emu_tap_fail(config, "cannot attach");
	if (!existed) {
		ret = emu_tap_set_up(config, fd, ctl);
		if (ret < 0)
			return ret;
		if (!config->spec->implicit &&
		    ioctl(fd, TUNSETPERSIST, 1) < 0)
			return emu_tap_fail(config, "cannot make it "
					    "persistent");
	}

	emu_tap_ifreq(&ifr, config);
	if (ioctl(fd, SIOCGIFHWADDR, &ifr) < 0)
		return emu_tap_fail(config, "cannot read its address");
	memcpy(&open->mac, ifr.ifr_hwaddr.sa_data, sizeof(open->mac));
	return 0;
}

/* Runs in the tap's network namespace. */
static int
emu_tap_open(void *open_)
{
	struct emu_tap_open *open_tap = open_;
	const struct emu_wire_config *config = open_tap->config;
	int fd, ctl, ret;

	fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return emu_tap_fail(config, "cannot open /dev/net/tun");
	ctl = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (ctl < 0) {
		ret = emu_tap_fail(config, "cannot open a socket");
		goto close_fd;
	}
	ret = emu_tap_attach(open_tap, fd, ctl);
	close(ctl);
	if (ret < 0)
		goto close_fd;
	open_tap->fd = fd;
	return 0;

close_fd:
	close(fd);
	return ret;
}

static int
emu_wire_tap_open(const struct emu_wire_config *config,
		  struct emu_wire **wirep)
{
	struct emu_tap_open open_tap = { .config = config };
	struct emu_wire_tap *tap;
	int ret;

	tap = calloc(1, sizeof(*tap));
	if (tap == NULL)
		return -ENOMEM;
	ret = emu_netns_call(config->spec->netns, emu_tap_open, &open_tap);
	if (ret < 0) {
		free(tap);
		return ret;
	}
	tap->wire.fd = open_tap.fd;
	tap->wire.mac = open_tap.mac;
	*wirep = &tap->wire;
	return 0;
}

static void
emu_wire_tap_close(struct emu_wire *wire)
{
	struct emu_wire_tap *tap = emu_wire_tap_cast(wire);

	close(wire->fd);
	rte_pktmbuf_free_bulk(tap->spare, tap->n_spare);
	free(tap);
}

/* -- Frames ------------------------------------------------------------- */

/* Reads a frame into 'm'.  Returns its length, 0 if there is none, or a
 * negative errno for one that can't be taken in. */
static int
emu_tap_read(struct emu_wire *wire, struct rte_mbuf *m)
{
	ssize_t len;

	/* One byte more than fits: a frame that is cut off is known by it. */
	len = read(wire->fd, rte_pktmbuf_mtod(m, void *), EMU_MAX_FRAME + 1);
	if (len > EMU_MAX_FRAME)
		return -EMSGSIZE;
	if (len >= 0)
		return len;
	if (errno == EBADFD && !wire->gone) {
		__atomic_store_n(&wire->gone, true, __ATOMIC_RELAXED);
		EMU_LOG(WARNING, "%s: its tap was deleted; the function is "
			"gone until the device is created again", wire->name);
	}
	return 0;
}

static uint16_t
emu_wire_tap_rx(struct emu_wire *wire, struct rte_mbuf **pkts, uint16_t n)
{
	struct emu_wire_tap *tap = emu_wire_tap_cast(wire);
	uint16_t i;

	for (i = 0; i < n;) {
		struct rte_mbuf *m;
		int len;

		if (tap->n_spare == 0) {
			if (rte_pktmbuf_alloc_bulk(wire->pool, tap->spare,
						   EMU_BURST) < 0)
				break;
			tap->n_spare = EMU_BURST;
		}
		m = tap->spare[tap->n_spare - 1];
		len = emu_tap_read(wire, m);
		if (len == 0)
			break;
		if (len < 0) {
			wire->rx_dropped++;
			continue;
		}
		m->data_len = m->pkt_len = len;
		pkts[i++] = m;
		tap->n_spare--;
	}
	return i;
}

static uint16_t
emu_wire_tap_tx(struct emu_wire *wire, struct rte_mbuf **pkts, uint16_t n,
		uint64_t *bytes)
{
	uint16_t i, sent = 0;

	*bytes = 0;
	for (i = 0; i < n; i++) {
		const struct rte_mbuf *m = pkts[i];

		if (write(wire->fd, rte_pktmbuf_mtod(m, void *),
			  m->data_len) != m->data_len)
			continue;
		sent++;
		*bytes += m->data_len;
	}
	rte_pktmbuf_free_bulk(pkts, n);
	return sent;
}

/* -- State -------------------------------------------------------------- */

static bool
emu_wire_tap_link(const struct emu_wire *wire)
{
	/* The kernel takes frames from us while the interface is up, in
	 * whatever namespace it may have been moved to. */
	struct pollfd pfd = { .fd = wire->fd, .events = POLLOUT };

	return poll(&pfd, 1, 0) == 1 && (pfd.revents & POLLOUT);
}

static void
emu_wire_tap_set_carrier(struct emu_wire *wire, bool up)
{
	int carrier = up;

	if (ioctl(wire->fd, TUNSETCARRIER, &carrier) < 0)
		EMU_LOG(WARNING, "%s: cannot set the carrier: %s",
			wire->name, strerror(errno));
}

static int
emu_wire_tap_set_mac(struct emu_wire *wire, const struct rte_ether_addr *mac)
{
	struct ifreq ifr;

	/* The interface may have been renamed: the file knows it. */
	memset(&ifr, 0, sizeof(ifr));
	ifr.ifr_hwaddr.sa_family = ARPHRD_ETHER;
	memcpy(ifr.ifr_hwaddr.sa_data, mac, sizeof(*mac));
	return ioctl(wire->fd, SIOCSIFHWADDR, &ifr) < 0 ? -errno : 0;
}

const struct emu_wire_class emu_wire_tap_class = {
	.kind = EMU_WIRE_TAP,
	.open = emu_wire_tap_open,
	.close = emu_wire_tap_close,
	.rx = emu_wire_tap_rx,
	.tx = emu_wire_tap_tx,
	.link = emu_wire_tap_link,
	.set_carrier = emu_wire_tap_set_carrier,
	.set_mac = emu_wire_tap_set_mac,
};
