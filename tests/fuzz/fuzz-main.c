/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * usage: FUZZ-TARGET FILE-OR-FOLDER...
 *
 * Stands in for libFuzzer where a target runs as a test: gives it the contents
 * of each file, as "make check" does with tests/fuzz/corpus/TARGET.  A target
 * fails by not coming back. */

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned int n_inputs;

static void
fail(const char *path)
{
    fprintf(stderr, "%s: %s\n", path, strerror(errno));
    exit(EXIT_FAILURE);
}

static void
run_file(const char *path, size_t size)
{
    /* As large as the file is: a byte too far is noticed. */
    uint8_t *data = malloc(size ? size : 1);
    FILE *file = fopen(path, "rb");

    if (!data || !file || fread(data, 1, size, file) != size) {
        fail(path);
    }
    fclose(file);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    n_inputs++;
}

static void
run(const char *path)
{
    struct dirent **entries;
    struct stat st;
    int n;

    if (stat(path, &st)) {
        fail(path);
    }
    if (!S_ISDIR(st.st_mode)) {
        run_file(path, st.st_size);
        return;
    }

    n = scandir(path, &entries, NULL, alphasort);
    if (n < 0) {
        fail(path);
    }
    for (int i = 0; i < n; i++) {
        char child[4096];

        if (entries[i]->d_name[0] != '.') {
            snprintf(child, sizeof child, "%s/%s", path, entries[i]->d_name);
            run(child);
        }
        free(entries[i]);
    }
    free(entries);
}

int
main(int argc, char *argv[])
{
    LLVMFuzzerInitialize(&argc, &argv);
    for (int i = 1; i < argc; i++) {
        run(argv[i]);
    }
    printf("%u inputs\n", n_inputs);
    return n_inputs ? EXIT_SUCCESS : EXIT_FAILURE;
}
