/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "tests/unit/netlink-replay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/fake-netlink.h"

#define MAX_MESSAGES 64

struct message {
    bool request;
    size_t len;
    uint8_t *data;
};

static struct message messages[MAX_MESSAGES];
static size_t n_messages, position;
static bool compare;            /* Whether requests are in the script. */

void
replay_start(void)
{
    while (n_messages > 0) {
        free(messages[--n_messages].data);
    }
    position = 0;
    compare = false;
}

static void
add(bool request, const void *data, size_t len)
{
    struct message *message = &messages[n_messages];

    assert_true(n_messages < MAX_MESSAGES);
    message->request = request;
    message->len = len;
    message->data = malloc(len ? len : 1);
    assert_non_null(message->data);
    memcpy(message->data, data, len);
    n_messages++;
}

void
replay_answer(const void *message, size_t len)
{
    add(false, message, len);
}

void
replay_file(const char *name)
{
    static char line[2 * 65536];
    static uint8_t data[65536];
    char path[4096];
    FILE *file;

    replay_start();
    compare = true;
    snprintf(path, sizeof path, "%s/%s", TEST_DATA, name);
    file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        size_t len = 0;

        assert_true(line[0] == '<' || line[0] == '>');
        while (sscanf(line + 2 + 2 * len, "%2hhx", &data[len]) == 1) {
            len++;
        }
        add(line[0] == '>', data, len);
    }
    fclose(file);
}

void
replay_done(void)
{
    assert_int_equal(position, n_messages);
    replay_start();
}

ssize_t
__wrap_mnl_socket_sendto(const struct mnl_socket *socket, const void *buf,
                         size_t len)
{
    if (compare) {
        const struct message *message = &messages[position++];

        assert_true(position <= n_messages);
        assert_true(message->request);
        assert_int_equal(len, message->len);
        assert_memory_equal(buf, message->data, len);
    }
    return len;
}

ssize_t
__wrap_mnl_socket_recvfrom(const struct mnl_socket *socket, void *buf,
                           size_t size)
{
    const struct message *message = &messages[position++];

    assert_true(position <= n_messages);
    assert_false(message->request);
    assert_true(message->len <= size);
    memcpy(buf, message->data, message->len);
    return message->len;
}
