/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-log: the log type "pmd.net.dpu_emu". */
#ifndef EMU_LOG_H
#define EMU_LOG_H

#include <rte_log.h>

extern int emu_logtype;

#define EMU_LOG(LEVEL, FORMAT, ...) \
	rte_log(RTE_LOG_##LEVEL, emu_logtype, \
		"net_dpu_emu: " FORMAT "\n", ##__VA_ARGS__)

#endif /* EMU_LOG_H */
