# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors
#
# topology.py: what the network of network.py is configured to be in OVN, and
# its VMs with it.
#
#     outside 172.16.0.1 --- public --- router --- ls0  a0, b0  192.168.0.0/24
#                                             \--- ls1  a1, b1  192.168.1.0/24
#
# VM a0 has VF 0 of chassis a, and so on; addresses end in 10 plus the number
# of the chassis.  The router's port to the network outside is on chassis b.

import network

CENTRAL_FIP = "172.16.0.110"     # a0, translated on the gateway's chassis.
LOCAL_FIP = "172.16.0.111"       # a1, translated on its own.
SNAT = "172.16.0.100"            # All others.
VIP = "10.96.0.1"                # a0 or b0, for the VMs.
STICKY_VIP = "10.96.0.2"         # The same, chosen by addresses alone.
OUTSIDE_VIP = "172.16.0.120"     # As the latter, from outside.
PORT = 5201


def vms():
    """The VMs: (chassis, number)."""
    return [(c, n) for c in network.CHASSIS for n in (0, 1)]


def address(chassis, number):
    return f"192.168.{number}.{10 + network.CHASSIS[chassis]}"


def router_mac(number):
    return f"02:00:00:00:ff:{number:02x}"


def switch_commands(net):
    """Logical switches, with a port for each VM."""
    argv = []
    for n in 0, 1:
        argv += ["ls-add", f"ls{n}", "--", "lsp-add", f"ls{n}", f"ls{n}-r",
                 "--", "lsp-set-type", f"ls{n}-r", "router",
                 "--", "lsp-set-addresses", f"ls{n}-r", "router",
                 "--", "lsp-set-options", f"ls{n}-r", f"router-port=r-ls{n}",
                 "--"]
    for c, n in vms():
        port = f"{c}{n}"
        addresses = f"{net.chassis[c].mac(f'vf{n}')} {address(c, n)}"
        argv += ["lsp-add", f"ls{n}", port,
                 "--", "lsp-set-addresses", port, addresses,
                 "--", "lsp-set-port-security", port, addresses, "--"]
    return argv


def router_commands(net):
    """The router, and the network outside behind it."""
    argv = ["lr-add", "r", "--"]
    for n in 0, 1:
        argv += ["lrp-add", "r", f"r-ls{n}", router_mac(n),
                 f"192.168.{n}.1/24", "--"]
    return argv + [
        "lrp-add", "r", "r-public", router_mac(2), f"{SNAT}/24",
        "--", "lrp-set-gateway-chassis", "r-public", "b",
        "--", "ls-add", "public",
        "--", "lsp-add", "public", "public-r",
        "--", "lsp-set-type", "public-r", "router",
        "--", "lsp-set-addresses", "public-r", "router",
        "--", "lsp-set-options", "public-r", "router-port=r-public",
        "nat-addresses=router",
        "--", "lsp-add", "public", "public-net",
        "--", "lsp-set-type", "public-net", "localnet",
        "--", "lsp-set-addresses", "public-net", "unknown",
        "--", "lsp-set-options", "public-net", "network_name=physnet",
        "--", "lr-nat-add", "r", "snat", SNAT, "192.168.0.0/16",
        "--", "lr-nat-add", "r", "dnat_and_snat", CENTRAL_FIP,
        address("a", 0),
        "--", "lr-nat-add", "r", "dnat_and_snat", LOCAL_FIP,
        address("a", 1), "a1", router_mac(3), "--"]


def policy_commands():
    """ACLs, all of them stateful: VMs may do what they like, and are reached
    by ping, and at one port by TCP and UDP."""
    argv = ["pg-add", "vms", *(f"{c}{n}" for c, n in vms()), "--"]
    for direction, priority, match, verdict in (
            ("from-lport", 1000, "inport == @vms && ip4", "allow-related"),
            ("to-lport", 1000, "outport == @vms && icmp4", "allow-related"),
            ("to-lport", 1000, f"outport == @vms && tcp.dst == {PORT}",
             "allow-related"),
            ("to-lport", 1000, f"outport == @vms && udp.dst == {PORT}",
             "allow-related"),
            ("to-lport", 900, "outport == @vms && ip4", "drop")):
        argv += ["acl-add", "vms", direction, str(priority), match, verdict,
                 "--"]
    return argv


def balancer_commands():
    backends = ",".join(f"{address(c, 0)}:{PORT}" for c in network.CHASSIS)
    argv = []
    for protocol in "tcp", "udp":
        for name, vip in (("in", VIP), ("sticky", STICKY_VIP),
                          ("out", OUTSIDE_VIP)):
            argv += ["lb-add", f"{name}-{protocol}", f"{vip}:{PORT}", backends,
                     protocol, "--"]
        # As iperf3 wants it, which has two connections.
        for name in "sticky", "out":
            argv += ["set", "Load_Balancer", f"{name}-{protocol}",
                     "selection_fields=ip_src,ip_dst", "--"]
        for switch in "ls0", "ls1":
            for name in "in", "sticky":
                argv += ["ls-lb-add", switch, f"{name}-{protocol}", "--"]
        argv += ["lr-lb-add", "r", f"out-{protocol}", "--"]
    return argv


def configure(net):
    """Configures OVN and the VMs, and waits until the chassis have it."""
    net.nbctl(*switch_commands(net), *router_commands(net),
              *policy_commands(), *balancer_commands()[:-1])
    for c, n in vms():
        netns = f"{net.chassis[c].lab_name}-vf{n}"
        network.run("ip", "-n", netns, "addr", "flush", "dev", f"vf{n}")
        network.run("ip", "-n", netns, "addr", "add",
                    f"{address(c, n)}/24", "dev", f"vf{n}")
        network.run("ip", "-n", netns, "route", "add", "default", "via",
                    f"192.168.{n}.1")
    network.wait_for("the ports of all VMs in OVN", lambda: all(
        net.nbctl("lsp-get-up", f"{c}{n}").strip() == "up"
        for c, n in vms()))
    net.nbctl("--wait=hv", "sync")
