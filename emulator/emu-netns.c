/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-netns: doing something in another network namespace. */
#include "emu-netns.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "emu-log.h"

struct emu_netns_visit {
	const char *netns;
	int (*function)(void *aux);
	void *aux;
	int ret;
};

static int
emu_netns_enter(const char *netns)
{
	char path[PATH_MAX];
	int fd, ret = 0;

	snprintf(path, sizeof(path), "%s%s",
		 *netns == '/' ? "" : "/run/netns/", netns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		ret = -errno;
		EMU_LOG(ERR, "%s: cannot open network namespace: %s (create "
			"it first, e.g. with \"ip netns add\")", path,
			strerror(-ret));
		return ret;
	}
	if (setns(fd, CLONE_NEWNET) < 0) {
		ret = -errno;
		EMU_LOG(ERR, "%s: cannot enter network namespace: %s", path,
			strerror(-ret));
	}
	close(fd);
	return ret;
}

static void *
emu_netns_main(void *visit_)
{
	struct emu_netns_visit *visit = visit_;

	visit->ret = emu_netns_enter(visit->netns);
	if (visit->ret == 0)
		visit->ret = visit->function(visit->aux);
	return NULL;
}

int
emu_netns_call(const char *netns, int (*function)(void *aux), void *aux)
{
	struct emu_netns_visit visit = { netns, function, aux, 0 };
	pthread_t thread;
	int error;

	if (*netns == '\0')
		return function(aux);
	error = pthread_create(&thread, NULL, emu_netns_main, &visit);
	if (error != 0)
		return -error;
	pthread_join(thread, NULL);
	return visit.ret;
}
