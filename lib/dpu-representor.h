/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-representor: names of the functions behind a DPU's embedded switch, as
 * people, kernels and DPDK spell them:
 *
 *     Function         Names that are read           DPDK's "representor="
 *     ---------------  ----------------------------  ---------------------
 *     uplink           p0 pf0                        (none), pf1
 *     host's PF        hpf pf0hpf c1pf0 pf0vf65535   pf0vf65535
 *     virtual function 3 [3] vf3 pf0vf3 c1pf0vf3     pf0vf3
 *     subfunction      sf4 pf0sf4 c1pf0sf4           pf0sf4
 *
 * The number 65535 for the host's physical function is that of DPDK's mlx5
 * driver (DPDK guide "MLX5 Ethernet Poll Mode Driver", "Representor").
 *
 * Thread-safety: pure functions. */

#ifndef DPU_REPRESENTOR_H
#define DPU_REPRESENTOR_H 1

#include <stdbool.h>
#include <stddef.h>

/* What a representor stands for. */
enum dpu_function {
    DPU_FUNCTION_UPLINK,        /* The network. */
    DPU_FUNCTION_HPF,           /* The host's physical function. */
    DPU_FUNCTION_VF,            /* A virtual function of the host. */
    DPU_FUNCTION_SF,            /* A subfunction. */
};

/* Controller or PF: "that of the device itself". */
#define DPU_REPRESENTOR_OWN (-1)

/* The largest number of a controller, PF, VF or SF. */
#define DPU_REPRESENTOR_MAX 65534

/* Room for any name, with its null terminator. */
#define DPU_REPRESENTOR_STRLEN 32

struct dpu_representor {
    enum dpu_function function;
    int controller;             /* Or DPU_REPRESENTOR_OWN. */
    int pf;                     /* Or DPU_REPRESENTOR_OWN. */
    int number;                 /* Of a VF or SF, otherwise 0. */
};

/* Reads 'name', one of the names in the table above, also with brackets
 * around single numbers ("pf[0]vf[3]").  Returns NULL and stores it in
 * '*representor', or returns what is wrong with it, a constant string that
 * reads well after "'NAME' ". */
const char *dpu_representor_parse(const char *name,
                                  struct dpu_representor *representor);

/* The same for a kernel's phys_port_name (Linux, devlink-port documentation),
 * in which "pf0" is the host's physical function. */
const char *dpu_representor_parse_phys_port_name(
    const char *name, struct dpu_representor *representor);

/* Puts the canonical name, "pf0vf3", into 'name'.  'own_pf' is the PF of the
 * device, for representors that name none. */
void dpu_representor_format(const struct dpu_representor *, int own_pf,
                            char name[DPU_REPRESENTOR_STRLEN]);

/* Puts what DPDK's devargs "representor=" wants into 'arg': without a PF if
 * 'representor' names none, as drivers that know one PF alone want it.
 * Returns false if nothing is wanted: the uplink of PF 'own_pf'. */
bool dpu_representor_format_devarg(const struct dpu_representor *, int own_pf,
                                   char arg[DPU_REPRESENTOR_STRLEN]);

#endif /* lib/dpu-representor.h */
