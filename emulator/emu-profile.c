/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-profile: what an emulated DPU takes, read from a profile's file.
 *
 * A file has a section [device] of limits and the sections [rte_flow items]
 * and [rte_flow actions] in the form in which DPDK documents its drivers
 * (doc/guides/nics/features/DRIVER.ini), so that a driver's tables can be
 * taken over as they are, and a section [rte_flow fields] for what
 * MODIFY_FIELD may change. */
#include "emu-profile.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <rte_cfgfile.h>
#include <rte_common.h>
#include <rte_string_fns.h>

#include "emu-packet.h"

#define ITEMS_SECTION "rte_flow items"
#define ACTIONS_SECTION "rte_flow actions"
#define FIELDS_SECTION "rte_flow fields"

/* -- Errors ------------------------------------------------------------ */

struct message {
	const char *path;
	char *text;
	size_t size;
};

/* Puts "PATH: ..." into 'm'; returns -EINVAL. */
static int __rte_format_printf(2, 3)
complain(const struct message *m, const char *format, ...)
{
	va_list args;
	size_t n;

	if (!m->size)
		return -EINVAL;
	snprintf(m->text, m->size, "%s: ", m->path);
	n = strlen(m->text);
	va_start(args, format);
	vsnprintf(m->text + n, m->size - n, format, args);
	va_end(args);
	return -EINVAL;
}

/* -- Section [device] -------------------------------------------------- */

static const struct limit {
	const char *key;
	size_t ofs;
	uint32_t min, max;
} limits[] = {
#define LIMIT(KEY, MEMBER, MIN, MAX) \
	{ KEY, offsetof(struct emu_profile, MEMBER), MIN, MAX }
	LIMIT("max_rules", max_rules, 0, UINT32_MAX),
	LIMIT("max_groups", max_groups, 1, UINT32_MAX - 1),
	LIMIT("max_priority", max_priority, 0, UINT32_MAX - 1),
	LIMIT("max_counters", max_counters, 0, UINT32_MAX),
	LIMIT("max_meters", max_meters, 0, UINT32_MAX),
	LIMIT("max_rule_meters", max_rule_meters, 1, UINT32_MAX),
	LIMIT("tags", n_tags, 0, EMU_N_TAGS),
	LIMIT("mark_bits", mark_bits, 0, 32),
	LIMIT("meta_bits", meta_bits, 0, 32),
	LIMIT("vlans", n_vlans, 0, EMU_N_VLANS),
	LIMIT("max_outputs", max_outputs, 1, UINT32_MAX),
#undef LIMIT
};

static const struct flag {
	const char *key;
	size_t ofs;
} flags[] = {
#define FLAG(KEY) { #KEY, offsetof(struct emu_profile, KEY) }
	FLAG(partial_masks),
	FLAG(ranges),
	FLAG(fragment_ranges),
	FLAG(any_fragment),
	FLAG(ipv4_lengths),
	FLAG(ipv6_lengths),
	FLAG(vxlan_flags),
	FLAG(vxlan_reserved),
	FLAG(indirect),
	FLAG(l2_replace),
	FLAG(outer_udp_csum),
	FLAG(integrity_icmp),
	FLAG(sync_rules),
	FLAG(templates),
#undef FLAG
};

static int
parse_limit(struct emu_profile *profile, const struct limit *limit,
	    const char *value, const struct message *m)
{
	char *end;
	unsigned long long n;

	errno = 0;
	n = strtoull(value, &end, 0);
	if (errno || end == value || *end || !isdigit((unsigned char)*value)
	    || n < limit->min || n > limit->max)
		return complain(m, "%s is '%s', but has to be a number from "
				"%u to %u", limit->key, value, limit->min,
				limit->max);
	*(uint32_t *)((char *)profile + limit->ofs) = n;
	return 0;
}

static int
parse_flag(struct emu_profile *profile, const struct flag *flag,
	   const char *value, const struct message *m)
{
	bool *p = (bool *)((char *)profile + flag->ofs);

	if (!strcasecmp(value, "yes"))
		*p = true;
	else if (!strcasecmp(value, "no"))
		*p = false;
	else
		return complain(m, "%s is '%s', but has to be yes or no",
				flag->key, value);
	return 0;
}

static int
parse_duplicates(struct emu_profile *profile, const char *value,
		 const struct message *m)
{
	if (!strcasecmp(value, "no"))
		profile->duplicates = EMU_DUPLICATES_NO;
	else if (!strcasecmp(value, "newest"))
		profile->duplicates = EMU_DUPLICATES_NEWEST;
	else if (!strcasecmp(value, "oldest"))
		profile->duplicates = EMU_DUPLICATES_OLDEST;
	else
		return complain(m, "duplicates is '%s', but has to be no, "
				"newest or oldest (the one that takes "
				"packets)", value);
	return 0;
}

static int
parse_device(struct emu_profile *profile, const struct rte_cfgfile_entry *e,
	     const struct message *m)
{
	char known[512] = "";
	size_t i, n = 0;

	for (i = 0; i < RTE_DIM(limits); i++) {
		if (!strcmp(e->name, limits[i].key))
			return parse_limit(profile, &limits[i], e->value, m);
		n += snprintf(known + n, sizeof(known) - n, "%s, ",
			      limits[i].key);
	}
	for (i = 0; i < RTE_DIM(flags); i++) {
		if (!strcmp(e->name, flags[i].key))
			return parse_flag(profile, &flags[i], e->value, m);
		n += snprintf(known + n, sizeof(known) - n, "%s, ",
			      flags[i].key);
	}
	if (!strcmp(e->name, "duplicates"))
		return parse_duplicates(profile, e->value, m);
	return complain(m, "key '%s' in [device] is unknown; there are: "
			"%sduplicates", e->name, known);
}

/* -- Sections of DPDK's tables ----------------------------------------- */

/* Fields of MODIFY_FIELD as testpmd calls them; index: rte_flow_field_id. */
static const char *const field_names[] = {
	"start", "mac_dst", "mac_src", "vlan_type", "vlan_id", "mac_type",
	"ipv4_dscp", "ipv4_ttl", "ipv4_src", "ipv4_dst", "ipv6_dscp",
	"ipv6_hoplimit", "ipv6_src", "ipv6_dst", "tcp_port_src",
	"tcp_port_dst", "tcp_seq_num", "tcp_ack_num", "tcp_flags",
	"udp_port_src", "udp_port_dst", "vxlan_vni", "geneve_vni", "gtp_teid",
	"tag", "mark", "meta", "pointer", "value", "ipv4_ecn", "ipv6_ecn",
	"gtp_psc_qfi", "meter_color",
};

static bool
is_field(int id, const char *name)
{
	return id < (int)RTE_DIM(field_names)
	       && !strcmp(field_names[id], name);
}

static bool
is_item(int type, const char *name)
{
	const char *known = NULL;

	return rte_flow_conv(RTE_FLOW_CONV_OP_ITEM_NAME_PTR, &known,
			     sizeof(known), (void *)(uintptr_t)type, NULL) > 0
	       && known && !strcasecmp(known, name);
}

static bool
is_action(int type, const char *name)
{
	const char *known = NULL;

	return rte_flow_conv(RTE_FLOW_CONV_OP_ACTION_NAME_PTR, &known,
			     sizeof(known), (void *)(uintptr_t)type, NULL) > 0
	       && known && !strcasecmp(known, name);
}

static const struct table {
	const char *section;
	const char *noun;		/* Of what it lists. */
	bool (*is)(int id, const char *name);
	size_t ofs;			/* The bits in struct emu_profile. */
	int n;				/* How many bits. */
} tables[] = {
	{ ITEMS_SECTION, "item", is_item,
	  offsetof(struct emu_profile, items), 128 },
	{ ACTIONS_SECTION, "action", is_action,
	  offsetof(struct emu_profile, actions), 128 },
	{ FIELDS_SECTION, "field", is_field,
	  offsetof(struct emu_profile, modify_fields), 64 },
};

/* Items and actions that DPDK 22.11 documents but has no name for. */
static bool
is_nameless(const char *name)
{
	return !strcmp(name, "conntrack") || !strcmp(name, "meter_mark")
	       || !strcmp(name, "send_to_kernel");
}

static int
parse_table_entry(struct emu_profile *profile, const struct table *table,
		  const struct rte_cfgfile_entry *e, const struct message *m)
{
	uint64_t *bits = (uint64_t *)((char *)profile + table->ofs);
	int i;

	/* Yes, partly, also as an indirect action; no. */
	if (!strchr("YPI", e->value[0]) || strlen(e->value) > 1)
		return complain(m, "%s in [%s] is '%s', but has to be Y, P "
				"(in part), I (also as an indirect action) or "
				"empty", e->name, table->section, e->value);
	for (i = 0; i < table->n; i++) {
		if (!table->is(i, e->name))
			continue;
		if (e->value[0])
			bits[i / 64] |= UINT64_C(1) << i % 64;
		return 0;
	}
	if (is_nameless(e->name))
		return 0;
	return complain(m, "'%s' in [%s] is no %s of rte_flow", e->name,
			table->section, table->noun);
}

/* -- Files ------------------------------------------------------------- */

static int
parse_section(struct emu_profile *profile, struct rte_cfgfile *file,
	      const char *section, const struct message *m)
{
	struct rte_cfgfile_entry *entries;
	const struct table *table = NULL;
	int rc = 0, n, i;

	for (i = 0; i < (int)RTE_DIM(tables); i++) {
		if (!strcmp(section, tables[i].section))
			table = &tables[i];
	}
	if (!table && strcmp(section, "device"))
		return complain(m, "section [%s] is unknown; there are "
				"[device], [" ITEMS_SECTION "], ["
				ACTIONS_SECTION "] and [" FIELDS_SECTION "]",
				section);
	n = rte_cfgfile_section_num_entries(file, section);
	if (n <= 0)
		return 0;
	entries = calloc(n, sizeof(*entries));
	if (!entries)
		return complain(m, "out of memory");
	n = rte_cfgfile_section_entries(file, section, entries, n);
	for (i = 0; i < n && !rc; i++)
		rc = table ? parse_table_entry(profile, table, &entries[i], m)
			   : parse_device(profile, &entries[i], m);
	free(entries);
	return rc;
}

static int
parse_file(struct emu_profile *profile, struct rte_cfgfile *file,
	   const struct message *m)
{
	char names[16][CFG_NAME_LEN];
	char *sections[RTE_DIM(names)];
	int rc = 0, n, i;

	for (i = 0; i < (int)RTE_DIM(names); i++)
		sections[i] = names[i];
	n = rte_cfgfile_num_sections(file, NULL, 0);
	if (n > (int)RTE_DIM(names))
		return complain(m, "has %d sections", n);
	n = rte_cfgfile_sections(file, sections, RTE_DIM(names));
	for (i = 0; i < n && !rc; i++)
		rc = parse_section(profile, file, sections[i], m);
	if (!rc && !rte_cfgfile_has_section(file, "device"))
		rc = complain(m, "section [device] is missing");
	if (!rc && !profile->sync_rules && !profile->templates)
		rc = complain(m, "one of sync_rules and templates has to be "
			      "yes");
	return rc;
}

/* Puts the path of profile 'name' into 'path'. */
static void
find_file(const char *name, char *path, size_t size)
{
	const char *dir = getenv("DPU_EMU_PROFILE_PATH");

	if (strchr(name, '/')) {
		snprintf(path, size, "%s", name);
		return;
	}
	if (dir && *dir) {
		snprintf(path, size, "%s/%s.ini", dir, name);
		if (!access(path, F_OK))
			return;
	}
	snprintf(path, size, "%s/%s.ini", EMU_PROFILE_DIR, name);
}

/* The name of the profile in 'path': the file's, without ".ini". */
static void
set_name(struct emu_profile *profile, const char *path)
{
	const char *base = strrchr(path, '/');
	char *dot;

	rte_strscpy(profile->name, base ? base + 1 : path,
		    sizeof(profile->name));
	dot = strrchr(profile->name, '.');
	if (dot && dot != profile->name)
		*dot = '\0';
}

struct emu_profile *
emu_profile_load(const char *name, char *error, size_t error_size)
{
	struct rte_cfgfile_parameters params = { .comment_character = '#' };
	char path[PATH_MAX];
	const struct message m = {
		.path = path, .text = error, .size = error_size,
	};
	struct emu_profile *profile;
	struct rte_cfgfile *file;
	FILE *stream;

	find_file(name, path, sizeof(path));
	stream = fopen(path, "r");
	if (!stream) {
		complain(&m, "cannot read profile '%s': %s (profiles are "
			 "files NAME.ini in $DPU_EMU_PROFILE_PATH or %s, or "
			 "paths with a slash)", name, strerror(errno),
			 EMU_PROFILE_DIR);
		return NULL;
	}
	fclose(stream);
	profile = calloc(1, sizeof(*profile));
	if (!profile) {
		complain(&m, "out of memory");
		return NULL;
	}
	profile->items[0] = UINT64_C(1) << RTE_FLOW_ITEM_TYPE_END
			  | UINT64_C(1) << RTE_FLOW_ITEM_TYPE_VOID;
	profile->actions[0] = UINT64_C(1) << RTE_FLOW_ACTION_TYPE_END
			    | UINT64_C(1) << RTE_FLOW_ACTION_TYPE_VOID;
	/* Unless the file says otherwise. */
	profile->max_rules = 65536;
	profile->max_groups = 1;
	profile->max_counters = 65536;
	profile->n_vlans = 1;
	profile->max_outputs = 1;
	profile->max_rule_meters = 1;
	profile->duplicates = EMU_DUPLICATES_NEWEST;
	profile->sync_rules = true;
	set_name(profile, path);
	file = rte_cfgfile_load_with_params(path, CFG_FLAG_EMPTY_VALUES,
					    &params);
	if (!file) {
		complain(&m, "is not a file of sections [NAME] and lines "
			 "KEY = VALUE");
		goto err;
	}
	if (parse_file(profile, file, &m)) {
		rte_cfgfile_close(file);
		goto err;
	}
	rte_cfgfile_close(file);
	return profile;

err:
	free(profile);
	return NULL;
}

void
emu_profile_free(struct emu_profile *profile)
{
	free(profile);
}

const char *
emu_profile_name(const struct emu_profile *profile)
{
	return profile->name;
}
