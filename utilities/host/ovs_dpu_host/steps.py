# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors

"""What is done: files of sysfs, and other programs."""

import shlex
import subprocess


class HostError(Exception):
    """Something that the user is to read, without a traceback."""


class Steps:
    """Changes, each printed as the command that does the same by hand."""

    def __init__(self, dry_run):
        self.dry_run = dry_run
        self.n = 0

    def write(self, path, value):
        """Writes 'value' into the file 'path' of sysfs."""
        print("echo {} > {}".format(shlex.quote(value), path))
        self.n += 1
        if self.dry_run:
            return
        try:
            with open(path, "w") as f:
                f.write(value + "\n")
        except OSError as e:
            raise HostError("echo {} > {}: {}".format(
                shlex.quote(value), path, e.strerror))

    def run(self, argv, shown):
        print(shown)
        self.n += 1
        if not self.dry_run:
            run(argv)

    def end(self, what):
        if not self.n:
            print("# {}: nothing to change".format(what))


def run(argv):
    """Runs 'argv' and returns its output."""
    try:
        result = subprocess.run(argv, universal_newlines=True,
                                stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE)
    except FileNotFoundError:
        raise HostError("{} is missing".format(argv[0]))
    if result.returncode:
        raise HostError("{}: {}".format(
            argv[0], (result.stderr or result.stdout).strip()))
    return result.stdout
