# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors

"""Threads of a daemon that stand still, as on a very busy machine, by
ptrace(2)."""

import ctypes
import os
import random
import threading
import time

PTRACE_DETACH, PTRACE_SEIZE, PTRACE_INTERRUPT = 17, 0x4206, 0x4207
WALL = 0x40000000               # For os.waitpid(): threads, too.
MSEC = 0.001

# Those of Open vSwitch, of the plugin and of the emulated device.
NAMES = ('ovs-vswitchd', 'pmd', 'hw_offload', 'revalidator', 'urcu', 'dpu_')

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long] * 4


def ptrace(request, thread):
    if libc.ptrace(request, thread, 0, 0):
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


def threads(pid, names):
    """The threads of process 'pid' with names that begin with one of
    'names'."""
    found = []
    tasks = '/proc/%d/task/' % pid
    for task in os.listdir(tasks):
        try:
            with open(tasks + task + '/comm') as comm:
                if comm.read().startswith(names):
                    found.append(int(task))
        except OSError:
            pass                # It has come to its end.
    return sorted(found)


class Stalled:
    """For "with": 'thread' does not run.  Raises PermissionError where that is
    not allowed."""

    def __init__(self, thread):
        self.thread = thread

    def __enter__(self):
        ptrace(PTRACE_SEIZE, self.thread)
        ptrace(PTRACE_INTERRUPT, self.thread)
        os.waitpid(self.thread, WALL)

    def __exit__(self, *unused):
        ptrace(PTRACE_DETACH, self.thread)


class Stalls:
    """For "with": one thread after the other of process 'pid', chosen by
    chance, stands still for some milliseconds."""

    def __init__(self, pid, seed):
        self.pid = pid
        self.random = random.Random(seed)
        self.n = 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.over.wait(MSEC * self.random.choice([1, 5, 20])):
            thread = self.random.choice(threads(self.pid, NAMES))
            try:
                with Stalled(thread):
                    time.sleep(MSEC * self.random.choice([1, 3, 10, 30, 60]))
                self.n += 1
            except ProcessLookupError:
                pass

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *unused):
        self.over.set()
        self.thread.join()
