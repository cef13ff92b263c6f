/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-devargs: the device arguments, as a value. */
#include "emu-devargs.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_string_fns.h>

/* Frames as short as an Ethernet header with an IPv4 and a UDP one. */
#define EMU_GEN_MIN_SIZE 42

struct emu_text {
	char *error;
	size_t size;
};

static int __rte_format_printf(2, 3)
emu_refuse(const struct emu_text *out, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(out->error, out->size, format, args);
	va_end(args);
	return -EINVAL;
}

static bool
emu_parse_uint(const char *s, uint64_t max, uint64_t *value)
{
	char *end;

	if (!isdigit((unsigned char)*s))
		return false;
	errno = 0;
	*value = strtoull(s, &end, 10);
	return errno == 0 && *end == '\0' && *value <= max;
}

/* -- Wires -------------------------------------------------------------- */

/* Splits 's' at the last 'c'; returns what follows it, or NULL. */
static char *
emu_cut(char *s, char c)
{
	char *p = strrchr(s, c);

	if (p != NULL)
		*p++ = '\0';
	return p;
}

static int
emu_spec_ifname(char *arg, struct emu_wire_spec *spec,
		const struct emu_text *out)
{
	const char *netns = emu_cut(arg, '@');

	if (netns != NULL) {
		if (*netns == '\0' || (*netns != '/' && strchr(netns, '/')))
			return emu_refuse(out, "network namespace \"%s\" is "
					  "neither a name below /run/netns "
					  "nor an absolute path", netns);
		if (strlcpy(spec->netns, netns, sizeof(spec->netns)) >=
		    sizeof(spec->netns))
			return emu_refuse(out, "network namespace is longer "
					  "than %zu characters",
					  sizeof(spec->netns) - 1);
	}
	if (*arg == '\0' || strlen(arg) >= IFNAMSIZ ||
	    strpbrk(arg, "/: \t%") != NULL)
		return emu_refuse(out, "\"%s\" is not a name for a network "
				  "interface (1 to %d characters)", arg,
				  IFNAMSIZ - 1);
	strlcpy(spec->path, arg, sizeof(spec->path));
	return 0;
}

static int
emu_spec_tap(char *arg, struct emu_wire_spec *spec,
	     const struct emu_text *out)
{
	if (arg == NULL) {
		spec->implicit = true;
		return 0;
	}
	return emu_spec_ifname(arg, spec, out);
}

static int
emu_spec_af_packet(char *arg, struct emu_wire_spec *spec,
		   const struct emu_text *out)
{
	if (arg == NULL)
		return emu_refuse(out, "an interface is missing: "
				  "af_packet:IFACE[@NETNS]");
	return emu_spec_ifname(arg, spec, out);
}

static int
emu_spec_path(const char *arg, char path[EMU_SPEC_PATH_MAX],
	      const struct emu_text *out)
{
	if (strlcpy(path, arg, EMU_SPEC_PATH_MAX) >= EMU_SPEC_PATH_MAX)
		return emu_refuse(out, "path is longer than %d characters",
				  EMU_SPEC_PATH_MAX - 1);
	return 0;
}

static int
emu_spec_socket(char *arg, struct emu_wire_spec *spec, const char *role,
		const struct emu_text *out)
{
	const char *given;

	given = arg != NULL ? emu_cut(arg, '@') : NULL;
	if (given != NULL) {
		if (strcmp(given, role))
			return emu_refuse(out, "\"@%s\" should be \"@%s\", "
					  "or nothing", given, role);
		spec->swap_role = true;
	}
	if (arg == NULL || *arg == '\0')
		return emu_refuse(out, "the path of a socket is missing");
	return emu_spec_path(arg, spec->path, out);
}

static int
emu_spec_vhost(char *arg, struct emu_wire_spec *spec,
	       const struct emu_text *out)
{
	return emu_spec_socket(arg, spec, "client", out);
}

static int
emu_spec_memif(char *arg, struct emu_wire_spec *spec,
	       const struct emu_text *out)
{
	char *id, *role;
	uint64_t value;

	/* PATH[#ID][@server]: the id stands in the middle. */
	id = arg != NULL ? strrchr(arg, '#') : NULL;
	if (id != NULL) {
		role = strchr(id, '@');
		if (role != NULL)
			*role = '\0';
		if (!emu_parse_uint(id + 1, UINT32_MAX, &value))
			return emu_refuse(out, "memif id \"%s\" is not a "
					  "number", id + 1);
		spec->memif_id = value;
		if (role != NULL) {
			*role = '@';
			memmove(id, role, strlen(role) + 1);
		} else {
			*id = '\0';
		}
	}
	return emu_spec_socket(arg, spec, "server", out);
}

static int
emu_spec_pcap(char *arg, struct emu_wire_spec *spec,
	      const struct emu_text *out)
{
	char *tx;

	tx = arg != NULL ? strchr(arg, ':') : NULL;
	if (tx != NULL)
		*tx++ = '\0';
	if (arg == NULL || (*arg == '\0' && (tx == NULL || *tx == '\0')))
		return emu_refuse(out, "a file is missing: pcap:RX[:TX], "
				  "one of which may be empty");
	if (tx != NULL && emu_spec_path(tx, spec->tx_path, out) < 0)
		return -EINVAL;
	return emu_spec_path(arg, spec->path, out);
}

static int
emu_spec_null(char *arg, struct emu_wire_spec *spec __rte_unused,
	      const struct emu_text *out)
{
	if (arg != NULL)
		return emu_refuse(out, "null takes no argument");
	return 0;
}

static int
emu_spec_gen(char *arg, struct emu_wire_spec *spec,
	     const struct emu_text *out)
{
	const char *pps;
	uint64_t size;

	pps = arg != NULL ? emu_cut(arg, '@') : NULL;
	if (arg == NULL || !emu_parse_uint(arg, EMU_MAX_FRAME, &size) ||
	    size < EMU_GEN_MIN_SIZE)
		return emu_refuse(out, "the size of frames is missing or not "
				  "within %d to %d bytes: gen:SIZE[@PPS]",
				  EMU_GEN_MIN_SIZE, EMU_MAX_FRAME);
	if (pps != NULL &&
	    (!emu_parse_uint(pps, 1000000000, &spec->gen_pps) ||
	     spec->gen_pps == 0))
		return emu_refuse(out, "\"%s\" is not a number of packets "
				  "per second", pps);
	spec->gen_size = size;
	return 0;
}

static const struct {
	const char *name;
	enum emu_wire_kind kind;
	int (*parse)(char *arg, struct emu_wire_spec *spec,
		     const struct emu_text *out);
} emu_wire_kinds[] = {
	{ "tap", EMU_WIRE_TAP, emu_spec_tap },
	{ "af_packet", EMU_WIRE_AF_PACKET, emu_spec_af_packet },
	{ "vhost", EMU_WIRE_VHOST, emu_spec_vhost },
	{ "memif", EMU_WIRE_MEMIF, emu_spec_memif },
	{ "pcap", EMU_WIRE_PCAP, emu_spec_pcap },
	{ "null", EMU_WIRE_NULL, emu_spec_null },
	{ "gen", EMU_WIRE_GEN, emu_spec_gen },
};

int
emu_wire_spec_parse(const char *text, struct emu_wire_spec *spec,
		    char *error, size_t error_size)
{
	const struct emu_text out = { error, error_size };
	char *copy, *arg;
	size_t i;
	int ret;

	memset(spec, 0, sizeof(*spec));
	copy = strdup(text);
	if (copy == NULL)
		return -ENOMEM;
	arg = strchr(copy, ':');
	if (arg != NULL)
		*arg++ = '\0';
	for (i = 0; i < RTE_DIM(emu_wire_kinds); i++)
		if (!strcmp(copy, emu_wire_kinds[i].name))
			break;
	if (i < RTE_DIM(emu_wire_kinds)) {
		spec->kind = emu_wire_kinds[i].kind;
		ret = emu_wire_kinds[i].parse(arg, spec, &out);
	} else {
		ret = emu_refuse(&out, "\"%s\" is not a kind of wire (tap, "
				 "af_packet, vhost, memif, pcap, null, gen)",
				 copy);
	}
	free(copy);
	return ret;
}

/* -- Keys --------------------------------------------------------------- */

/* The part of the names of taps that tells devices apart: "net_dpu_emu0"
 * gives "dpu0". */
static void
emu_devargs_tap_prefix(const char *device, char prefix[8])
{
	const char *p = device;
	size_t n = 3;

	if (!strncmp(p, "net_dpu_emu", 11))
		p += 11;
	memcpy(prefix, "dpu", 3);
	for (; *p != '\0' && n < 7; p++)
		if (isalnum((unsigned char)*p))
			prefix[n++] = *p;
	prefix[n] = '\0';
}

static void
emu_devargs_set_defaults(const char *device, struct emu_devargs *d)
{
	char prefix[8];
	unsigned int i;

	memset(d, 0, sizeof(*d));
	d->n_uplinks = 1;
	d->cpu = -1;
	strlcpy(d->profile, "full", sizeof(d->profile));

	emu_devargs_tap_prefix(device, prefix);
	for (i = 0; i < EMU_MAX_UPLINKS; i++) {
		d->uplink[i].implicit = d->pf[i].implicit = true;
		snprintf(d->uplink[i].path, IFNAMSIZ, "%sp%u", prefix, i);
		snprintf(d->pf[i].path, IFNAMSIZ, "%spf%u", prefix, i);
	}
	for (i = 0; i < EMU_MAX_VFS; i++) {
		d->vf[i].implicit = true;
		snprintf(d->vf[i].path, IFNAMSIZ, "%svf%u", prefix, i);
	}
}

static int
emu_devargs_wire(const char *key, const char *value,
		 struct emu_wire_spec *spec, const struct emu_text *out)
{
	struct emu_wire_spec parsed;
	char why[256] = "out of memory";
	int ret;

	ret = emu_wire_spec_parse(value, &parsed, why, sizeof(why));
	if (ret < 0) {
		emu_refuse(out, "%s=%s: %s", key, value, why);
		return ret;
	}
	/* A tap without a name keeps the one that we chose. */
	if (parsed.implicit)
		memcpy(parsed.path, spec->path, sizeof(parsed.path));
	*spec = parsed;
	return 0;
}

static int
emu_devargs_vfs(struct emu_devargs *d, const char *value,
		const struct emu_text *out)
{
	uint64_t n;

	if (!emu_parse_uint(value, EMU_MAX_VFS, &n))
		return emu_refuse(out, "vfs=%s: should be a number of VFs, "
				  "0 to %d", value, EMU_MAX_VFS);
	d->n_vfs = n;
	return 0;
}

static int
emu_devargs_uplink(struct emu_devargs *d, const char *value,
		   const struct emu_text *out)
{
	return emu_devargs_wire("uplink", value, &d->uplink[0], out);
}

static int
emu_devargs_uplink1(struct emu_devargs *d, const char *value,
		    const struct emu_text *out)
{
	d->n_uplinks = 2;
	return emu_devargs_wire("uplink1", value, &d->uplink[1], out);
}

static int
emu_devargs_pf(struct emu_devargs *d, const char *value,
	       const struct emu_text *out)
{
	d->has_pf[0] = true;
	return emu_devargs_wire("pf", value, &d->pf[0], out);
}

static int
emu_devargs_pf1(struct emu_devargs *d, const char *value,
		const struct emu_text *out)
{
	d->has_pf[1] = true;
	return emu_devargs_wire("pf1", value, &d->pf[1], out);
}

static int
emu_devargs_profile(struct emu_devargs *d, const char *value,
		    const struct emu_text *out)
{
	if (*value == '\0')
		return emu_refuse(out, "profile=: should be the name of a "
				  "profile, or the path of a file");
	if (strlcpy(d->profile, value, sizeof(d->profile)) >=
	    sizeof(d->profile))
		return emu_refuse(out, "profile=%s: longer than %zu "
				  "characters", value, sizeof(d->profile) - 1);
	return 0;
}

static int
emu_devargs_faults(struct emu_devargs *d, const char *value,
		   const struct emu_text *out)
{
	if (*value != '/')
		return emu_refuse(out, "faults=%s: should be the absolute "
				  "path of a file", value);
	if (strlcpy(d->faults, value, sizeof(d->faults)) >= sizeof(d->faults))
		return emu_refuse(out, "faults=%s: longer than %zu "
				  "characters", value, sizeof(d->faults) - 1);
	return 0;
}

static int
emu_devargs_mac(struct emu_devargs *d, const char *value,
		const struct emu_text *out)
{
	if (rte_ether_unformat_addr(value, &d->mac) < 0 ||
	    !rte_is_valid_assigned_ether_addr(&d->mac))
		return emu_refuse(out, "mac=%s: should be a unicast Ethernet "
				  "address, e.g. 02:00:00:00:01:00", value);
	d->has_mac = true;
	return 0;
}

static int
emu_devargs_mbufs(struct emu_devargs *d, const char *value,
		  const struct emu_text *out)
{
	uint64_t n;

	if (!emu_parse_uint(value, 1 << 20, &n) || n < 256)
		return emu_refuse(out, "mbufs=%s: should be a number of "
				  "packet buffers, 256 to %d", value, 1 << 20);
	d->n_mbufs = n;
	return 0;
}

static int
emu_devargs_cpu(struct emu_devargs *d, const char *value,
		const struct emu_text *out)
{
	uint64_t n;

	if (!emu_parse_uint(value, 1023, &n))
		return emu_refuse(out, "cpu=%s: should be the number of a "
				  "CPU", value);
	d->cpu = n;
	return 0;
}

static int
emu_devargs_representor(struct emu_devargs *d, const char *value,
			const struct emu_text *out)
{
	if (*value == '\0' ||
	    strlcpy(d->representor, value, sizeof(d->representor)) >=
	    sizeof(d->representor))
		return emu_refuse(out, "representor=%s: should name "
				  "representors, e.g. vf0, pf0vf[0-3], pf1",
				  value);
	return 0;
}

static const struct {
	const char *key;
	int (*parse)(struct emu_devargs *d, const char *value,
		     const struct emu_text *out);
} emu_keys[] = {
	{ "vfs", emu_devargs_vfs },
	{ "uplink", emu_devargs_uplink },
	{ "uplink1", emu_devargs_uplink1 },
	{ "pf", emu_devargs_pf },
	{ "pf1", emu_devargs_pf1 },
	{ "profile", emu_devargs_profile },
	{ "mac", emu_devargs_mac },
	{ "mbufs", emu_devargs_mbufs },
	{ "cpu", emu_devargs_cpu },
	{ "faults", emu_devargs_faults },
	{ "representor", emu_devargs_representor },
};

/* Parses "vf<N>"; 'd->n_vfs' is known. */
static int
emu_devargs_vf(struct emu_devargs *d, const char *key, const char *value,
	       const struct emu_text *out)
{
	uint64_t vf;

	if (!emu_parse_uint(key + 2, UINT64_MAX, &vf) || vf >= d->n_vfs) {
		if (d->n_vfs == 0)
			return emu_refuse(out, "%s: the device has no VFs: "
					  "give vfs=N too", key);
		return emu_refuse(out, "%s: the device has VFs vf0 to vf%u "
				  "(vfs=%u)", key, d->n_vfs - 1, d->n_vfs);
	}
	return emu_devargs_wire(key, value, &d->vf[vf], out);
}

static bool
emu_is_vf_key(const char *key)
{
	return !strncmp(key, "vf", 2) && isdigit((unsigned char)key[2]);
}

/* One KEY=VALUE.  librte_kvargs would do, but for its limit of 32 pairs: a
 * device may have a wire for each of 128 VFs. */
struct emu_pair {
	char *key;
	const char *value;
};

#define EMU_MAX_PAIRS (EMU_MAX_VFS + RTE_DIM(emu_keys))

/* Splits 's' at commas, but for those within brackets.  Returns how many
 * pairs there are, or a negative errno. */
static int
emu_devargs_split(char *s, struct emu_pair *pairs, const struct emu_text *out)
{
	unsigned int n = 0, depth = 0;
	char *p = s, *next;

	for (; p != NULL; p = next) {
		for (next = p; *next != '\0' && (*next != ',' || depth);
		     next++)
			depth += (*next == '[') - (*next == ']');
		if (*next != '\0')
			*next++ = '\0';
		else
			next = NULL;

		if (n == EMU_MAX_PAIRS)
			return emu_refuse(out, "more than %zu arguments",
					  EMU_MAX_PAIRS);
		pairs[n].key = p;
		p = strchr(p, '=');
		if (p == NULL || p == pairs[n].key)
			return emu_refuse(out, "\"%s\" is not KEY=VALUE",
					  pairs[n].key);
		*p++ = '\0';
		pairs[n++].value = p;
	}
	return n;
}

static int
emu_devargs_pair(struct emu_devargs *d, const struct emu_pair *pair,
		 const struct emu_text *out)
{
	size_t i;

	for (i = 0; i < RTE_DIM(emu_keys); i++)
		if (!strcmp(pair->key, emu_keys[i].key))
			return emu_keys[i].parse(d, pair->value, out);
	if (emu_is_vf_key(pair->key))
		return 0;
	return emu_refuse(out, "\"%s\" is not a key; these are: "
			  EMU_DEVARGS_HELP, pair->key);
}

static int
emu_devargs_pairs(struct emu_devargs *d, const struct emu_pair *pairs, int n,
		  const struct emu_text *out)
{
	int i, j, ret;

	for (i = 0; i < n; i++) {
		for (j = 0; j < i; j++)
			if (!strcmp(pairs[i].key, pairs[j].key))
				return emu_refuse(out, "%s is given twice",
						  pairs[i].key);
		ret = emu_devargs_pair(d, &pairs[i], out);
		if (ret < 0)
			return ret;
	}
	/* How many VFs there are may be told after their wires. */
	for (i = 0; i < n; i++) {
		if (!emu_is_vf_key(pairs[i].key))
			continue;
		ret = emu_devargs_vf(d, pairs[i].key, pairs[i].value, out);
		if (ret < 0)
			return ret;
	}
	if (d->has_pf[1] && d->n_uplinks < 2)
		return emu_refuse(out, "pf1: the device has one uplink: give "
				  "uplink1= too");
	return 0;
}

int
emu_devargs_parse(const char *device, const char *args,
		  struct emu_devargs *devargs, char *error, size_t error_size)
{
	const struct emu_text out = { error, error_size };
	struct emu_pair *pairs = NULL;
	char *copy = NULL;
	int ret;

	emu_devargs_set_defaults(device, devargs);
	if (args == NULL || *args == '\0')
		return 0;
	copy = strdup(args);
	pairs = calloc(EMU_MAX_PAIRS, sizeof(*pairs));
	if (copy == NULL || pairs == NULL) {
		emu_refuse(&out, "out of memory");
		ret = -ENOMEM;
		goto out;
	}
	ret = emu_devargs_split(copy, pairs, &out);
	if (ret > 0)
		ret = emu_devargs_pairs(devargs, pairs, ret, &out);
out:
	free(pairs);
	free(copy);
	return ret;
}
