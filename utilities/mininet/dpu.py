# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors
"""dpu: switches of Mininet that are emulated DPUs.

    mn --custom dpu.py --switch dpu --controller none --test pingall
    mn --custom dpu.py --switch dpu --controller none --link vf
    mn --custom dpu.py --switch dpu --controller none --topo vxlan,2

DPUSwitch is an Open vSwitch on a DPU of its own, in a network namespace: a lab
of ovs-dpu-lab(8).  Each link is a function of the DPU: to a host a VF, to
another switch an uplink, of which there are two, then a VF.

VFLink (--link vf) gives a host the VF itself: a netdev that the DPU has behind
it.  Any other link of Mininet works, too: its far end is wired to the VF, and
its near end is the host's.

The topology "vxlan,N" is two DPUs with N hosts each, and VXLAN between them.

The switches decide by themselves ("standalone"): their namespaces have no way
to a controller.  OpenFlow rules are put there by "sh" or "dpctl" in Mininet's
shell, and "s1 ovs-appctl dpu/show" says what hardware does.

DPU_LAB_OPTIONS has more options of "ovs-dpu-lab start": "--profile mlx5".
"""

import os
import shlex
import shutil
import sys

from mininet.link import Intf, Link, OVSLink, TCLink, TCULink
from mininet.log import error
from mininet.node import OVSBridge, OVSSwitch
from mininet.topo import Topo

MAX_VFS = 31                    # Of an emulated DPU, as Debian builds DPDK.


def find_lab():
    """The program ovs-dpu-lab: in this source tree, or installed."""
    # Mininet executes this file without telling it where it is.
    here = os.path.dirname(os.path.realpath(
        sys._getframe().f_code.co_filename))
    near = os.path.join(os.path.dirname(here), "ovs-dpu-lab")
    return near if os.path.exists(near) else shutil.which("ovs-dpu-lab")


LAB = find_lab()


class DPUPort(Intf):
    """The end of a VFLink in a DPU: a representor, and no netdev."""

    def ifconfig(self, *args):
        return ""

    def delete(self):
        pass

    def isUp(self, setUp=False):
        return True


class VFLink(Link):
    """A VF: a netdev in a host, and a DPU behind it."""

    def __init__(self, node1, node2, **params):
        self.dpu_is_first = isinstance(node1, DPUSwitch)
        self.is_vf = self.dpu_is_first != isinstance(node2, DPUSwitch)
        if self.is_vf:
            params["cls1" if self.dpu_is_first else "cls2"] = DPUPort
        Link.__init__(self, node1, node2, **params)

    def makeIntfPair(self, intfname1, intfname2, addr1=None, addr2=None,
                     node1=None, node2=None, deleteIntfs=True):
        if not self.is_vf:
            return Link.makeIntfPair(intfname1, intfname2, addr1, addr2,
                                     node1, node2, deleteIntfs=deleteIntfs)
        name, mac, node = ((intfname2, addr2, node2) if self.dpu_is_first
                           else (intfname1, addr1, node1))
        # The DPU takes a tap that is there for its VF.
        node.cmd("ip tuntap add mode tap dev", name)
        node.cmd("ip link set dev", name, "address", mac, "txqueuelen 4096")
        return None


class DPUSwitch(OVSBridge):
    """An Open vSwitch on a DPU of its own."""

    def __init__(self, name, underlay=None, tunnels=(), **params):
        """underlay: the address of the end of tunnels, with prefix length
           tunnels: addresses of other ends, for a VXLAN tunnel to each
           With these, the uplink is the underlay's and not of this switch.
           See OVSBridge for other options."""
        params["datapath"] = "user"
        params["batch"] = False
        OVSBridge.__init__(self, name, **params)
        self.underlay = underlay
        self.tunnels = tunnels
        self.lab_name = f"mn{os.getpid()}-{name.lower()}"
        self.functions = {}             # By interface.

    @classmethod
    def setup(cls):
        """Makes sure that ovs-dpu-lab is there."""
        if not LAB:
            error("ovs-dpu-lab is missing: install ovs-dpu, or take dpu.py "
                  "from its source tree\n")
            sys.exit(1)
        cls.OVSVersion = "3.1"

    @classmethod
    def batchStartup(cls, switches, run=None):
        return switches

    @classmethod
    def batchShutdown(cls, switches, run=None):
        """Stops each one, which is all there is to do."""
        for switch in switches:
            switch.stop_lab()
            switch.terminate()
        return switches

    def lab(self, *argv):
        """Runs ovs-dpu-lab for this switch, and returns its output."""
        command, *options = argv
        out, err, status = self.pexec([LAB, command, "--name", self.lab_name,
                                       *options])
        if status:
            raise RuntimeError(f"{self.name}: {out}{err}")
        return out

    def assign_functions(self):
        """Decides which function of the DPU each link is."""
        uplinks = ["p0", "p1"]
        n_vfs = 0
        for intf in self.intfList():
            if intf.name == "lo":
                continue
            if uplinks and self.is_uplink(intf):
                self.functions[intf] = uplinks.pop(0)
            else:
                self.functions[intf] = f"vf{n_vfs}"
                n_vfs += 1
        if n_vfs > MAX_VFS:
            raise RuntimeError(f"{self.name} has {n_vfs} links to hosts: an "
                               f"emulated DPU has {MAX_VFS} VFs")
        return max(1, n_vfs)

    def other_end(self, intf):
        link = intf.link
        return link.intf2 if link.intf1 is intf else link.intf1

    def is_uplink(self, intf):
        return isinstance(self.other_end(intf).node, DPUSwitch)

    def wire(self, intf):
        """What the function of 'intf' leads to."""
        if isinstance(intf, DPUPort):
            host = self.other_end(intf)
            return f"tap:{host.name}@/proc/{host.node.pid}/ns/net"
        return f"af_packet:{intf.name}@/proc/{self.pid}/ns/net"

    def start(self, controllers):
        n_vfs = self.assign_functions()
        options = shlex.split(os.environ.get("DPU_LAB_OPTIONS", ""))
        for intf, function in self.functions.items():
            options += ["--wire", f"{function}={self.wire(intf)}"]
        self.lab("start", "--vfs", str(n_vfs), "--memory", "512", *options)
        # Open vSwitch's commands, here and in Mininet's shell, mean this one.
        self.cmd(self.lab("env").replace("\n", "; "))
        self.cmd("ovs-vsctl del-br br0")
        OVSBridge.start(self, [])
        if self.underlay:
            self.start_tunnels()

    def intfOpts(self, intf):
        function = self.functions[intf]
        devargs = {"p0": "net_dpu_emu0",
                   "p1": "net_dpu_emu0,representor=pf1"}.get(
                       function, f"net_dpu_emu0,representor={function}")
        return (f" -- set Interface {intf} type=dpu"
                f" ofport_request={self.ports[intf]}"
                f" options:dpdk-devargs={devargs}")

    def start_tunnels(self):
        """Has the uplink in a bridge of its own, and tunnels in this one."""
        bridge = f"{self.name}-under"
        command = [f"ovs-vsctl add-br {bridge}",
                   f"set Bridge {bridge} datapath_type=netdev"]
        for intf, function in self.functions.items():
            if function == "p0":
                command += [f"del-port {self} {intf}",
                            f"add-port {bridge} {intf}"
                            f"{self.intfOpts(intf)} mtu_request=1600"]
                self.cmd("ip link set dev", intf, "mtu 1600")
        for i, remote in enumerate(self.tunnels):
            command += [f"add-port {self} {self}-vx{i}",
                        f"set Interface {self}-vx{i} type=vxlan"
                        f" options:remote_ip={remote}"]
        self.cmd(" -- ".join(command))
        for what in (f"addr add {self.underlay} dev {bridge}",
                     f"link set dev {bridge} up"):
            self.cmd(f"ip -n {self.lab_name}-dpu {what}")

    def stop_lab(self):
        if self.functions:
            self.lab("stop")
            self.functions = {}

    def stop(self, deleteIntfs=True):
        self.stop_lab()
        super(OVSSwitch, self).stop(deleteIntfs)


class VXLANTopo(Topo):
    """Two DPUs with 'hosts' hosts each, and VXLAN between them."""

    def build(self, hosts=2):
        for n, other in (1, 2), (2, 1):
            self.addSwitch(f"s{n}", underlay=f"192.0.2.{n}/24",
                           tunnels=[f"192.0.2.{other}"])
            for i in range(1, hosts + 1):
                host = self.addHost(f"h{n}{i}")
                self.addLink(host, f"s{n}")
        self.addLink("s1", "s2")


switches = {"dpu": DPUSwitch}
topos = {"vxlan": VXLANTopo}
# Mininet 2.3.0 lets a custom file add no links, but replace all of them.
LINKS = {"default": Link, "tc": TCLink, "tcu": TCULink, "ovs": OVSLink,
         "vf": VFLink}
