# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors
#
# network.py: two DPUs, each a chassis of OVN, and what they stand in.  All of
# it in network namespaces of its own:
#
#     NAME-fabric     the network between the uplinks: a bridge of the kernel
#     NAME-outside    a host on it that knows nothing of OVN, 172.16.0.1
#     NAME-central    northd and its databases; a network for management
#     NAME-a-dpu ..   two labs (ovs-dpu-lab), with ovn-controller as well
#     NAME-a-vf0 ..   their VMs
#
# Networks: 10.1.0.0/24 between the ends of tunnels, 172.16.0.0/24 outside,
# both on the fabric; 192.0.2.0/24 for management.

import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import time

LAB = str(pathlib.Path(__file__).resolve().parents[2]
          / "utilities/ovs-dpu-lab")
CHASSIS = {"a": 1, "b": 2}      # Names, and the last byte of addresses.
OUTSIDE = "172.16.0.1"
MTU = 1700                      # Of the fabric: room for GENEVE.


class NetworkError(Exception):
    """Something that the user is to read, without a traceback."""


def run(*argv, check=True, **kwargs):
    """Runs 'argv' and returns its output, with errors among it."""
    argv = [str(a) for a in argv]
    result = subprocess.run(argv, text=True, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            **kwargs)
    if check and result.returncode:
        raise NetworkError(f"{shlex.join(argv)}: exit status "
                           f"{result.returncode}\n{result.stdout}")
    return result.stdout


def wait_for(what, condition, seconds=60):
    """Waits until condition() is true and returns what it returned."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise NetworkError(f"{what}: not within {seconds} seconds")
        time.sleep(0.1)


class Chassis:
    """A lab with a DPU, and the variables for Open vSwitch's programs."""

    def __init__(self, network, name):
        self.network = network
        self.name = name
        self.lab_name = f"{network.name}-{name}"
        self.netns = f"{self.lab_name}-dpu"
        self.number = CHASSIS[name]
        self.env = None
        self.dir = pathlib.Path("/run/ovs-dpu-lab") / self.lab_name

    def lab(self, command, *argv, **kwargs):
        return run(LAB, command, "--name", self.lab_name, *argv, **kwargs)

    def exec(self, function, *argv, **kwargs):
        """Runs 'argv' on the DPU ("dpu") or in the VM with a VF."""
        return self.lab("exec", function, "--", *argv, **kwargs)

    def start(self, vfs, build, profile, csum):
        self.lab("start", "--vfs", vfs, "--profile", profile, "--build",
                 build, "--memory", "512", "--wire",
                 f"p0=tap:{self.name}@{self.network.netns('fabric')}")
        self.network.connect(self.name)
        self.split_bridge(vfs, csum)
        for argv in (["link", "set", "br-phy", "up"],
                     ["addr", "add", f"10.1.0.{self.number}/24", "dev",
                      "br-phy"]):
            run("ip", "-n", self.netns, *argv)
        self.network.manage(self.netns, f"192.0.2.{self.number + 10}")

    def split_bridge(self, vfs, csum):
        """Has the uplink in a bridge of its own, and VFs in OVN's."""
        argv = ["del-br", "br0"]
        for bridge in "br-phy", "br-int":
            argv += ["--", "add-br", bridge,
                     "--", "set", "Bridge", bridge, "datapath_type=netdev"]
        argv += ["--", "set", "Bridge", "br-int", "fail-mode=secure",
                 "--", "add-port", "br-phy", "p0", "--", "set", "Interface",
                 "p0", "type=dpu", "options:dpdk-devargs=net_dpu_emu0",
                 f"mtu_request={MTU}"]
        for i in range(vfs):
            argv += ["--", "add-port", "br-int", f"vf{i}", "--", "set",
                     "Interface", f"vf{i}", "type=dpu",
                     f"options:dpdk-devargs=net_dpu_emu0,representor=vf{i}",
                     f"external_ids:iface-id={self.name}{i}"]
        argv += ["--", "set", "Open_vSwitch", "."] + [
            f"external_ids:{key}={value}" for key, value in (
                ("system-id", self.name),
                ("ovn-remote", "tcp:192.0.2.1:6642"),
                ("ovn-encap-type", "geneve"),
                ("ovn-encap-csum", str(csum).lower()),
                ("ovn-encap-ip", f"10.1.0.{self.number}"),
                ("ovn-bridge-mappings", "physnet:br-phy"))]
        self.exec("dpu", "ovs-vsctl", "--timeout=30", *argv)

    def start_controller(self):
        self.network.ovn("ovn-controller", f"unix:{self.dir}/db.sock",
                         *self.network.daemon_options(self.dir,
                                                      "ovn-controller"),
                         netns=self.netns, rundir=self.dir)

    def mac(self, function):
        return json.loads(run("ip", "-n", f"{self.lab_name}-{function}", "-j",
                              "link", "show", function))[0]["address"]

    def ovs(self, *argv):
        """Runs a program of Open vSwitch, without the detour by "lab"."""
        if not self.env:
            self.env = {**os.environ, **{
                key: os.path.expandvars(value) for key, value in re.findall(
                    r"^export (\w+)=(.*)$",
                    self.lab("env").replace('"', ""), re.M)}}
        return run(*argv, env=self.env)

    def appctl(self, *argv):
        return self.ovs("ovs-appctl", *argv)

    def packets(self, counter):
        """The sum of 'counter' of the ports of the device: "hw_packets",
        those from its functions that hardware forwarded, "sw_rx_packets",
        those that came up."""
        return sum(int(n) for bridge in ("br-int", "br-phy")
                   for n in re.findall(rf"\b{counter}=(\d+)", self.ovs(
                       "ovs-ofctl", "-O", "OpenFlow14", "dump-ports",
                       bridge)))


class Network:
    def __init__(self, name, build, programs):
        """'build' is a build tree of ovs-dpu, 'programs' a folder with
        Debian's OVN packages unpacked."""
        self.name = name
        self.build = build
        self.programs = pathlib.Path(programs)
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="ovs-dpu-ovn."))
        self.chassis = {c: Chassis(self, c) for c in CHASSIS}

    def netns(self, name):
        return f"{self.name}-{name}"

    # Programs.

    def ovn(self, program, *argv, netns=None, rundir=None, **kwargs):
        """Runs a program of OVN's."""
        rundir = rundir or self.dir
        env = {**os.environ, "OVN_RUNDIR": str(rundir),
               "OVS_RUNDIR": str(rundir)}
        path = self.programs / "usr/bin" / program
        prefix = ["ip", "netns", "exec", netns] if netns else []
        return run(*prefix, path, *argv, env=env, **kwargs)

    def nbctl(self, *argv):
        return self.ovn("ovn-nbctl", f"--db=unix:{self.dir}/ovnnb.sock",
                        "--timeout=60", *argv)

    @staticmethod
    def daemon_options(rundir, name):
        return ["--detach", "--no-chdir", "-vconsole:off",
                f"--pidfile={rundir}/{name}.pid",
                f"--log-file={rundir}/{name}.log"]

    # Start.

    def start(self, vfs, profile, csum):
        """Starts all with 'vfs' VFs each, devices that can do what 'profile'
        says, and checksums in the UDP headers of tunnels if 'csum'."""
        for name in "fabric", "outside", "central":
            run("ip", "netns", "add", self.netns(name))
            run("ip", "-n", self.netns(name), "link", "set", "lo", "up")
        # Frames are to pass the bridge as they are.
        run("ip", "netns", "exec", self.netns("fabric"), "sh", "-c",
            "f=/proc/sys/net/bridge/bridge-nf-call-iptables; "
            "[ ! -e $f ] || echo 0 > $f")
        self.add_bridge("fabric")
        self.add_bridge("central")
        self.set_up("central", "bridge", "192.0.2.1/24")
        run("ip", "-n", self.netns("fabric"), "link", "add", "outside",
            "type", "veth", "peer", "name", "eth0", "netns",
            self.netns("outside"))
        self.connect("outside")
        self.set_up("outside", "eth0", f"{OUTSIDE}/24")
        self.start_central()
        for chassis in self.chassis.values():
            chassis.start(vfs, self.build, profile, csum)
            chassis.start_controller()

    def add_bridge(self, name):
        # With an address that does not change when ports come.
        run("ip", "-n", self.netns(name), "link", "add", "name", "bridge",
            "address", "02:00:00:00:fe:01", "type", "bridge",
            "mcast_snooping", "0")
        run("ip", "-n", self.netns(name), "link", "set", "bridge", "up")

    def connect(self, netdev):
        """Connects 'netdev', which is in the fabric, with it."""
        run("ip", "-n", self.netns("fabric"), "link", "set", "dev", netdev,
            "mtu", MTU, "master", "bridge", "up")

    def manage(self, netns, address):
        """Connects 'netns' with the network for management."""
        end = f"m{address.rpartition('.')[2]}"
        run("ip", "-n", self.netns("central"), "link", "add", end, "type",
            "veth", "peer", "name", "mgmt", "netns", netns)
        run("ip", "-n", self.netns("central"), "link", "set", end, "master",
            "bridge", "up")
        run("ip", "-n", netns, "addr", "add", f"{address}/24", "dev", "mgmt")
        run("ip", "-n", netns, "link", "set", "mgmt", "up")

    def set_up(self, name, netdev, address):
        run("ip", "-n", self.netns(name), "addr", "add", address, "dev",
            netdev)
        run("ip", "-n", self.netns(name), "link", "set", "dev", netdev, "up")

    def start_central(self):
        for db, remote in (("ovnnb", []),
                           ("ovnsb", ["--remote=ptcp:6642:192.0.2.1"])):
            schema = (self.programs / "usr/share/ovn"
                      / f"ovn-{db[3:]}.ovsschema")
            tool, server = (self.ovs_program(p)
                            for p in ("ovsdb-tool", "ovsdb-server"))
            run(tool, "create", self.dir / f"{db}.db", schema)
            run("ip", "netns", "exec", self.netns("central"), server,
                self.dir / f"{db}.db", f"--remote=punix:{self.dir}/{db}.sock",
                *remote, f"--unixctl={self.dir}/{db}.ctl",
                *self.daemon_options(self.dir, db))
        self.ovn("ovn-northd", f"--ovnnb-db=unix:{self.dir}/ovnnb.sock",
                 f"--ovnsb-db=unix:{self.dir}/ovnsb.sock",
                 *self.daemon_options(self.dir, "ovn-northd"),
                 netns=self.netns("central"))

    def ovs_program(self, name):
        """A program of the Open vSwitch that ovs-dpu is linked with."""
        atlocal = (pathlib.Path(self.build) / "tests/atlocal").read_text()
        build = re.search(r"^OVS_BUILDDIR='(.*)'$", atlocal, re.M).group(1)
        return f"{build}/ovsdb/{name}"

    def log(self):
        """The warnings and errors of all daemons, the last of each."""
        lines = []
        for folder in self.dir, *(c.dir for c in self.chassis.values()):
            for path in sorted(folder.glob("*.log")):
                found = [line for line in path.read_text().splitlines()
                         if re.search(r"\|(WARN|ERR|EMER)\|", line)]
                lines += [f"{path}: {line}" for line in found[-5:]]
        return "\n".join(lines)

    # Stop.

    def stop(self):
        """Ends and removes all of it."""
        for chassis in self.chassis.values():
            chassis.lab("stop", check=False)
        for name in "fabric", "outside", "central":
            netns = self.netns(name)
            if not os.path.exists(f"/run/netns/{netns}"):
                continue
            for pid in run("ip", "netns", "pids", netns).split():
                try:
                    os.kill(int(pid), signal.SIGKILL)
                except ProcessLookupError:
                    pass
            wait_for(f"the end of the processes in {netns}",
                     lambda: not run("ip", "netns", "pids", netns), 10)
            run("ip", "netns", "del", netns)
        shutil.rmtree(self.dir, ignore_errors=True)
