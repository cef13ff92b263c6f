/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-ct-class: what megaflows match of a connection that is wider than a
 * register, ct_label and the original tuple, as numbers in one of 32 bits.
 *
 * A megaflow asks for values under masks.  The register, DPU_CT_TAG_CLASS, is
 * divided into fields as they are asked for.  A field stands for a mask, and a
 * number in it for a value under that mask; 0 is any value that nobody asks
 * for.  A field is as narrow as makes sense, and a mask with more values than
 * fit gets further, wider ones.
 *
 * The class of a connection is what its packets carry in the register: in each
 * field the number of its value.  A megaflow's rule matches the fields of its
 * masks.  So it is one rule, whatever connections there are, and what a
 * connection carries does not depend on which megaflows its packets meet.
 *
 * Who asks comes and goes while connections are on the device.  What a
 * connection carries of a value that was asked for later is 0: its packets
 * match no such rule and come up to software, which is always right, and which
 * finds that the connection lacks something (dpu_ct_class_lacks()).  A number
 * keeps its meaning as long as a megaflow or a connection refers to it, and
 * DPU_CT_CLASS_LINGER longer, for packets that carry it.
 *
 * Thread-safety: any thread. */

#ifndef DPU_CT_CLASS_H
#define DPU_CT_CLASS_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ofproto-dpif-dpu/device/dpu-ct-traits.h"

struct dpu_refs;

/* In msec: no packet is on its way within the device for longer. */
#define DPU_CT_CLASS_LINGER 10000

/* A megaflow asks for connections that have 'value' under 'mask', which is not
 * all zeros.  Returns what the register of their packets has under
 * dpu_ct_class_mask(), with new references; 0 if there is no room. */
uint32_t dpu_ct_class_get(const struct dpu_ct_traits *value,
                          const struct dpu_ct_traits *mask);

/* Gives these references back.  'class' may be 0. */
void dpu_ct_class_put(uint32_t class);

/* The bits of the register of the fields that 'class' has numbers in. */
uint32_t dpu_ct_class_mask(uint32_t class);

/* Returns the class of a connection with 'traits' that comes to hardware: all
 * that megaflows ask for at present and that it has, with references.  0 if
 * there is nothing of the kind, which takes no lock if nobody ever asked. */
uint32_t dpu_ct_class_join(const struct dpu_ct_traits *traits);

/* Gives these references back.  'class' may be 0. */
void dpu_ct_class_leave(uint32_t class);

/* Whether megaflows ask for something that a connection with 'traits' has and
 * its 'class' does not say.  Takes no lock. */
bool dpu_ct_class_lacks(uint32_t class, const struct dpu_ct_traits *traits);

/* A number that grows whenever megaflows ask for something that nobody asked
 * for before: a class from dpu_ct_class_join() lacks nothing while this is
 * what it was before that. */
uint32_t dpu_ct_class_generation(void);

/* Adds the references to values that 'class' stands for to 'refs': those of a
 * megaflow that asks for it, as DPU_REF_ASKED, or else of a connection that
 * carries it, as DPU_REF_CARRIED.  If a number in it means nothing, the whole
 * of it is one object, which is not there. */
void dpu_ct_class_add_refs(uint32_t class, bool megaflow,
                           struct dpu_refs *refs);

/* After dpu_refs_finish(): whether a number in 'class' means nothing. */
bool dpu_ct_class_dangles(uint32_t class, bool megaflow,
                          const struct dpu_refs *refs);

/* Compares the references to values with those in 'refs', and corrects
 * them. */
void dpu_ct_class_audit_refs(struct dpu_refs *refs);

/* How many numbers somebody refers to. */
size_t dpu_ct_class_count(void);

#endif /* ofproto-dpif-dpu/ct/dpu-ct-class.h */
