/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-setting: keys of "other_config" that may be changed at any time.
 *
 * What is wrong with a value is logged, once for each new one, and leaves what
 * was in force.
 *
 * Thread-safety: for the main thread alone, which reads the keys in each of
 * its rounds; others read what they were stored in. */

#ifndef DPU_SETTING_H
#define DPU_SETTING_H 1

#include <stdbool.h>
#include <stdint.h>

#include "ovs-atomic.h"

struct smap;

/* Whether 'key' has another value in 'other_config' than at the last call with
 * it.  Stores the value, NULL if there is none, in '*value'. */
bool dpu_setting_has_changed(const struct smap *other_config, const char *key,
                             const char **value);

/* Stores the boolean 'key' in '*to'; without one, true. */
void dpu_setting_set_bool(const struct smap *other_config, const char *key,
                          atomic_bool *to);

/* Stores the number 'key', from 'min' to 'max', in '*to'; without one,
 * 'default_value'. */
void dpu_setting_set_number(const struct smap *other_config, const char *key,
                            uint32_t default_value, uint32_t min,
                            uint32_t max, atomic_uint32_t *to);

#endif /* ofproto-dpif-dpu/device/dpu-setting.h */
