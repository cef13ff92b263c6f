# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors

"""What hypervisors call, and what they say of the VFs of a VM."""

import sys
import xml.etree.ElementTree

from ovs_dpu_host.config import read_config
from ovs_dpu_host.database import Database, change
from ovs_dpu_host.device import vf_of_pci
from ovs_dpu_host.steps import HostError, Steps, run


def libvirt_vfs(text):
    """What the XML of a domain says of VFs: (number, wanted)."""
    root = xml.etree.ElementTree.fromstring(text)
    domain = root if root.tag == "domain" else root.find(".//domain")
    if domain is None:
        raise HostError("there is no domain in what libvirt says")
    vm = domain.findtext("uuid")
    for i, interface in enumerate(domain.findall("devices/interface")):
        address = interface.find("source/address")
        if interface.get("type") != "hostdev" or address is None:
            continue
        pci = "{:04x}:{:02x}:{:02x}.{:x}".format(*(
            int(address.get(part, "0"), 0)
            for part in ("domain", "bus", "slot", "function")))
        number = vf_of_pci(pci)
        if number is None:
            continue                            # Not a VF.
        parameters = interface.find("virtualport/parameters")
        tag = interface.find("vlan/tag")
        rate = interface.find("bandwidth/outbound")
        mac = interface.find("mac")
        yield number, {
            "iface-id": (parameters.get("interfaceid")
                         if parameters is not None else None)
            or "{}/{}".format(vm, i),
            "attached-mac": mac.get("address") if mac is not None else None,
            "iface-status": "active", "vm-id": vm,
            "tag": int(tag.get("id")) if tag is not None else None,
            # libvirt has kilobytes a second.
            "rate": (int(rate.get("average")) * 8
                     if rate is not None else None)}


def xapi_vfs(uuid):
    """What the other_config of a VM says of VFs: (number, wanted)."""
    def get(key):
        try:
            return run(["xe", "vm-param-get", "uuid=" + uuid,
                        "param-name=other-config",
                        "param-key=" + key]).strip()
        except HostError as e:
            if "not found" in str(e).lower():
                return ""
            raise

    pcis = [p.rpartition("/")[2] for p in get("pci").split(",") if p]
    numbers = [n for n in map(vf_of_pci, pcis) if n is not None]
    ids = get("ovs-dpu-iface-id").split(",") if numbers else []
    tags = get("ovs-dpu-vlan").split(",") if numbers else []
    for i, number in enumerate(numbers):
        tag = tags[i] if i < len(tags) else ""
        yield number, {
            "iface-id": (ids[i] if i < len(ids) else "")
            or "{}/{}".format(uuid, i),
            "iface-status": "active", "vm-id": uuid,
            "tag": int(tag) if tag else None}


def hook(args):
    """What a hypervisor calls when a VM starts and when it has ended."""
    if args.hypervisor == "libvirt":
        start = {("prepare", "begin"): True, ("release", "end"): False}.get(
            tuple(args.arguments[1:3]))
        if start is None:
            return                              # Nothing to do at this time.
        vfs = list(libvirt_vfs(sys.stdin.read()))
    else:
        start = args.arguments[0] == "vm-pre-start"
        uuid = args.arguments[args.arguments.index("-vmuuid") + 1]
        vfs = list(xapi_vfs(uuid))
    if not vfs:
        return                                  # Nothing of ours.
    config = read_config()
    db = Database(config, None)
    for number, wanted in vfs:
        change(db, config.getint("pf"), number, wanted if start else {},
               Steps(False))
