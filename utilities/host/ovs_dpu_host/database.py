# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors

"""The DPU's database, and what it has of the VFs of this host."""

import json
import os
import re
import shlex

from ovs_dpu_host.config import CONFIG, read_config
from ovs_dpu_host.steps import HostError, Steps, run

MAC = re.compile(r"([0-9a-f]{2}:){5}[0-9a-f]{2}$")

# What a VM's VF has in its Interface; and where what else was set is told.
IDS = ("iface-id", "attached-mac", "iface-status", "vm-id")
OWNED = "ovs-dpu-host"


class Database:
    """The DPU's Open vSwitch, by ovs-vsctl."""

    def __init__(self, config, db):
        db = db or config["db"]
        if not db:
            raise HostError("where is the DPU?  Say --db=ADDRESS, or db = "
                            "ADDRESS in {}".format(CONFIG))
        if not re.match(r"(ssl|tcp|unix):", db):
            db = "ssl:{}:6640".format(db)
        self.argv = ["ovs-vsctl", "--timeout=10", "--no-wait", "--db=" + db]
        if db.startswith("ssl:"):
            for key in "private-key", "certificate", "ca-cert":
                if not os.path.exists(config[key]):
                    raise HostError("{}: {} is missing.  Make certificates "
                                    "with \"ovs-dpu-host certificates\" and "
                                    "copy the host's here".format(
                                        key, config[key]))
                self.argv.append("--{}={}".format(key, config[key]))

    def find(self, table, columns, *condition):
        """The rows of 'table' that meet 'condition', as dictionaries."""
        out = json.loads(run(self.argv + [
            "--format=json", "--columns=" + ",".join(columns), "find", table]
            + list(condition)))
        return [{c: plain(v) for c, v in zip(out["headings"], row)}
                for row in out["data"]]

    def vf_port(self, pf, vf):
        """The Interface and the Port of a VF."""
        interfaces = self.find("Interface",
                               ["_uuid", "name", "options", "external_ids",
                                "ingress_policing_rate"], "type=dpu")
        numbers = []
        for interface in interfaces:
            number = vf_number(interface["options"].get("dpdk-devargs", ""),
                               pf)
            if number == vf:
                port = self.find("Port", ["name", "tag"],
                                 "interfaces{>=}" + interface["_uuid"])
                if not port:
                    raise HostError("VF {}: its Interface on the DPU is this "
                                    "host's, its Port is not.  On the DPU: "
                                    "ovs-vsctl set Port {} external_ids:"
                                    "ovs-dpu-owner=HOST".format(
                                        vf, interface["name"]))
                return interface, port[0]
            if number is not None:
                numbers.append(number)
        raise HostError("VF {} has no port on the DPU that this host may "
                        "see; {}.  \"ovs-dpuctl setup --owner=HOST\" there "
                        "adds them".format(
                            vf, "there are VFs " + ", ".join(
                                map(str, sorted(numbers)))
                            if numbers else "no VF has"))

    def transact(self, commands, steps):
        """Executes 'commands', lists of arguments, in one transaction."""
        argv = []
        for command in commands:
            argv += ["--"] + command
        steps.run(self.argv + argv, "ovs-vsctl " + " \\\n    ".join(
            "-- " + " ".join(map(shlex.quote, c)) for c in commands))


def plain(value):
    """A value of OVSDB's JSON as Python has such."""
    if isinstance(value, list):
        kind, contents = value
        if kind == "map":
            return dict(contents)
        if kind == "set":
            return [plain(v) for v in contents]
        return contents                         # A UUID.
    return value


def vf_number(devargs, pf):
    """The number of the VF of PF 'pf' that 'devargs' names, or None."""
    match = re.search(r"representor=(?:c\d+)?(?:pf(\d+))?(?:vf|\[)?(\d+)\]?$",
                      devargs)
    if match and int(match.group(1) or 0) == pf:
        return int(match.group(2))
    return None


def quoted(value):
    return json.dumps(str(value))


def change(db, pf, vf, wanted, steps):
    """Has VF 'vf' say 'wanted': the keys of IDS, "tag", "rate"; what is not
    in it is removed, if it was set here."""
    interface, port = db.vf_port(pf, vf)
    ids = interface["external_ids"]
    columns = {key: wanted[key] for key in ("tag", "rate")
               if wanted.get(key) is not None}
    owned = set(ids.get(OWNED, "").split())
    new = {key: str(wanted[key]) for key in IDS if wanted.get(key)}
    if new:
        new[OWNED] = " ".join(sorted(["vf"] + list(columns)))
    commands = []
    gone = [k for k in list(IDS) + [OWNED] if k in ids and k not in new]
    if owned and gone:
        commands.append(["remove", "Interface", interface["name"],
                         "external_ids"] + gone)
    keys = ["external_ids:{}={}".format(k, quoted(v))
            for k, v in sorted(new.items()) if ids.get(k) != v]
    rate = columns.get("rate")
    if rate is not None and interface["ingress_policing_rate"] != rate:
        keys.append("ingress_policing_rate={}".format(rate))
        keys.append("ingress_policing_burst={}".format(max(rate // 10, 80)))
    elif rate is None and "rate" in owned:
        keys += ["ingress_policing_rate=0", "ingress_policing_burst=0"]
    if keys:
        commands.append(["set", "Interface", interface["name"]] + keys)
    tag = columns.get("tag")
    if tag is not None and port["tag"] != tag:
        commands.append(["set", "Port", port["name"], "tag={}".format(tag)])
    elif tag is None and "tag" in owned:
        commands.append(["clear", "Port", port["name"], "tag"])
    if commands:
        db.transact(commands, steps)


def check_vm(args):
    if args.mac and not MAC.match(args.mac.lower()):
        raise HostError("--mac={}: a MAC address is wanted, as "
                        "02:00:00:00:01:00".format(args.mac))
    if args.vlan is not None and not 0 <= args.vlan <= 4095:
        raise HostError("--vlan={}: 0 to 4095".format(args.vlan))
    if args.rate is not None and args.rate < 1:
        raise HostError("--rate={}: kbit/s, 1 or more".format(args.rate))


def plug(args):
    check_vm(args)
    config = read_config()
    steps = Steps(args.dry_run)
    change(Database(config, args.db), config.getint("pf"), args.vf, {
        "iface-id": args.iface_id, "attached-mac": (args.mac or "").lower(),
        "iface-status": "active", "vm-id": args.vm_id, "tag": args.vlan,
        "rate": args.rate}, steps)
    steps.end("VF {}".format(args.vf))


def unplug(args):
    config = read_config()
    steps = Steps(args.dry_run)
    change(Database(config, args.db), config.getint("pf"), args.vf, {}, steps)
    steps.end("VF {}".format(args.vf))
