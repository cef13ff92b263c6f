/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "openvswitch/vlog.h"

VLOG_DEFINE_THIS_MODULE(dpu_reason);
