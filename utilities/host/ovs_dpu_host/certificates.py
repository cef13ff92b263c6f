# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors

"""Certificates for the DPU and its hosts."""

import os
import re

from ovs_dpu_host.steps import HostError, run


def certificates(args):
    """An authority of its own, and what the DPU and each host need of it.
    A host is known by the name in its certificate."""
    for name in args.hosts:
        if not re.match(r"[A-Za-z0-9._-]+$", name) or name == "dpu":
            raise HostError("{}: the name of a host, of letters, digits and "
                            "\"._-\", is wanted".format(name))
    folder = os.path.abspath(args.folder)
    pki = ["ovs-pki", "--dir=" + folder + "/pki",
           "--log=" + folder + "/ovs-pki.log"]
    os.makedirs(folder, mode=0o700, exist_ok=True)
    here = os.getcwd()
    os.chdir(folder)
    try:
        if not os.path.exists("pki/switchca/cacert.pem"):
            run(pki + ["init"])
        for name in ["dpu"] + args.hosts:
            if not os.path.exists(name + "-cert.pem"):
                run(pki + ["--batch", "--force", "--unique", "req+sign", name,
                           "switch"])
        if not os.path.exists("cacert.pem"):
            with open("pki/switchca/cacert.pem") as f, \
                    open("cacert.pem", "w") as copy:
                copy.write(f.read())
    finally:
        os.chdir(here)
    print("In {}:\n"
          "  dpu-privkey.pem, dpu-cert.pem, cacert.pem: for the DPU's "
          "/etc/ovs-dpu-guard, and there\n"
          "    systemctl enable --now ovs-dpu-guard".format(folder))
    for name in args.hosts:
        print("  {0}-privkey.pem, {0}-cert.pem, cacert.pem: for the "
              "/etc/ovs-dpu-host of host {0},\n"
              "    as host-privkey.pem, host-cert.pem and cacert.pem; it is "
              "given its ports on the DPU by\n"
              "    ovs-dpuctl setup --owner={0}".format(name))
    print("  pki: the authority; keep it elsewhere")
