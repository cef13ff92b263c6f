/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-ct-regs: what a packet carries on the device for connection tracking,
 * and how rules write and match it.
 *
 *   TAG 0  the state: ct_state (bits 0 to 7, as CS_* in Open vSwitch), ct_zone
 *          (bits 8 to 23) and, on the way to the connections, the variant of
 *          ct() (bits 24 to 31, see dpu-ct-variant.h)
 *   TAG 1  ct_mark
 *   TAG 2  what else of the connection megaflows match: its class (see
 *          dpu-ct-class.h)
 *   TAG 3  the continuation: which rules do what follows ct()
 *   META   the connection: bit 0, the reply direction; bits 1 to 31, its
 *          number, or 0 for none
 *
 * A register that no rule wrote is 0, as ct fields are of a packet that was
 * not tracked.  MARK has the miss context (dpu-miss.h).
 *
 * Thread-safety: reentrant. */

#ifndef DPU_CT_REGS_H
#define DPU_CT_REGS_H 1

#include <stdbool.h>
#include <stdint.h>

struct dpu_caps;
struct dpu_spec;

/* Indexes of TAG. */
enum dpu_ct_tag {
    DPU_CT_TAG_STATE,
    DPU_CT_TAG_MARK,
    DPU_CT_TAG_CLASS,
    DPU_CT_TAG_NEXT,
    DPU_CT_N_TAGS
};

#define DPU_CT_ZONE_SHIFT    8
#define DPU_CT_VARIANT_SHIFT 24

/* The value of DPU_CT_TAG_STATE. */
static inline uint32_t
dpu_ct_state(uint8_t ct_state, uint16_t zone, uint8_t variant)
{
    return (ct_state | (uint32_t) zone << DPU_CT_ZONE_SHIFT
            | (uint32_t) variant << DPU_CT_VARIANT_SHIFT);
}

/* The value of META. */
static inline uint32_t
dpu_ct_meta(uint32_t id, bool reply)
{
    return id << 1 | reply;
}

static inline uint32_t
dpu_ct_meta_id(uint32_t meta)
{
    return meta >> 1;
}

static inline bool
dpu_ct_meta_is_reply(uint32_t meta)
{
    return meta & 1;
}

/* Has META delivered with packets, by devices that can.  Before any port is
 * started. */
void dpu_ct_receive_meta(void);

/* Appends to 'spec' an item that matches the bits 'mask' of 'tag'.  Returns
 * where its value is, for who knows it only later. */
uint32_t *dpu_ct_match_tag(struct dpu_spec *spec, enum dpu_ct_tag tag,
                           uint32_t data, uint32_t mask);

/* Appends to 'spec' an item that matches some bits of 'tag', which who
 * installs it says: writes them to '**data' and '**mask'. */
void dpu_ct_match_tag_later(struct dpu_spec *spec, enum dpu_ct_tag tag,
                            uint32_t **data, uint32_t **mask);

/* Append to 'spec' the action that sets all of a register, as a device with
 * 'caps' has it.  Return where its value is, for who knows it only later. */
uint32_t *dpu_ct_set_tag(struct dpu_spec *spec, const struct dpu_caps *caps,
                         enum dpu_ct_tag tag, uint32_t data);
uint32_t *dpu_ct_set_meta(struct dpu_spec *spec, const struct dpu_caps *caps,
                          uint32_t data);

#endif /* ofproto-dpif-dpu/device/dpu-ct-regs.h */
