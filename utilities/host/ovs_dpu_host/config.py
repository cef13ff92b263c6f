# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors

"""The configuration of the host."""

import configparser
import os

from ovs_dpu_host.steps import HostError

CONFIG = os.environ.get("OVS_DPU_HOST_CONFIG", "/etc/ovs-dpu-host.conf")


def read_config():
    """The section "dpu" of the configuration, with all keys."""
    parser = configparser.ConfigParser()
    parser["dpu"] = {"db": "", "pf": "0",
                     "private-key": "/etc/ovs-dpu-host/host-privkey.pem",
                     "certificate": "/etc/ovs-dpu-host/host-cert.pem",
                     "ca-cert": "/etc/ovs-dpu-host/cacert.pem"}
    keys = set(parser["dpu"])
    try:
        with open(CONFIG) as f:
            parser.read_file(f)
    except FileNotFoundError:
        pass
    except configparser.Error as e:
        raise HostError("{}: {}".format(CONFIG, e))
    for key in parser["dpu"]:
        if key not in keys:
            raise HostError("{}: no such key: {}; there are {}".format(
                CONFIG, key, ", ".join(sorted(keys))))
    return parser["dpu"]
