# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors
#
# packages.py: Debian's packages of OVN, unpacked and not installed: to install
# them starts daemons.

import os
import pathlib
import pwd
import subprocess

NAMES = ("ovn-central", "ovn-common", "ovn-host")


def unpack(cache):
    """Downloads and unpacks OVN below the folder 'cache', unless it is there
    already, and returns where."""
    cache = pathlib.Path(cache).resolve()
    root = cache / "root"
    if root.exists():
        return root
    cache.mkdir(parents=True, exist_ok=True)
    user = pwd.getpwuid(os.getuid()).pw_name
    subprocess.run(["apt-get", "-q", "-o", f"APT::Sandbox::User={user}",
                    "download", *NAMES], cwd=cache, check=True)
    for name in NAMES:
        for package in cache.glob(f"{name}_*.deb"):
            subprocess.run(["dpkg-deb", "-x", package, cache / "root.new"],
                           check=True)
            package.unlink()
    (cache / "root.new").rename(root)
    return root
