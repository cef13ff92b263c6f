/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/dpu-representor.h"

struct spelling {
    const char *name;
    const char *canonical;      /* With the device's own PF being 1. */
    const char *devarg;         /* NULL: none. */
};

static void
test_spellings(void **state)
{
    static const struct spelling spellings[] = {
        { "p0", "p0", "pf0" },
        { "p1", "p1", NULL },
        { "pf1", "p1", NULL },
        { "pf0", "p0", "pf0" },
        { "hpf", "pf1hpf", "vf65535" },
        { "pf0hpf", "pf0hpf", "pf0vf65535" },
        { "pf0vf65535", "pf0hpf", "pf0vf65535" },
        { "vf65535", "pf1hpf", "vf65535" },
        { "c1pf0", "c1pf0hpf", "c1pf0vf65535" },
        { "c1pf0hpf", "c1pf0hpf", "c1pf0vf65535" },
        { "3", "pf1vf3", "vf3" },
        { "[3]", "pf1vf3", "vf3" },
        { "vf3", "pf1vf3", "vf3" },
        { "vf[3]", "pf1vf3", "vf3" },
        { "pf0vf3", "pf0vf3", "pf0vf3" },
        { "pf[0]vf[3]", "pf0vf3", "pf0vf3" },
        { "pf1vf127", "pf1vf127", "pf1vf127" },
        { "c1pf0vf3", "c1pf0vf3", "c1pf0vf3" },
        { "sf4", "pf1sf4", "sf4" },
        { "pf0sf88", "pf0sf88", "pf0sf88" },
        { "c2pf1sf4", "c2pf1sf4", "c2pf1sf4" },
        { "vf65534", "pf1vf65534", "vf65534" },
    };

    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        const struct spelling *s = &spellings[i];
        char name[DPU_REPRESENTOR_STRLEN], arg[DPU_REPRESENTOR_STRLEN];
        struct dpu_representor rep, again;
        const char *error = dpu_representor_parse(s->name, &rep);

        if (error) {
            fail_msg("'%s' %s", s->name, error);
        }
        dpu_representor_format(&rep, 1, name);
        assert_string_equal(name, s->canonical);
        if (dpu_representor_format_devarg(&rep, 1, arg)) {
            assert_non_null(s->devarg);
            assert_string_equal(arg, s->devarg);
        } else {
            assert_null(s->devarg);
        }

        /* The canonical name means the same. */
        assert_null(dpu_representor_parse(name, &again));
        assert_int_equal(again.function, rep.function);
        assert_int_equal(again.number, rep.number);
        assert_int_equal(again.controller, rep.controller);
    }
}

static void
test_garbage(void **state)
{
    static const char *const names[] = {
        "", " ", "x", "v", "vf", "vf-1", "vf3 ", " vf3", "vf3x", "vf[3",
        "vf3]", "[]", "[", "]", "p", "px", "p0x", "pf", "pfvf3", "pf0v3",
        "pf0vf", "pf0hp", "pf0hpf0", "c", "c1", "c1vf3", "c1p0", "cpf0vf3",
        "pf0[3]", "0x3", "VF3", "pf0vf3,", "vf3/..", "sf", "sf65535",
        "pf65535", "vf65536", "vf99999999999999999999", "pf0pf0", "p0p1",
        "p0s1", "\377", "vf3\n",
    };
    static const char *const lists[] = {
        "[0-3]", "[0,2]", "vf[0-3]", "pf0vf[0-3]", "pf[0-1]vf3", "0-3",
        "vf0-3",
    };
    struct dpu_representor rep;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!dpu_representor_parse(names[i], &rep)) {
            fail_msg("'%s' was taken", names[i]);
        }
    }
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        const char *error = dpu_representor_parse(lists[i], &rep);

        assert_non_null(error);
        assert_string_equal(error, "names several functions, a port is one "
                            "(pf0vf3)");
    }
}

/* A kernel's "pf0" is the host's physical function, a person's the uplink. */
static void
test_phys_port_name(void **state)
{
    struct dpu_representor rep;

    assert_null(dpu_representor_parse_phys_port_name("p1", &rep));
    assert_int_equal(rep.function, DPU_FUNCTION_UPLINK);
    assert_int_equal(rep.pf, 1);
    assert_null(dpu_representor_parse_phys_port_name("pf0", &rep));
    assert_int_equal(rep.function, DPU_FUNCTION_HPF);
    assert_null(dpu_representor_parse_phys_port_name("pf0hpf", &rep));
    assert_int_equal(rep.function, DPU_FUNCTION_HPF);
    assert_null(dpu_representor_parse_phys_port_name("c1pf0vf3", &rep));
    assert_int_equal(rep.function, DPU_FUNCTION_VF);
    assert_int_equal(rep.controller, 1);
    assert_int_equal(rep.number, 3);
}

/* Each string of five bytes that matter: none crashes, and what is taken is
 * canonical after one round. */
static void
test_exhaustive(void **state)
{
    static const char alphabet[] = "pfvshc019[]-,";
    char name[6] = "";

    for (size_t n = 0; n < 13 * 13 * 13 * 13 * 13; n++) {
        char first[DPU_REPRESENTOR_STRLEN], second[DPU_REPRESENTOR_STRLEN];
        struct dpu_representor rep;
        size_t rest = n;

        for (int i = 0; i < 5; i++, rest /= 13) {
            name[i] = alphabet[rest % 13];
        }
        if (!dpu_representor_parse(name, &rep)) {
            dpu_representor_format(&rep, 0, first);
            assert_null(dpu_representor_parse(first, &rep));
            dpu_representor_format(&rep, 0, second);
            assert_string_equal(first, second);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spellings),
        cmocka_unit_test(test_garbage),
        cmocka_unit_test(test_phys_port_name),
        cmocka_unit_test(test_exhaustive),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
