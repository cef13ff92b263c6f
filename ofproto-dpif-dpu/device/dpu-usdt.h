/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-usdt: probes for tracers such as bpftrace, of which
 * Documentation/metrics.rst has a list.
 *
 * A probe is a nop and a note in the program, which says where its arguments
 * are: they are ones that the code around has anyway.  Without <sys/sdt.h>,
 * which Debian has in systemtap-sdt-dev, it is nothing. */

#ifndef DPU_USDT_H
#define DPU_USDT_H 1

/* Open vSwitch's own probes are not switched on by this: they are compiled
 * with it. */
#if !defined HAVE_USDT_PROBES && __has_include(<sys/sdt.h>)
#define HAVE_USDT_PROBES 1
#endif

#include "openvswitch/usdt-probes.h"

/* DPU_USDT(NAME, ARGUMENT...): up to 10 integers or pointers. */
#define DPU_USDT(...) OVS_USDT_PROBE(ovs_dpu, __VA_ARGS__)

#endif /* ofproto-dpif-dpu/device/dpu-usdt.h */
