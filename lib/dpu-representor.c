/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "lib/dpu-representor.h"

#include <stdio.h>
#include <string.h>

/* mlx5's VF number for the host's physical function. */
#define HPF_VF 65535

/* What dpu_representor_parse() returns. */
static const char bad_name[] = "is not the name of a function (p0, pf0hpf, "
                               "vf3, pf0vf3, c1pf0vf3, pf0sf4)";
static const char bad_number[] = "has a number that is too large (the last "
                                 "one is 65534)";
static const char bad_list[] = "names several functions, a port is one "
                               "(pf0vf3)";

/* A name that is being read: 'pos' moves on, 'error' is set once. */
struct reader {
    const char *pos;
    const char *error;
};

static bool
read_word(struct reader *r, const char *word)
{
    size_t len = strlen(word);

    if (r->error || strncmp(r->pos, word, len)) {
        return false;
    }
    r->pos += len;
    return true;
}

/* Reads a number, also in brackets, of at most HPF_VF. */
static int
read_number(struct reader *r)
{
    bool bracket = read_word(r, "[");
    bool digits = false;
    int number = 0;

    if (r->error) {
        return 0;
    }
    for (; *r->pos >= '0' && *r->pos <= '9'; r->pos++) {
        digits = true;
        number = number * 10 + (*r->pos - '0');
        if (number > HPF_VF) {
            r->error = bad_number;
            return 0;
        }
    }
    if (!digits) {
        r->error = bad_name;
    } else if (*r->pos == '-' || *r->pos == ',') {
        r->error = bad_list;
    } else if (bracket && !read_word(r, "]")) {
        r->error = bad_name;
    }
    return number;
}

/* A number for which HPF_VF does not stand for something else. */
static int
read_index(struct reader *r)
{
    int number = read_number(r);

    if (!r->error && number > DPU_REPRESENTOR_MAX) {
        r->error = bad_number;
    }
    return number;
}

/* Reads what follows [c#][pf#]: the function itself. */
static void
read_function(struct reader *r, struct dpu_representor *rep,
              enum dpu_function bare_pf)
{
    if (read_word(r, "vf")) {
        rep->function = DPU_FUNCTION_VF;
        rep->number = read_number(r);
    } else if (read_word(r, "sf")) {
        rep->function = DPU_FUNCTION_SF;
        rep->number = read_index(r);
    } else if (read_word(r, "hpf")) {
        rep->function = DPU_FUNCTION_HPF;
    } else if (rep->pf != DPU_REPRESENTOR_OWN) {
        /* A PF behind another controller is never the uplink. */
        rep->function = (rep->controller != DPU_REPRESENTOR_OWN
                         ? DPU_FUNCTION_HPF : bare_pf);
    } else {
        rep->function = DPU_FUNCTION_VF;
        rep->number = read_number(r);
    }
    if (rep->function == DPU_FUNCTION_VF && rep->number == HPF_VF) {
        rep->function = DPU_FUNCTION_HPF;
        rep->number = 0;
    }
}

static const char *
parse(const char *name, enum dpu_function bare_pf,
      struct dpu_representor *rep)
{
    struct reader r = { .pos = name };

    rep->controller = rep->pf = DPU_REPRESENTOR_OWN;
    rep->number = 0;
    if (name[0] == 'p' && name[1] != 'f') {
        r.pos++;
        rep->function = DPU_FUNCTION_UPLINK;
        rep->pf = read_index(&r);
    } else {
        if (read_word(&r, "c")) {
            rep->controller = read_index(&r);
            if (!r.error && strncmp(r.pos, "pf", 2)) {
                r.error = bad_name;
            }
        }
        if (read_word(&r, "pf")) {
            rep->pf = read_index(&r);
        }
        if (!r.error) {
            read_function(&r, rep, bare_pf);
        }
    }
    if (!r.error && *r.pos) {
        r.error = bad_name;
    }
    return r.error;
}

const char *
dpu_representor_parse(const char *name, struct dpu_representor *rep)
{
    return parse(name, DPU_FUNCTION_UPLINK, rep);
}

const char *
dpu_representor_parse_phys_port_name(const char *name,
                                     struct dpu_representor *rep)
{
    return parse(name, DPU_FUNCTION_HPF, rep);
}

/* Puts "", "pf0" or "c1pf0" into 'prefix'. */
static void
format_prefix(const struct dpu_representor *rep, int pf,
              char prefix[DPU_REPRESENTOR_STRLEN])
{
    if (rep->controller != DPU_REPRESENTOR_OWN) {
        snprintf(prefix, DPU_REPRESENTOR_STRLEN, "c%hupf%hu",
                 (unsigned short) rep->controller, (unsigned short) pf);
    } else {
        snprintf(prefix, DPU_REPRESENTOR_STRLEN, "pf%hu",
                 (unsigned short) pf);
    }
}

void
dpu_representor_format(const struct dpu_representor *rep, int own_pf,
                       char name[DPU_REPRESENTOR_STRLEN])
{
    int pf = rep->pf == DPU_REPRESENTOR_OWN ? own_pf : rep->pf;
    unsigned short int number = rep->number;
    char prefix[DPU_REPRESENTOR_STRLEN];

    format_prefix(rep, pf, prefix);
    switch (rep->function) {
    case DPU_FUNCTION_UPLINK:
        snprintf(name, DPU_REPRESENTOR_STRLEN, "p%hu", (unsigned short) pf);
        break;
    case DPU_FUNCTION_HPF:
        snprintf(name, DPU_REPRESENTOR_STRLEN, "%.20shpf", prefix);
        break;
    case DPU_FUNCTION_VF:
        snprintf(name, DPU_REPRESENTOR_STRLEN, "%.20svf%hu", prefix, number);
        break;
    case DPU_FUNCTION_SF:
        snprintf(name, DPU_REPRESENTOR_STRLEN, "%.20ssf%hu", prefix, number);
        break;
    }
}

bool
dpu_representor_format_devarg(const struct dpu_representor *rep, int own_pf,
                              char arg[DPU_REPRESENTOR_STRLEN])
{
    bool own = (rep->pf == DPU_REPRESENTOR_OWN
                && rep->controller == DPU_REPRESENTOR_OWN);
    struct dpu_representor vf = *rep;

    if (rep->function == DPU_FUNCTION_UPLINK) {
        int pf = rep->pf == DPU_REPRESENTOR_OWN ? own_pf : rep->pf;

        snprintf(arg, DPU_REPRESENTOR_STRLEN, "pf%hu", (unsigned short) pf);
        return pf != own_pf;
    } else if (rep->function == DPU_FUNCTION_HPF) {
        vf.function = DPU_FUNCTION_VF;
        vf.number = HPF_VF;
    }
    if (own) {
        snprintf(arg, DPU_REPRESENTOR_STRLEN, "%cf%hu",
                 vf.function == DPU_FUNCTION_VF ? 'v' : 's',
                 (unsigned short) vf.number);
    } else {
        dpu_representor_format(&vf, own_pf, arg);
    }
    return true;
}
