# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors

"""A PF and its VFs, and what drives them, by sysfs."""

import json
import os
import re

from ovs_dpu_host.steps import HostError, Steps

SYSFS = os.environ.get("OVS_DPU_HOST_SYSFS", "/sys")
STATE = os.environ.get("OVS_DPU_HOST_STATE", "/var/lib/ovs-dpu-host")
PCI = re.compile(r"[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$")


class Device:
    """A PF and its VFs, as sysfs has them."""

    def __init__(self, name):
        """'name' is a PCI address or a network device."""
        if not PCI.match(name):
            link = "{}/class/net/{}/device".format(SYSFS, name)
            if not os.path.exists(link):
                raise HostError("{}: neither a PCI address, as 0000:03:00.0, "
                                "nor a network device".format(name))
            name = os.path.basename(os.path.realpath(link))
        self.name = name
        self.dir = "{}/bus/pci/devices/{}".format(SYSFS, name)
        if not os.path.exists(self.dir):
            raise HostError("{}: there is no such PCI device".format(name))
        if not os.path.exists(self.dir + "/sriov_numvfs"):
            raise HostError("{}: this function has no VFs (no sriov_numvfs): "
                            "SR-IOV is off in the device's or the machine's "
                            "firmware, or its driver is not loaded".format(
                                name))

    def read(self, attribute):
        with open("{}/{}".format(self.dir, attribute)) as f:
            return int(f.read())

    def autoprobe(self):
        """Whether drivers of the host's take new VFs; None if that cannot be
        said, with a kernel before 4.12."""
        if os.path.exists(self.dir + "/sriov_drivers_autoprobe"):
            return self.read("sriov_drivers_autoprobe")
        return None

    def vfs(self):
        """The PCI addresses of the VFs, by number."""
        found = {}
        for entry in os.listdir(self.dir):
            match = re.match(r"virtfn(\d+)$", entry)
            if match:
                found[int(match.group(1))] = os.path.basename(
                    os.path.realpath("{}/{}".format(self.dir, entry)))
        return [found[n] for n in sorted(found)]

    @property
    def memory(self):
        """The file with what there was before setup()."""
        return "{}/{}.json".format(STATE, self.name)

    def remember(self, dry_run):
        if dry_run or os.path.exists(self.memory):
            return
        if not os.path.isdir(STATE):
            os.makedirs(STATE, 0o755)
        with open(self.memory + ".tmp", "w") as f:
            json.dump({"vfs": self.read("sriov_numvfs"),
                       "autoprobe": self.autoprobe()}, f)
        os.rename(self.memory + ".tmp", self.memory)


def driver_of(pci):
    link = "{}/bus/pci/devices/{}/driver".format(SYSFS, pci)
    return (os.path.basename(os.path.realpath(link))
            if os.path.exists(link) else None)


def bind(steps, pci, driver):
    """Has 'driver' drive 'pci', and no other one take it."""
    device = "{}/bus/pci/devices/{}".format(SYSFS, pci)
    try:
        with open(device + "/driver_override") as f:
            override = f.read().strip()
    except FileNotFoundError:
        override = None             # Not there yet, in a dry run.
    if override != driver:
        steps.write(device + "/driver_override", driver)
    now = driver_of(pci)
    if now != driver:
        if now:
            steps.write("{}/bus/pci/drivers/{}/unbind".format(SYSFS, now),
                        pci)
        steps.write(SYSFS + "/bus/pci/drivers_probe", pci)


def setup(args):
    device = Device(args.device)
    steps = Steps(args.dry_run)
    have, most = device.read("sriov_numvfs"), device.read("sriov_totalvfs")
    if not 1 <= args.vfs <= most:
        raise HostError("--vfs={}: {} can have 1 to {}".format(
            args.vfs, device.name, most))
    if have not in (0, args.vfs) and not args.force:
        raise HostError("--vfs={}: {} has {} VFs, which would all be removed "
                        "first.  If nobody uses them, say --force".format(
                            args.vfs, device.name, have))
    device.remember(args.dry_run)
    if have != args.vfs:
        if args.driver and device.autoprobe():
            # No driver of the host's is to take them first.
            steps.write(device.dir + "/sriov_drivers_autoprobe", "0")
        if have:
            steps.write(device.dir + "/sriov_numvfs", "0")
        steps.write(device.dir + "/sriov_numvfs", str(args.vfs))
    if args.driver:
        vfs = device.vfs()
        if len(vfs) < args.vfs and args.dry_run:
            print("# and each of {} VFs to {}".format(args.vfs, args.driver))
        for pci in vfs:
            bind(steps, pci, args.driver)
    steps.end("{}, {} VFs".format(device.name, args.vfs))


def undo(args):
    device = Device(args.device)
    steps = Steps(args.dry_run)
    try:
        with open(device.memory) as f:
            before = json.load(f)
    except FileNotFoundError:
        steps.end(device.name)
        return
    for pci in device.vfs():
        path = "{}/bus/pci/devices/{}/driver_override".format(SYSFS, pci)
        with open(path) as f:
            if f.read().strip() not in ("", "(null)"):
                steps.write(path, "")
    if device.autoprobe() != before["autoprobe"]:
        steps.write(device.dir + "/sriov_drivers_autoprobe",
                    str(before["autoprobe"]))
    if device.read("sriov_numvfs") != before["vfs"]:
        steps.write(device.dir + "/sriov_numvfs", "0")
        if before["vfs"]:
            steps.write(device.dir + "/sriov_numvfs", str(before["vfs"]))
    if not args.dry_run:
        os.unlink(device.memory)
    steps.end(device.name)


def vf_of_pci(pci):
    """The number of the VF 'pci', or None if it is none."""
    pf = "{}/bus/pci/devices/{}/physfn".format(SYSFS, pci)
    if not os.path.exists(pf):
        return None
    for entry in os.listdir(pf):
        match = re.match(r"virtfn(\d+)$", entry)
        if match and os.path.basename(os.path.realpath(
                os.path.join(pf, entry))) == pci:
            return int(match.group(1))
    return None
