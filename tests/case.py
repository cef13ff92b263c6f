# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors

"""The cases of the differential test: OpenFlow flows, frames that meet them,
and whether hardware is to forward them.

Each bridge has VFs 0 to 3 as ports 1 to 4 and the uplink as port 100; frames
enter at port 1 unless they say otherwise.  CASES is what differential.py
runs."""

import collections
import re
import struct

from packet import (MAC, arp, eth, icmp, icmp6, ipv4, ipv6, ipv6_frag, mpls,
                    nd_advert, nd_solicit, nest, other, raw, sctp, tcp, udp,
                    vlan)

OFFLOADED = 'offloaded'     # Hardware forwards all but the first frames.
COPIED = 'copied'         # The same, and software gets a copy of each frame.
ALONE = 'alone '          # Software does all, as if there was no hardware.
EITHER = 'either'           # A matter of how lenient the device's parser is.
# A number: as OFFLOADED, but for so many of the frames, which are software's.
# Any other expectation is a code of dpu-reason: software forwards what
# hardware has matched, unless ALONE stands before the code.

Case = collections.namedtuple('Case',
                              'name flows frames expect vlan_limit')
CASES = []


class Marked(int):
    """So many frames come up, and software finds their megaflow by a mark."""


def case(name, flows, frames, expect=OFFLOADED, vlan_limit=1):
    """'flows' is an OpenFlow flow or group or a list of them; 'frames' are frames, or
    pairs of the port where one enters and the frame."""
    if isinstance(flows, str):
        flows = [flows]
    frames = [f if isinstance(f, tuple) else (1, f) for f in frames]
    CASES.append(Case(name, flows, frames, expect, vlan_limit))


def match(name, fields, yes, no, **kwargs):
    """What 'fields' match goes to port 2, all else to port 3."""
    case('match %s: %s' % (name, fields),
         ['priority=10,%s,actions=2' % fields, 'priority=1,actions=3'],
         list(yes) + list(no), **kwargs)


def action(name, actions, frames, fields='', **kwargs):
    if isinstance(frames, bytes):
        frames = [frames]
    case('action %s: %s' % (name, actions),
         '%s%sactions=%s' % (fields, ',' if fields else '', actions),
         frames, **kwargs)


PAYLOAD = bytes(range(64))

TCP = eth(ipv4(tcp(PAYLOAD)))
UDP = eth(ipv4(udp(PAYLOAD)))
SCTP = eth(ipv4(sctp(b'\0\3\0\x14' + PAYLOAD[:16])))
ICMP = eth(ipv4(icmp(PAYLOAD)))
TCP6 = eth(ipv6(tcp(PAYLOAD)))
UDP6 = eth(ipv6(udp(PAYLOAD)))
SCTP6 = eth(ipv6(sctp(b'\0\3\0\x14' + PAYLOAD[:16])))
ICMP6 = eth(ipv6(icmp6(b'\0\1\0\1' + PAYLOAD)))
ARP = eth(arp())
TAGGED = eth(vlan(ipv4(udp(PAYLOAD)), vid=10, pcp=3))
TAGGED_AD = eth(vlan(ipv4(udp(PAYLOAD)), vid=10, pcp=3, tpid=0x88a8))
QINQ = eth(vlan(vlan(ipv4(udp(PAYLOAD)), vid=20, pcp=1), vid=10, pcp=3,
                tpid=0x88a8))
QINQ_Q = eth(vlan(vlan(ipv4(udp(PAYLOAD)), vid=20), vid=10))
TRIPLE = eth(vlan(vlan(vlan(ipv4(udp(PAYLOAD)), vid=30), vid=20), vid=10,
                  tpid=0x88a8))
FIRST = eth(ipv4(udp(PAYLOAD, length=200), flags=1))
LATER = eth(ipv4(raw(PAYLOAD, 17), frag=9))
# Not UDP: Open vSwitch 3.1 writes a checksum into the payload of a later
# fragment when it changes an address; the device does not.
LATER_OTHER = eth(ipv4(raw(PAYLOAD, 253), frag=9))
MIDDLE = eth(ipv4(raw(PAYLOAD, 17), frag=9, flags=1))
FIRST6 = eth(ipv6(udp(PAYLOAD, length=200),
                  extensions=[ipv6_frag(0, True)]))
LATER6_OTHER = eth(ipv6(raw(PAYLOAD, 253),
                        extensions=[ipv6_frag(9, False)]))
LATER6 = eth(ipv6(raw(PAYLOAD, 17), extensions=[ipv6_frag(9, False)]))
OPTIONS = eth(ipv4(udp(PAYLOAD), options=b'\x94\4\0\0\1\1\1\0'))
HOPOPTS = eth(ipv6(udp(PAYLOAD), extensions=[(0, b'\0\0\1\4\0\0\0\0')]))
OTHER = eth(other(PAYLOAD, 0x88b5))

EVERYTHING = [TCP, UDP, SCTP, ICMP, TCP6, UDP6, SCTP6, ICMP6, ARP, TAGGED,
              TAGGED_AD, QINQ, FIRST, LATER, FIRST6, LATER6, OPTIONS, OTHER]


# ---- Matches ----------------------------------------------------------

match('in_port', 'in_port=1', [TCP, UDP6, ARP, OTHER],
      [(2, TCP), (2, OTHER), (100, UDP6)])

match('eth', 'dl_src=02:00:00:00:00:01', [TCP, UDP6, ARP, OTHER],
      [eth(ipv4(udp()), src=MAC % 9)])
match('eth', 'dl_src=02:00:00:00:00:01/fe:00:00:00:00:0f',
      [TCP, eth(ipv4(udp()), src='03:11:22:33:44:f1')],
      [eth(ipv4(udp()), src=MAC % 2)])
match('eth', 'dl_dst=02:00:00:00:00:02', [TCP, ICMP6],
      [eth(ipv4(udp()), dst=MAC % 3)])
match('eth', 'dl_dst=01:00:00:00:00:00/01:00:00:00:00:00',
      [eth(arp(), dst='ff:ff:ff:ff:ff:ff'),
       eth(ipv4(udp()), dst='01:00:5e:00:00:01')], [TCP])
match('eth', 'dl_type=0x88b5', [OTHER], [eth(other(PAYLOAD, 0x88b6)), TCP])
match('eth', 'dl_type=0x0800', [TCP, UDP, FIRST, LATER, OPTIONS],
      [TCP6, ARP, OTHER])

match('vlan', 'dl_vlan=10', [TAGGED, TAGGED_AD, QINQ],
      [UDP, eth(vlan(ipv4(udp()), vid=11))])
match('vlan', 'vlan_vid=0x1000/0x1000', [TAGGED, QINQ], [UDP])
match('vlan', 'vlan_vid=0x100a/0x100f',
      [TAGGED, eth(vlan(ipv4(udp()), vid=0xfaa))],
      [eth(vlan(ipv4(udp()), vid=11)), UDP])
match('vlan', 'vlan_tci=0x0000', [UDP, TCP6, ARP], [TAGGED, QINQ])
match('vlan', 'dl_vlan_pcp=3', [TAGGED], [eth(vlan(ipv4(udp()), pcp=4))])
match('vlan', 'vlan_tci=0x7000/0x7000', [eth(vlan(ipv4(udp()), pcp=3))],
      [eth(vlan(ipv4(udp()), pcp=4)), UDP])
match('vlan', 'dl_vlan=0', [eth(vlan(ipv4(udp()), vid=0, pcp=5))], [TAGGED])
match('vlan', 'dl_vlan=10,ip,nw_src=10.0.0.1,udp,tp_dst=2000', [TAGGED],
      [eth(vlan(ipv4(udp(), src='10.0.0.9'))),
       eth(vlan(ipv4(udp(dport=9)))), UDP])
match('vlan', 'dl_vlan=10,ipv6,ipv6_dst=fd00::2',
      [eth(vlan(ipv6(udp(PAYLOAD))))], [eth(vlan(ipv6(udp(), dst='fd00::3')))])
for limit in 1, 2:
    match('qinq, vlan-limit=%d' % limit, 'dl_vlan=10',
          [QINQ, QINQ_Q],
          [eth(vlan(vlan(ipv4(udp()), vid=10), vid=20)), UDP],
          vlan_limit=limit)
    # One megaflow for one tag and for two of them: the rule takes what made it.
    match('one tag or two, vlan-limit=%d' % limit, 'dl_vlan=10',
          [QINQ, TAGGED], [UDP], expect=OFFLOADED if limit == 1 else EITHER,
          vlan_limit=limit)
    # A header more than Open vSwitch looks at.
    match('three tags, vlan-limit=%d' % limit, 'dl_vlan=10', [TRIPLE], [UDP],
          expect=OFFLOADED if limit == 1 else EITHER, vlan_limit=limit)
    match('qinq, vlan-limit=%d' % limit, 'dl_vlan=10,ip,nw_ttl=64',
          [TAGGED], [QINQ, QINQ_Q, UDP], expect=EITHER, vlan_limit=limit)

match('ipv4', 'ip,nw_src=10.0.0.1', [TCP, UDP, OPTIONS, LATER],
      [eth(ipv4(udp(), src='10.0.0.3'))])
match('ipv4', 'ip,nw_src=10.0.0.0/8', [TCP, eth(ipv4(udp(), src='10.9.9.9'))],
      [eth(ipv4(udp(), src='11.0.0.1'))])
match('ipv4', 'ip,nw_src=0.0.0.1/0.0.0.255',
      [TCP, eth(ipv4(udp(), src='77.66.55.1'))],
      [eth(ipv4(udp(), src='10.0.0.2'))])
match('ipv4', 'ip,nw_dst=10.0.0.2', [TCP, FIRST],
      [eth(ipv4(udp(), dst='10.0.0.3'))])
match('ipv4', 'ip,nw_dst=10.0.0.0/255.0.255.0',
      [TCP, eth(ipv4(udp(), dst='10.7.0.9'))],
      [eth(ipv4(udp(), dst='10.0.1.2'))])
match('ipv4', 'ip,nw_proto=17', [UDP, LATER, FIRST], [TCP, ICMP])
match('ipv4', 'ip,nw_proto=47', [eth(ipv4(raw(PAYLOAD, 47)))], [TCP])
match('ipv4', 'ip,nw_tos=0x88', [eth(ipv4(udp(), tos=0x88)),
                                 eth(ipv4(udp(), tos=0x8b))],
      [UDP, eth(ipv4(udp(), tos=0x8c))])
match('ipv4', 'ip,nw_ecn=2', [eth(ipv4(udp(), tos=0x2)),
                              eth(ipv4(udp(), tos=0x46))],
      [UDP, eth(ipv4(udp(), tos=0x3))])
match('ipv4', 'ip,nw_ttl=64', [UDP], [eth(ipv4(udp(), ttl=63)),
                                      eth(ipv4(udp(), ttl=0))])
match('ipv4 fragments', 'ip,nw_frag=no', [UDP, eth(ipv4(udp(), flags=2))],
      [FIRST, LATER, MIDDLE])
match('ipv4 fragments', 'ip,nw_frag=yes', [FIRST, LATER, MIDDLE], [UDP])
match('ipv4 fragments', 'ip,nw_frag=first', [FIRST], [LATER, MIDDLE, UDP])
match('ipv4 fragments', 'ip,nw_frag=later', [LATER, MIDDLE], [FIRST, UDP])
match('ipv4 fragments', 'ip,nw_frag=not_later', [FIRST, UDP], [LATER, MIDDLE])
match('ipv4 fragments', 'udp,tp_dst=2000', [UDP, FIRST], [LATER, MIDDLE])

match('ipv6', 'ipv6,ipv6_src=fd00::1', [TCP6, UDP6],
      [eth(ipv6(udp(), src='fd00::3'))])
match('ipv6', 'ipv6,ipv6_src=fd00::/8', [TCP6],
      [eth(ipv6(udp(), src='fe80::1'))])
match('ipv6', 'ipv6,ipv6_src=::1/::ffff', [TCP6,
                                           eth(ipv6(udp(), src='2001::1'))],
      [eth(ipv6(udp(), src='fd00::2'))])
match('ipv6', 'ipv6,ipv6_dst=fd00::2', [TCP6, ICMP6],
      [eth(ipv6(udp(), dst='fd00::4'))])
match('ipv6', 'ipv6,ipv6_dst=fd00::/ff00:0:ffff::',
      [TCP6, eth(ipv6(udp(), dst='fd77:1::2'))],
      [eth(ipv6(udp(), dst='fd00:0:1::2'))])
match('ipv6', 'ipv6,ipv6_label=0x12345',
      [eth(ipv6(udp(), label=0x12345))], [UDP6])
match('ipv6', 'ipv6,ipv6_label=0x00040/0x000f0',
      [eth(ipv6(udp(), label=0xabc4d))], [UDP6])
match('ipv6', 'ipv6,nw_tos=0x88', [eth(ipv6(udp(), tclass=0x89))], [UDP6])
match('ipv6', 'ipv6,nw_ecn=1', [eth(ipv6(udp(), tclass=0x89))], [UDP6])
match('ipv6', 'ipv6,nw_ttl=64', [UDP6], [eth(ipv6(udp(), hlim=1))])
match('ipv6', 'ipv6,nw_proto=17', [UDP6], [TCP6, ICMP6])
match('ipv6', 'udp6,tp_dst=2000', [UDP6, HOPOPTS], [TCP6], expect=EITHER)
match('ipv6 fragments', 'ipv6,nw_frag=no', [UDP6], [FIRST6, LATER6])
match('ipv6 fragments', 'ipv6,nw_frag=yes', [FIRST6, LATER6], [UDP6])
match('ipv6 fragments', 'ipv6,nw_frag=first', [FIRST6], [LATER6, UDP6])
match('ipv6 fragments', 'ipv6,nw_frag=later', [LATER6], [FIRST6, UDP6])

for proto, make in ('tcp', tcp), ('udp', udp), ('sctp', sctp):
    for version, ip in ('', ipv4), ('6', ipv6):
        plain = eth(ip(make(PAYLOAD[:16])))
        match('%s%s' % (proto, version), '%s%s,tp_src=1000' % (proto, version),
              [plain], [eth(ip(make(PAYLOAD[:16], sport=1001)))])
        match('%s%s' % (proto, version),
              '%s%s,tp_src=0x3e0/0xfff0' % (proto, version),
              [plain, eth(ip(make(PAYLOAD[:16], sport=0x3ef)))],
              [eth(ip(make(PAYLOAD[:16], sport=0x3f0)))])
        match('%s%s' % (proto, version), '%s%s,tp_dst=2000' % (proto, version),
              [plain], [eth(ip(make(PAYLOAD[:16], dport=2001)))])
        match('%s%s' % (proto, version),
              '%s%s,tp_dst=0x0001/0x0001' % (proto, version),
              [eth(ip(make(PAYLOAD[:16], dport=2001)))], [plain])

match('tcp flags', 'tcp,tcp_flags=+syn-ack', [eth(ipv4(tcp(flags=2)))],
      [eth(ipv4(tcp(flags=0x12))), TCP])
match('tcp flags', 'tcp,tcp_flags=0x011', [eth(ipv4(tcp(flags=0x11)))],
      [TCP, eth(ipv4(tcp(flags=0x13)))], expect=EITHER)
match('tcp flags', 'tcp,tcp_flags=+fin', [eth(ipv4(tcp(flags=0x11))),
                                          eth(ipv4(tcp(flags=0xff)))], [TCP])
match('tcp flags', 'tcp6,tcp_flags=+rst', [eth(ipv6(tcp(flags=4)))], [TCP6])

match('icmp', 'icmp,icmp_type=8', [ICMP], [eth(ipv4(icmp(type=0)))])
match('icmp', 'icmp,icmp_type=3,icmp_code=4',
      [eth(ipv4(icmp(type=3, code=4)))], [eth(ipv4(icmp(type=3, code=1)))])
match('icmp6', 'icmp6,icmp_type=128', [ICMP6],
      [eth(ipv6(icmp6(type=129))), UDP6])
match('icmp6', 'icmp6,icmp_type=1,icmp_code=4',
      [eth(ipv6(icmp6(type=1, code=4)))], [eth(ipv6(icmp6(type=1, code=3)))])

match('arp', 'arp', [ARP, eth(arp(op=2))], [UDP, OTHER])
match('arp', 'arp,arp_op=2', [eth(arp(op=2))], [ARP])
match('arp', 'arp,arp_spa=10.0.0.1', [ARP], [eth(arp(spa='10.0.0.3'))])
match('arp', 'arp,arp_spa=10.0.0.0/24', [ARP], [eth(arp(spa='10.0.1.3'))])
match('arp', 'arp,arp_tpa=10.0.0.2', [ARP], [eth(arp(tpa='10.0.0.3'))])
match('arp', 'arp,arp_tpa=0.0.0.2/0.0.0.3', [ARP], [eth(arp(tpa='10.0.0.3'))])
match('arp', 'arp,arp_sha=02:00:00:00:00:01', [ARP], [eth(arp(sha=MAC % 7))])
match('arp', 'arp,arp_sha=00:00:00:00:00:01/00:00:00:00:00:ff', [ARP],
      [eth(arp(sha=MAC % 7))])
match('arp', 'arp,arp_tha=02:00:00:00:00:02',
      [eth(arp(op=2, tha=MAC % 2))], [ARP])
match('rarp', 'rarp', [eth(arp(op=3, ethertype=0x8035))], [ARP],
      expect=EITHER)

SOLICIT = eth(ipv6(nd_solicit(), hlim=255, dst='ff02::1:ff00:2'))
ADVERT = eth(ipv6(nd_advert(), hlim=255))
match('nd', 'icmp6,icmp_type=135', [SOLICIT], [ADVERT, UDP6])
match('nd', 'icmp6,icmp_type=135,icmp_code=0,nd_target=fd00::2', [SOLICIT],
      [eth(ipv6(nd_solicit(target='fd00::3'), hlim=255))])
match('nd', 'icmp6,icmp_type=135,icmp_code=0,nd_target=fd00::/64', [SOLICIT],
      [eth(ipv6(nd_solicit(target='fd01::3'), hlim=255))])
match('nd', 'icmp6,icmp_type=135,icmp_code=0,nd_sll=02:00:00:00:00:01',
      [SOLICIT], [eth(ipv6(nd_solicit(sll=MAC % 5), hlim=255))])
match('nd', 'icmp6,icmp_type=136,icmp_code=0,nd_target=fd00::1', [ADVERT],
      [eth(ipv6(nd_advert(target='fd00::3'), hlim=255))])
match('nd', 'icmp6,icmp_type=136,icmp_code=0,nd_tll=02:00:00:00:00:01',
      [ADVERT], [eth(ipv6(nd_advert(tll=MAC % 5), hlim=255))])
# An option that must be absent.  Others that are there are software's.
NONCE = b'\x0e\1' + bytes(6)
match('nd', 'icmp6,icmp_type=135,icmp_code=0,nd_sll=00:00:00:00:00:00',
      [eth(ipv6(nd_solicit(sll=''), hlim=255)),
       eth(ipv6(nd_solicit(sll='', options=NONCE), hlim=255))],
      [SOLICIT, eth(ipv6(nd_solicit(options=NONCE), hlim=255))], expect=1)
match('nd', 'icmp6,icmp_type=136,icmp_code=0,nd_tll=00:00:00:00:00:00',
      [eth(ipv6(nd_advert(tll=''), hlim=255)),
       eth(ipv6(nd_advert(tll='', options=NONCE), hlim=255))],
      [ADVERT, eth(ipv6(nd_advert(options=NONCE), hlim=255))], expect=1)


# ---- Actions: where to ------------------------------------------------

action('output', '2', EVERYTHING)
action('output', '100', EVERYTHING)
action('output', 'in_port', [TCP, OTHER])
action('output', '2,3', EVERYTHING)
action('output', '2,3,4,100', EVERYTHING)
action('output', 'all', [TCP, ARP], expect=COPIED)            # And br0.
action('drop', 'drop', EVERYTHING)
case('from the uplink', ['in_port=100,actions=1', 'in_port=1,actions=100'],
     [(100, TCP), (1, UDP6), (100, QINQ), (1, ARP)])
case('two tables', ['table=0,ip,actions=resubmit(,1)',
                    'table=0,priority=0,actions=3',
                    'table=1,nw_dst=10.0.0.2,actions=2,resubmit(,2)',
                    'table=2,udp,actions=mod_dl_dst:%s,4' % (MAC % 7)],
     [TCP, UDP, ICMP, TCP6])
action('output', 'LOCAL', [TCP], expect='output-port')
action('output', '2,LOCAL', EVERYTHING, expect=COPIED)
action('output', 'LOCAL,mod_dl_dst:%s,2,3' % (MAC % 9), [TCP, ARP],
       expect=COPIED)

action('clone', 'clone(mod_dl_dst:%s,2),3' % (MAC % 9), EVERYTHING)
action('clone', 'clone(push_vlan:0x8100,set_field:4106->vlan_vid,2,'
       'mod_dl_src:%s,100),mod_dl_dst:%s,3' % (MAC % 8, MAC % 9), [UDP, TCP6])
action('clone', '2,clone(mod_nw_dst:10.9.9.9,3)', [TCP, UDP], fields='ip')
action('clone', 'clone(mod_nw_dst:10.9.9.9,2),clone(mod_nw_ttl:7,3),4',
       [TCP, UDP], fields='ip')
action('clone', 'clone(mod_dl_dst:%s,LOCAL),3' % (MAC % 9), [TCP],
       expect=COPIED)

# ---- Actions: VLANs ----------------------------------------------------

action('vlan', 'push_vlan:0x8100,2', [UDP, TCP6, ARP, OTHER, FIRST])
action('vlan', 'push_vlan:0x8100,set_field:4106->vlan_vid,2', [UDP, TCP6])
action('vlan', 'push_vlan:0x8100,set_field:4106->vlan_vid,'
       'set_field:5->vlan_pcp,2', [UDP, TCP6, ICMP6])
action('vlan', 'push_vlan:0x88a8,set_field:4106->vlan_vid,2', [UDP, TCP6])
action('vlan', 'mod_vlan_vid:7,2', [UDP, TAGGED])
action('vlan', 'mod_vlan_vid:7,mod_vlan_pcp:6,2', [UDP, TAGGED])
action('vlan', 'mod_vlan_pcp:6,2', [UDP, TAGGED])
case('action vlan: pop_vlan where there is one',
     ['dl_vlan=10,actions=pop_vlan,2', 'priority=0,actions=2'],
     [TAGGED, QINQ, UDP, TAGGED_AD])
action('vlan', 'pop_vlan,2', [TAGGED, TAGGED_AD, QINQ], fields='dl_vlan=10')
action('vlan', 'pop_vlan,push_vlan:0x8100,set_field:4999->vlan_vid,2',
       [TAGGED, TAGGED_AD], fields='dl_vlan=10')
action('vlan', 'set_field:4107->vlan_vid,2', [TAGGED, QINQ],
       fields='dl_vlan=10')
action('vlan', 'load:3->NXM_OF_VLAN_TCI[0..3],2', [TAGGED],
       fields='dl_vlan=10')
action('vlan', '2,pop_vlan,3,push_vlan:0x8100,set_field:4195->vlan_vid,4',
       [TAGGED, QINQ], fields='dl_vlan=10')
action('vlan', 'strip_vlan,mod_dl_src:%s,mod_nw_dst:10.9.9.9,2' % (MAC % 8),
       [TAGGED], fields='udp,dl_vlan=10')
for tpid in 0x8100, 0x88a8:
    action('qinq', 'push_vlan:%#x,set_field:4196->vlan_vid,2' % tpid,
           [TAGGED, UDP, QINQ], vlan_limit=2)
action('qinq', 'pop_vlan,2', [QINQ, QINQ_Q, TRIPLE], fields='dl_vlan=10',
       vlan_limit=2)
case('action qinq: pop_vlan twice',
     ['table=0,dl_vlan=10,actions=pop_vlan,resubmit(,1)',
      'table=1,dl_vlan=20,actions=pop_vlan,2'],
     [QINQ, QINQ_Q], vlan_limit=2)
action('qinq', 'set_field:4107->vlan_vid,2', [QINQ, QINQ_Q],
       fields='dl_vlan=10', vlan_limit=2)
action('qinq', 'push_vlan:0x8100,set_field:4101->vlan_vid,'
       'push_vlan:0x88a8,set_field:4102->vlan_vid,2', [UDP, TCP6],
       vlan_limit=2)

# ---- Actions: fields ---------------------------------------------------

LAYER4 = [('tcp', '', tcp, ipv4), ('tcp', '6', tcp, ipv6),
          ('udp', '', udp, ipv4), ('udp', '6', udp, ipv6),
          ('sctp', '', sctp, ipv4), ('sctp', '6', sctp, ipv6)]

for field in 'eth_src', 'eth_dst':
    action(field, 'set_field:0e:11:22:33:44:55->%s,2' % field,
           [TCP, UDP6, ARP, TAGGED, OTHER])
    action(field, 'set_field:00:00:00:00:00:77/00:00:00:00:00:ff->%s,2'
           % field, [TCP, UDP6, ARP])
    action(field, 'set_field:0a:00:12:00:05:00/0f:00:ff:00:0f:00->%s,2'
           % field, [TCP, UDP6])
for field in 'ip_src', 'ip_dst':
    action(field, 'set_field:192.168.77.5->%s,2' % field,
           [TCP, UDP, SCTP, ICMP, FIRST, LATER_OTHER, OPTIONS, TAGGED,
            eth(ipv4(raw(PAYLOAD, 47)))], fields='ip')
    action(field, 'set_field:0.0.0.77/0.0.0.255->%s,2' % field,
           [TCP, UDP, ICMP], fields='ip')
    action(field, 'set_field:192.0.5.0/255.0.15.0->%s,2' % field,
           [TCP, UDP, ICMP], fields='ip')
    action(field, 'load:0x5->%s[4..7],2'
           % ('NXM_OF_IP_SRC' if field == 'ip_src' else 'NXM_OF_IP_DST'),
           [TCP, UDP], fields='ip')
for field in 'ipv6_src', 'ipv6_dst':
    action(field, 'set_field:2001:db8::5->%s,2' % field,
           [TCP6, UDP6, SCTP6, ICMP6, FIRST6, LATER6_OTHER],
           fields='ipv6')
    action(field, 'set_field:::77/::ff->%s,2' % field,
           [TCP6, UDP6, ICMP6], fields='ipv6')
    action(field, 'set_field:2001:db8::/ffff:ffff::->%s,2' % field,
           [TCP6, UDP6, ICMP6], fields='ipv6')
for proto, version, make, ip in LAYER4:
    plain = eth(ip(make(PAYLOAD[:16])))
    for field in '%s_src' % proto, '%s_dst' % proto:
        fields = proto + version
        action(field, 'set_field:4242->%s,2' % field,
               [plain, eth(vlan(ip(make(PAYLOAD[:15]))))]
               if proto != 'sctp' else [plain], fields=fields)
        # rte_flow has no field of SCTP to modify in part.
        partial = 'action' if proto == 'sctp' else OFFLOADED
        action(field, 'set_field:0x5/0xff->%s,2' % field, [plain],
               fields=fields, expect=partial)
        action(field, 'set_field:0x500/0x0f00->%s,2' % field, [plain],
               fields=fields, expect=partial)

TOS = [eth(ipv4(udp(PAYLOAD), tos=0x47)), eth(ipv4(tcp(PAYLOAD), tos=2)), UDP]
TOS6 = [eth(ipv6(udp(PAYLOAD), tclass=0x47, label=0xfffff)), UDP6]
action('tos', 'mod_nw_tos:0xb8,2', TOS, fields='ip')
action('tos', 'mod_nw_tos:0xb8,2', TOS6, fields='ipv6')
action('tos', 'mod_nw_ecn:1,2', TOS, fields='ip')
action('tos', 'mod_nw_ecn:3,2', TOS6, fields='ipv6')
action('tos', 'load:1->NXM_OF_IP_TOS[3..4],2', TOS, fields='ip')
action('tos', 'mod_nw_tos:0,mod_nw_ecn:2,2', TOS, fields='ip')
action('ttl', 'mod_nw_ttl:17,2', [UDP, TCP, OPTIONS, LATER], fields='ip')
action('ttl', 'mod_nw_ttl:17,2', [UDP6, TCP6], fields='ipv6')
action('ttl', 'load:1->NXM_NX_IP_TTL[0..1],2', [UDP], fields='ip')
action('ttl', 'dec_ttl,2', [UDP, TCP, ICMP, TAGGED, FIRST, LATER, OPTIONS],
       fields='ip')
action('ttl', 'dec_ttl,2', [UDP6, TCP6, ICMP6, LATER6], fields='ipv6')
action('ttl', 'dec_ttl,2', [eth(ipv4(udp(), ttl=1)), eth(ipv4(udp(), ttl=0))],
       fields='ip', expect=EITHER)
action('ttl', 'dec_ttl,dec_ttl,2', [UDP], fields='ip')
action('label', 'set_field:0x54321->ipv6_label,2', TOS6, fields='ipv6',
       expect=EITHER)
action('label', 'set_field:0x5/0xf->ipv6_label,2', TOS6, fields='ipv6',
       expect=EITHER)

# The zero checksum of UDP stays; one that comes out as zero is sent as ones.
NO_CSUM = eth(ipv4(udp(PAYLOAD, csum=0)))
action('udp without checksum', 'mod_nw_src:192.168.1.1,2', [NO_CSUM],
       fields='udp')
action('udp without checksum', 'mod_tp_dst:9,2', [NO_CSUM], fields='udp')
for port in range(0, 3):
    action('udp checksum', 'mod_tp_dst:%d,2' % port,
           [eth(ipv4(udp(b'\0\0', dport=2000))), UDP], fields='udp')
action('udp checksum of zero', 'mod_tp_dst:%d,2' % 0xc5dc,
       [eth(ipv4(udp(b'', sport=0, dport=0)))], fields='udp')

# Rewrites in between outputs: each output sees what came before it.
action('rewrites', 'mod_dl_dst:%s,2,mod_dl_dst:%s,3' % (MAC % 7, MAC % 8),
       EVERYTHING)
action('rewrites', '2,mod_nw_dst:10.7.7.7,3,dec_ttl,4', [TCP, UDP, ICMP],
       fields='ip')
action('rewrites', 'mod_tp_dst:5,2,mod_tp_src:6,3,mod_nw_tos:0x20,4', [TCP],
       fields='tcp')
action('rewrites', 'push_vlan:0x8100,set_field:4200->vlan_vid,2,pop_vlan,'
       'mod_dl_src:%s,3,mod_nw_ttl:3,4,100' % (MAC % 6), [TCP, UDP],
       fields='ip')
action('rewrites', 'dec_ttl,mod_dl_src:%s,mod_dl_dst:%s,mod_nw_src:1.2.3.4,'
       'mod_nw_dst:5.6.7.8,mod_tp_src:1,mod_tp_dst:2,mod_nw_tos:0x28,2'
       % (MAC % 6, MAC % 7), [TCP, eth(vlan(ipv4(tcp(PAYLOAD))))],
       fields='tcp')
action('rewrites', 'dec_ttl,mod_dl_src:%s,set_field:2001::1->ipv6_src,'
       'set_field:2001::2->ipv6_dst,mod_tp_src:1,mod_tp_dst:2,2' % (MAC % 6),
       [UDP6], fields='udp6')
action('to the sender\'s own value', 'mod_dl_dst:%s,mod_nw_dst:10.0.0.2,2'
       % (MAC % 2), [UDP], fields='ip')

# What Open vSwitch itself leaves to software.
action('icmp type', 'set_field:3->icmp_type,2', [ICMP], fields='icmp',
       expect='action-software')
action('arp', 'set_field:2->arp_op,2', [ARP], fields='arp', expect='action-software')
action('arp', 'set_field:10.5.5.5->arp_spa,2', [ARP], fields='arp',
       expect='action-software')
action('nd', 'set_field:fd00::9->nd_target,2', [SOLICIT],
       fields='icmp6,icmp_type=135,icmp_code=0', expect='action-software')
action('controller', 'controller,2', [UDP], expect=COPIED)
action('controller', '2,controller', [UDP, TCP6], expect=COPIED)
action('controller', 'mod_dl_src:%s,controller,mod_nw_src:10.0.0.9,2,'
       'push_vlan:0x8100,set_field:4101->vlan_vid,3' % (MAC % 9), [UDP, TCP],
       fields='ip', expect=COPIED)
action('controller', 'controller', EVERYTHING, expect='action-software')
action('controller', '2,controller(max_len=64),3', [UDP], expect=COPIED)
# An exception of dec_ttl; others of the flow stay in hardware.
for ttl in 0, 1:
    action('dec_ttl of %d' % ttl, 'dec_ttl,2', [eth(ipv4(udp(), ttl=ttl))],
           fields='ip', expect='action-software')
    action('dec_ttl of %d' % ttl, 'dec_ttl,2', [eth(ipv6(udp(), hlim=ttl))],
           fields='ipv6', expect='action-software')
    action('dec_ttl of %d' % ttl, '3,dec_ttl,2', [eth(ipv4(udp(), ttl=ttl))],
           fields='ip', expect=COPIED)
action('dec_ttl of 2', 'dec_ttl,2',
       [eth(ipv4(udp(), ttl=2)), eth(ipv4(udp(), ttl=255))], fields='ip')
action('dec_ttl of 2', 'dec_ttl,2', [eth(ipv6(udp(), hlim=2))], fields='ipv6')
action('trunc', 'output(port=2,max_len=60)', [UDP, TCP6], expect='action')
action('trunc', '3,output(port=2,max_len=60),4', [UDP], expect='action')
CONNECTIONS = [eth(ip(l4(PAYLOAD, sport=n)))
               for ip in (ipv4, ipv6) for l4 in (tcp, udp)
               for n in range(1000, 1008)]
for method in 'dp_hash', 'hash,fields(eth_dst,ip_dst,tcp_dst)':
    case('action select group: %s' % method,
         ['group_id=1,type=select,selection_method=%s,' % method
          + ','.join('bucket=bucket_id=%d,weight=%d,actions=%s%d'
                     % (n, n, 'dec_ttl,' if n == 2 else '', n + 1)
                     for n in (1, 2, 3)),
          'ip,actions=group:1', 'ipv6,actions=group:1'],
         CONNECTIONS, expect='action' if method == 'dp_hash' else OFFLOADED)
# Of what was never tracked.
action('ct_clear', 'ct_clear,2', [UDP, TCP6, ARP])
action('ct_clear', '2,ct_clear,mod_dl_dst:%s,ct_clear,3' % (MAC % 9), [UDP])
action('push_nsh', 'encap(nsh(md_type=1)),encap(ethernet),'
       'set_field:%s->dl_dst,2' % (MAC % 9), [UDP], expect='action')
# Nothing sees a mark of a packet that leaves.
action('set of skb_mark', 'set_field:5->pkt_mark,2', [UDP], expect=EITHER)

# ---- Wrong checksums: neither mended nor made worse ---------------------

BAD = [eth(ipv4(udp(PAYLOAD, csum=0x1234))), eth(ipv4(tcp(PAYLOAD, csum=1))),
       eth(ipv4(udp(PAYLOAD), csum=0x4321)),
       eth(ipv4(icmp(PAYLOAD, csum=0x1111)))]
BAD6 = [eth(ipv6(udp(PAYLOAD, csum=0x1234))),
        eth(ipv6(tcp(PAYLOAD, csum=0x1234))),
        eth(ipv6(icmp6(b'\0\1\0\1', csum=0x1234)))]
action('bad checksums', '2', BAD + BAD6)
action('bad checksums', 'mod_dl_src:%s,2' % (MAC % 9), BAD + BAD6)
action('bad checksums', 'mod_nw_dst:10.3.3.3,2', BAD, fields='ip',
       expect=EITHER)
action('bad checksums', 'dec_ttl,2', BAD, fields='ip', expect=EITHER)
action('bad checksums', 'set_field:fd77::1->ipv6_dst,2', BAD6, fields='ipv6',
       expect=EITHER)
action('bad checksums', 'mod_tp_dst:77,2', BAD[:1], fields='udp',
       expect=EITHER)
action('bad checksums', 'mod_tp_dst:77,2', BAD[1:2], fields='tcp',
       expect=EITHER)

# ---- Truncated and malformed: software and hardware must agree ----------

MALFORMED = [
    ('ethernet header alone', eth(other(b'', 0x0800))),
    ('cut in the ipv4 header', TCP[:14 + 11]),
    ('cut in the tcp header', TCP[:14 + 20 + 9]),
    ('cut in the udp header', UDP[:14 + 20 + 5]),
    ('cut in the payload', UDP[:14 + 20 + 8 + 7]),
    ('cut in the ipv6 header', TCP6[:14 + 30]),
    ('cut in the vlan header', TAGGED[:14 + 1]),
    ('cut in the arp body', ARP[:14 + 12]),
    ('cut in the icmp header', ICMP[:14 + 20 + 3]),
    ('cut in nd', SOLICIT[:14 + 40 + 10]),
    ('cut in the sctp header', SCTP[:14 + 20 + 6]),
    ('padded', UDP + b'\0' * 9),
    ('short and padded', eth(ipv4(udp(b'x'))) + b'\xee' * 20),
    ('ipv4 of version 5', eth(ipv4(udp(PAYLOAD), version=5))),
    ('ipv4 with ihl 4', eth(ipv4(udp(PAYLOAD), ihl=4))),
    ('ipv4 with ihl 15', eth(ipv4(udp(PAYLOAD[:16]), ihl=15))),
    ('ipv4 total length too long', eth(ipv4(udp(PAYLOAD), length=1400))),
    ('ipv4 total length too short', eth(ipv4(udp(PAYLOAD), length=12))),
    ('ipv4 total length cuts udp', eth(ipv4(udp(PAYLOAD), length=24))),
    ('udp length too long', eth(ipv4(udp(PAYLOAD, length=900)))),
    ('udp length too short', eth(ipv4(udp(PAYLOAD, length=3)))),
    ('tcp offset too small', eth(ipv4(tcp(PAYLOAD, offset=3)))),
    ('tcp offset too big', eth(ipv4(tcp(b'', offset=15)))),
    ('ipv6 of version 4', eth(ipv6(udp(PAYLOAD), version=4))),
    ('ipv6 payload length too long', eth(ipv6(udp(PAYLOAD), length=999))),
    ('ipv6 payload length zero', eth(ipv6(udp(PAYLOAD), length=0))),
    ('ipv6 extension cut', eth(ipv6(raw(b'', 0)))),
    ('ipv6 extension too long',
     eth(ipv6(udp(PAYLOAD), extensions=[(0, b'\0\xff\1\4\0\0\0\0')]))),
    ('llc', eth(other(b'\xaa\xaa\3\0\0\0\x88\xb5' + PAYLOAD, 72))),
    ('arp of another kind', eth(other(b'\0\6\x08\0' + PAYLOAD, 0x0806))),
    ('nothing but ones', b'\xff' * 80),
    ('nothing but zeros', b'\0' * 80),
]
for name, frame in MALFORMED:
    # After a sound frame of the same kind made the megaflow, and before.
    for order in 'before', 'after':
        sound = [UDP, TCP, UDP6, ARP]
        case('malformed, %s a sound one: %s' % (order, name),
             ['priority=30,udp,tp_dst=2000,actions=mod_tp_dst:7,2',
              'priority=30,tcp,tp_dst=2000,actions=mod_nw_dst:10.1.1.1,2',
              'priority=30,udp6,tp_dst=2000,actions=mod_tp_src:7,2',
              'priority=20,ip,actions=dec_ttl,3',
              'priority=20,ipv6,actions=dec_ttl,3',
              'priority=20,arp,arp_spa=10.0.0.1,actions=2',
              'priority=1,actions=4'],
             [frame] + sound if order == 'before' else sound + [frame],
             expect=EITHER)

# ---- Sizes ---------------------------------------------------------------

action('size', 'mod_nw_dst:10.3.3.3,2',
       [eth(ipv4(udp(bytes(n)))) for n in (0, 1, 17, 18, 64, 1471, 1472)],
       fields='ip')


# ---- check_pkt_larger ----------------------------------------------------

def udp4(n, **kwargs):
    """A frame of 'n' bytes."""
    return eth(ipv4(udp(bytes(n - 42)), **kwargs))


def udp6(n):
    return eth(ipv6(udp(bytes(n - 62))))


def tagged4(n, **kwargs):
    return eth(vlan(ipv4(udp(bytes(n - 46))), vid=10, **kwargs))


def length(name, check, frames, longer='3', others='2', fields='', **kwargs):
    """'check' has an "n" where the frame's length is looked at, for which
    register 0 has a bit."""
    case('length %s' % name,
         ['table=0,%sactions=%s,goto_table:1'
          % (fields, re.sub(r'n(\d+)', r'check_pkt_larger(\1)->NXM_NX_REG0[0]',
                            check)),
          'table=1,priority=2,reg0=1/1,actions=%s' % longer,
          'table=1,priority=1,actions=%s' % others], frames, **kwargs)


AROUND = [udp4(n) for n in (64, 99, 100, 101, 102, 1514)]
AROUND6 = [udp6(n) for n in (64, 99, 100, 101, 102, 1514)]
for fields, frames in ('ip', AROUND), ('ipv6', AROUND6), ('tcp', [TCP]), (
        'tcp6', [TCP6]):
    length(fields, 'n100', frames, fields=fields + ',')
    length('%s, one drops' % fields, 'n100', frames, longer='drop',
           fields=fields + ',')
    length('%s, rewrites' % fields, 'n100', frames, fields=fields + ',',
           longer='mod_dl_dst:%s,3' % (MAC % 9),
           others='mod_dl_src:%s,2,mod_dl_dst:%s,4' % (MAC % 8, MAC % 7))
for n in 1, 127, 128, 1000, 1513:
    length('of %d bytes' % n, 'n%d' % n,
           [udp4(m) for m in (64, 127, 128, 129, 999, 1000, 1001, 1513, 1514)])
# Padding does not count.
length('padded', 'n50', [udp4(n).ljust(60, b'\0') for n in (42, 50, 51, 59)]
       + [udp6(62).ljust(70, b'\0')])
length('padded IPv6', 'n63',
       [udp6(n).ljust(n + 9, b'\0') for n in (62, 63, 64)])
length('fragments', 'n97', [FIRST, LATER_OTHER, udp4(97), udp4(98)])
length('options', 'n113', [OPTIONS, eth(ipv4(udp(PAYLOAD + b'x'),
                                             options=b'\1' * 8))])
length('extension headers', 'n133', [HOPOPTS, udp6(133), udp6(134)],
       expect=EITHER)
# A VLAN header does.
TAGGED_AROUND = [tagged4(n) for n in (99, 100, 101, 103, 104, 105)]
length('VLAN', 'n100', TAGGED_AROUND + AROUND)
length('VLAN, popped', 'pop_vlan,n100', TAGGED_AROUND, fields='dl_vlan=10,')
length('VLAN, pushed', 'push_vlan:0x8100,set_field:4106->vlan_vid,n104',
       AROUND)
length('VLAN, popped and pushed', 'pop_vlan,push_vlan:0x88a8,n104',
       TAGGED_AROUND, fields='dl_vlan=10,')
length('two VLANs', 'n108', [eth(vlan(vlan(ipv4(udp(bytes(n))), vid=20),
                                      vid=10)) for n in (57, 58, 59)],
       vlan_limit=2)
length('two VLANs, popped', 'pop_vlan,n104',
       [eth(vlan(vlan(ipv4(udp(bytes(n))), vid=20), vid=10))
        for n in (57, 58, 59)], fields='dl_vlan=10,', vlan_limit=2)
length('two VLANs of which one is seen', 'n108',
       [eth(vlan(vlan(ipv4(udp(bytes(n))), vid=20), vid=10))
        for n in (57, 58, 59)], expect='action')
# Without an IP header there is none.
length('not IP', 'n60', [ARP, OTHER], expect='action')
length('not IP, both do the same', 'n60', [ARP, OTHER], longer='2')
# What software has to do it does, and nothing else.
CUT = 'output(port=%d,max_len=64)'
length('software has the longer ones', 'n100', AROUND, longer=CUT % 3,
       expect=Marked(3))
length('software has the others', 'n100', AROUND6, others=CUT % 3,
       expect=Marked(3))
length('software has a part', 'n100', AROUND, longer='LOCAL,3', expect=3)
length('software has all', 'n100', AROUND, longer='controller',
       others='LOCAL', expect='output-port')
# Others come after it, or before.
case('length within a list', ['actions=2,resubmit(,1),mod_dl_src:%s,4'
                              % (MAC % 8),
                              'table=1,actions=check_pkt_larger(100)->'
                              'NXM_NX_REG0[0],resubmit(,2)',
                              'table=2,priority=2,reg0=1/1,'
                              'actions=mod_dl_dst:%s,3' % (MAC % 9),
                              'table=2,priority=1,actions=100'], AROUND)
case('length twice', ['actions=check_pkt_larger(100)->NXM_NX_REG0[0],'
                      'check_pkt_larger(101)->NXM_NX_REG0[1],resubmit(,2)']
     + ['table=2,reg0=%d,actions=%d' % (value, port)
        for value, port in ((0, 2), (1, 3), (2, 100), (3, 4))], AROUND)


# ---- MPLS, and what Open vSwitch recirculates after it ------------------

def label(inner=None, **kwargs):
    return eth(mpls(inner or ipv4(udp(PAYLOAD)), **kwargs))


def mpls_match(fields, yes, no, **kwargs):
    case('mpls match %s' % fields,
         ['priority=10,dl_type=0x8847%s,actions=2' % fields,
          'priority=1,actions=3'], list(yes) + list(no), **kwargs)


def chain(name, flows, frames, **kwargs):
    case('chain %s' % name, flows, frames, **kwargs)


LABEL = label()
LABEL_TCP = label(ipv4(tcp(PAYLOAD)))
LABEL6 = label(ipv6(tcp(PAYLOAD)))
LABELS = label(mpls(ipv4(udp(PAYLOAD)), label=6))
LABELS3 = label(mpls(mpls(ipv4(udp(PAYLOAD)), label=7), label=6))
LABELS4 = label(mpls(mpls(mpls(ipv4(udp(PAYLOAD)), label=8), label=7),
                     label=6))

mpls_match('', [LABEL, LABELS, LABELS4], [UDP, TAGGED, ARP,
                                          label(ethertype=0x8848)])
mpls_match(',mpls_label=5', [LABEL, LABEL6, LABELS],
           [label(label=6), label(label=0xfffff), UDP])
mpls_match(',mpls_tc=3', [label(tc=3), label(tc=3, label=9)],
           [label(tc=1), label(tc=7)])
mpls_match(',mpls_bos=1', [LABEL, LABEL6], [LABELS, LABELS3])
mpls_match(',mpls_bos=0', [LABELS, LABELS3, LABELS4], [LABEL])
mpls_match(',mpls_ttl=9', [label(ttl=9)], [LABEL, label(ttl=8)])
mpls_match(',dl_vlan=10', [eth(vlan(mpls(ipv4(udp(PAYLOAD)))))],
           [LABEL, TAGGED])
for output in '2', 'mod_dl_dst:%s,2' % (MAC % 7), '2,mod_dl_src:%s,3' % (
        MAC % 7), 'push_vlan:0x8100,set_field:4106->vlan_vid,2':
    chain('mpls output %s' % output, 'dl_type=0x8847,actions=' + output,
          [LABEL, LABELS, LABEL6])

POP = 'dl_type=0x8847,mpls_label=5,mpls_bos=1,actions=%spop_mpls:0x%04x,%s'
chain('pop, output', POP % ('', 0x0800, '2'), [LABEL, LABEL_TCP])
chain('pop two, output',
      'dl_type=0x8847,mpls_bos=0,actions=pop_mpls:0x8847,pop_mpls:0x0800,2',
      [LABELS])
chain('pop of three one, output',
      'dl_type=0x8847,mpls_bos=0,actions=pop_mpls:0x8847,2',
      [LABELS, LABELS3])
chain('pop behind a VLAN header', POP % ('', 0x0800, '2'),
      [eth(vlan(mpls(ipv4(udp(PAYLOAD)))))])
for name, then in (
        ('output', ['actions=2']),
        ('layer 3', ['priority=2,ip,nw_dst=10.0.0.2,actions=2',
                     'priority=1,actions=3']),
        ('layer 4', ['priority=2,tcp,tp_dst=2000,actions=2',
                     'priority=2,udp,tp_src=1000,actions=4',
                     'priority=1,actions=3']),
        ('rewrite', ['ip,actions=dec_ttl,mod_nw_dst:10.7.7.7,'
                     'mod_dl_dst:%s,2' % (MAC % 7)]),
        ('rewrites per output', ['ip,actions=mod_nw_src:10.7.7.7,2,'
                                 'mod_nw_dst:10.8.8.8,dec_ttl,3,100']),
        ('tag', ['ip,actions=push_vlan:0x8100,set_field:4106->vlan_vid,2']),
        ('drop', ['udp,actions=drop', 'priority=1,actions=2'])):
    then = ['table=2,' + flow for flow in then]
    chain('pop, then %s' % name,
          [POP % ('', 0x0800, 'goto_table:2')] + then,
          [LABEL, LABEL_TCP, label(ipv4(udp(PAYLOAD), dst='10.0.0.9'))])
    # What is done before is done in hardware.
    chain('rewrite, pop, then %s' % name,
          [POP % ('mod_dl_src:%s,' % (MAC % 9), 0x0800, 'goto_table:2')]
          + then, [LABEL, LABEL_TCP])
    chain('output, pop, then %s' % name,
          [POP % ('100,', 0x0800, 'goto_table:2')] + then,
          [LABEL, LABEL_TCP])
    chain('pop two, then %s' % name,
          ['dl_type=0x8847,mpls_label=5,mpls_bos=0,'
           'actions=pop_mpls:0x8847,goto_table:1',
           'table=1,dl_type=0x8847,mpls_label=6,'
           'actions=pop_mpls:0x0800,goto_table:2'] + then, [LABELS])
chain('pop, then IPv6',
      [POP % ('', 0x86dd, 'goto_table:1'),
       'table=1,tcp6,ipv6_dst=fd00::2,actions=dec_ttl,'
       'set_field:2001:db8::5->ipv6_src,2', 'table=1,priority=0,actions=3'],
      [LABEL6, label(ipv6(udp(PAYLOAD)))])
chain('from two ports', ['dl_type=0x8847,actions=pop_mpls:0x0800,goto_table:1',
                         'table=1,in_port=1,udp,actions=2',
                         'table=1,in_port=100,udp,actions=3'],
      [LABEL, (100, LABEL)])
chain('by both ways', ['dl_type=0x8847,actions=pop_mpls:0x0800,goto_table:1',
                       'ip,actions=goto_table:1',
                       'table=1,udp,actions=dec_ttl,2',
                       'table=1,tcp,actions=3'],
      [LABEL, UDP, LABEL_TCP, TCP])


# Labels that are put on or changed, which takes known addresses.
FROM, TO = 'dl_src=%s,dl_dst=%s' % (MAC % 1, MAC % 2), 'dl_src=%s' % (MAC % 1)
PUSH = 'push_mpls:0x8847,set_field:%d->mpls_label'


def push_mpls(name, match, actions, frames, **kwargs):
    case('mpls push %s' % name, '%s,actions=%s' % (match, actions), frames,
         **kwargs)


for frames in [UDP, TCP, OPTIONS], [TCP6, UDP6], [ARP], [OTHER]:
    push_mpls('on %04x' % struct.unpack('!H', frames[0][12:14]), FROM,
              (PUSH + ',2') % 77, frames)
push_mpls('with all fields', FROM + ',ip', PUSH % 0xfffff + ',set_field:5->'
          'mpls_tc,set_field:9->mpls_ttl,2', [UDP])
push_mpls('multicast', FROM, 'push_mpls:0x8848,set_field:3->mpls_label,2',
          [UDP, TCP6])
push_mpls('twice', FROM, (PUSH + ',' + PUSH + ',2') % (7, 8), [UDP, TCP6])
push_mpls('on labels', FROM + ',dl_type=0x8847', (PUSH + ',2') % 77,
          [LABEL, LABELS])
push_mpls('to new addresses', 'ip', 'mod_dl_src:%s,mod_dl_dst:%s,dec_ttl,%s,2'
          % (MAC % 8, MAC % 9, PUSH % 77), [UDP, TCP])
push_mpls('then new addresses', FROM + ',ip', '%s,mod_dl_dst:%s,2'
          % (PUSH % 77, MAC % 9), [UDP])
push_mpls('in one copy', FROM, '2,%s,3' % (PUSH % 77), [UDP, TCP6])
push_mpls('in a clone', FROM, 'clone(%s,2),3' % (PUSH % 77), [UDP, TCP6])
push_mpls('then a VLAN header', FROM, PUSH % 77
          + ',push_vlan:0x8100,set_field:4106->vlan_vid,2', [UDP])
push_mpls('without addresses', TO, (PUSH + ',2') % 77, [UDP], expect='action')
push_mpls('behind a VLAN header', FROM + ',dl_vlan=10', (PUSH + ',2') % 77,
          [TAGGED], expect='action')
for name, actions in (('label', 'set_field:99->mpls_label'),
                      ('tc', 'set_field:2->mpls_tc'),
                      ('TTL', 'set_field:9->mpls_ttl'),
                      ('TTL, one less', 'dec_mpls_ttl'),
                      ('all', 'set_field:99->mpls_label,set_field:2->mpls_tc,'
                       'dec_mpls_ttl,mod_dl_dst:%s' % (MAC % 9)),
                      ('nothing', 'set_field:5->mpls_label')):
    case('mpls set %s' % name,
         '%s,dl_type=0x8847,actions=%s,2' % (FROM, actions),
         [LABEL, LABELS, LABEL6])
case('mpls set swap and pop',
     ['%s,dl_type=0x8847,mpls_bos=0,actions=pop_mpls:0x8847,'
      'set_field:99->mpls_label,2' % FROM], [LABELS], expect=EITHER)
chain('push, then by label',
      ['%s,ip,actions=%s,goto_table:1' % (FROM, PUSH % 77),
       'table=1,dl_type=0x8847,mpls_label=77,actions=2'], [UDP, TCP])

CHECK = ('table=1,actions=check_pkt_larger(100)->NXM_NX_REG0[0],'
         'goto_table:2')
LONGER, OTHERS = ('table=2,priority=2,reg0=1/1,actions=',
                  'table=2,priority=1,actions=')
LABELLED = [label(ipv4(udp(bytes(n)))) for n in (20, 57, 58, 59, 60, 1400)]
chain('pop, then by length',
      [POP % ('', 0x0800, 'goto_table:1'), CHECK, LONGER + '2', OTHERS + '3'],
      LABELLED)
chain('pop, then by length, software has the longer ones',
      [POP % ('mod_dl_src:%s,' % (MAC % 9), 0x0800, 'goto_table:1'), CHECK,
       LONGER + CUT % 2, OTHERS + '3'], LABELLED, expect=3)

# Several levels deep.
for depth in 2, 3, 4:
    flows = ['table=%d,%sdl_type=0x8847,mpls_label=%d,actions=%s%s'
             % (i, 'dl_vlan=%d,' % (10 + depth - i) if i else '',
                20 + depth - 1 - i, 'pop_vlan,' if i else '',
                'pop_mpls:0x8100,goto_table:%d' % (i + 1)
                if i < depth - 1 else 'pop_mpls:0x0800,goto_table:%d' % depth)
             for i in range(depth)]
    chain('%d deep' % depth,
          flows + ['table=%d,udp,actions=dec_ttl,mod_tp_dst:7,2' % depth],
          [eth(nest(ipv4(udp(PAYLOAD)), depth))])
    chain('%d deep, with rewrites' % depth,
          [flow.replace('actions=', 'actions=mod_dl_src:%s,'
                        % (MAC % (16 + i)))
           for i, flow in enumerate(flows)]
          + ['table=%d,udp,actions=mod_nw_dst:10.1.2.3,2,3' % depth],
          [eth(nest(ipv4(udp(PAYLOAD)), depth))])

# Hardware has the first part, software the rest.
chain('that hardware has a part of',
      [POP % ('mod_dl_src:%s,' % (MAC % 9), 0x86dd, 'goto_table:1'),
       'table=1,ipv6,actions=set_field:0x54321->ipv6_label,2'],
      [LABEL6, LABEL6], expect=EITHER)


# Connection tracking.  The connections stay in software (other_config:dpu-ct-max
# is 0): every frame comes up once.

def ct(name, flows, frames, **kwargs):
    kwargs.setdefault('expect', COPIED)
    case('ct ' + name, flows, frames, **kwargs)


IPV4, IPV6 = [TCP, UDP, ICMP, SCTP, OPTIONS], [TCP6, UDP6, ICMP6, HOPOPTS]
COMMIT = 'in_port=1,ip,actions=ct(commit%s),%s2'
COMMIT6 = 'in_port=1,ipv6,actions=ct(commit%s),%s2'

ct('commit', COMMIT % (',zone=65535', ''), IPV4)
ct('commit IPv6', COMMIT6 % (',zone=3', ''), IPV6)
ct('commit alone', 'in_port=1,ip,actions=ct(commit)', [TCP, UDP])
ct('commit by force', 'in_port=1,ip,actions=ct(commit,force),2', [UDP, ICMP])
ct('ALG', 'in_port=1,tcp,actions=ct(commit,alg=ftp),2', [TCP])
ct('what is invalid',
   ['ip,ct_state=-trk,actions=ct(table=1,zone=9)',
    'table=1,ct_state=+trk+inv,actions=3',
    'table=1,ct_state=+trk-inv,ct_zone=9,actions=2'], IPV4)
ct('what is not tracked',
   ['ip,ct_state=-trk,actions=ct(table=1,zone=9)',
    'table=1,ct_state=+trk,ct_zone=9,actions=2',
    'priority=1,actions=3'], [UDP, UDP6, ARP, OTHER], expect=1)
ct('by mark',
   ['ip,ct_state=-trk,actions='
    'ct(commit,zone=3,exec(set_field:0x7->ct_mark),table=1)',
    'table=1,ct_mark=0x7/0xf,actions=2', 'table=1,priority=1,actions=3'],
   [TCP, UDP])
ct('by part of a mark',
   ['udp,ct_state=-trk,actions=ct(commit,exec('
    'set_field:0x80000000/0x80000000->ct_mark),table=1)',
    'icmp,ct_state=-trk,actions=ct(commit,table=1)',
    'table=1,ct_mark=0x80000000/0x80000000,actions=2',
    'table=1,priority=1,actions=3'], [UDP, ICMP])
ct('by label',
   ['udp,ct_state=-trk,actions=ct(commit,exec(set_field:'
    '0x80000000000000000000000000000005->ct_label),table=1)',
    'icmp,ct_state=-trk,actions=ct(commit,table=1)',
    'table=1,ct_label=0x80000000000000000000000000000001/'
    '0x80000000000000000000000000000003,actions=2',
    'table=1,priority=1,actions=3'], [UDP, ICMP])
ct('by original tuple',
   ['ip,ct_state=-trk,actions=ct(commit,nat(dst=10.9.9.9),table=1)',
    'table=1,ct_state=+trk+new,udp,ct_nw_dst=10.0.0.2,ct_nw_proto=17,'
    'ct_tp_dst=2000,actions=2',
    'table=1,ct_state=+trk+new,icmp,ct_nw_src=10.0.0.0/24,ct_nw_proto=1,'
    'ct_tp_src=8,actions=4',
    'table=1,priority=1,actions=3'], [UDP, ICMP, TCP])
ct('by original tuple of IPv6',
   ['ipv6,ct_state=-trk,actions=ct(commit,table=1)',
    'table=1,ct_state=+trk+new,udp6,ct_ipv6_src=fd00::1,'
    'ct_ipv6_dst=fd00::/64,ct_nw_proto=17,actions=2',
    'table=1,priority=1,actions=3'], [UDP6, TCP6])
ct('with a label',
   'in_port=1,ip,actions=ct(commit,exec(set_field:0x9->ct_label)),2', [UDP])
ct('by zone',
   ['udp,ct_state=-trk,actions=ct(zone=0x102,table=1)',
    'icmp,ct_state=-trk,actions=ct(zone=0x202,table=1)',
    'table=1,ct_zone=0x102,actions=2', 'table=1,ct_zone=0x202,actions=3'],
   [UDP, ICMP])
ct('SNAT', COMMIT % (',nat(src=10.9.9.9)', ''), [TCP, UDP, ICMP])
ct('SNAT to a port', COMMIT % (',nat(src=10.9.9.9:77)', ''), [UDP])
ct('SNAT of IPv6', COMMIT6 % (',nat(src=fd09::9)', ''), [TCP6, UDP6, ICMP6])
ct('DNAT', COMMIT % (',nat(dst=10.9.9.9)', ''), [TCP, UDP, ICMP])
ct('DNAT to a port', COMMIT % (',nat(dst=10.9.9.9:80)', ''), [TCP, UDP])
ct('NAT, then sets',
   COMMIT % (',nat(src=10.9.9.9)', 'mod_nw_src:10.0.0.1,mod_dl_dst:%s,'
             'dec_ttl,' % (MAC % 9)), [TCP, UDP])
ct('sets, then NAT',
   'in_port=1,udp,actions=mod_nw_src:10.7.7.7,dec_ttl,mod_tp_dst:9,'
   'ct(commit,nat(dst=10.9.9.9)),2', [UDP])
ct('two in a row',
   'in_port=1,ip,actions=ct(commit,zone=1),'
   'ct(commit,zone=2,nat(src=10.9.9.9)),2', [TCP, UDP, ICMP])
ct('two NATs in a row',
   'in_port=1,ip,actions=ct(commit,zone=1,nat(dst=10.8.8.8)),mod_dl_dst:%s,'
   'ct(commit,zone=2,nat(src=10.9.9.9)),2' % (MAC % 9), [TCP, UDP])
ct('one zone after the other',
   ['ip,ct_state=-trk,actions=ct(table=1,zone=1)',
    'table=1,ip,ct_zone=1,actions=ct(commit,zone=1),ct(table=2,zone=2)',
    'table=2,ip,ct_zone=2,ct_state=+trk,actions=ct(commit,zone=3,'
    'nat(src=10.9.9.9),table=3)',
    'table=3,ip,ct_zone=3,nw_src=10.9.9.9,actions=2'], [TCP, UDP])
ct('ct_clear',
   ['ip,ct_state=-trk,actions=ct(commit,table=1,zone=1,'
    'exec(set_field:0x7->ct_mark))',
    'table=1,ip,ct_state=+trk,ct_mark=7,actions=ct_clear,mod_dl_dst:%s,'
    'ct(table=2,zone=2)' % (MAC % 9),
    'table=2,ct_mark=0,ct_zone=2,actions=2'], [TCP, UDP])
ct('ct_clear, then a lookup',
   ['ip,actions=ct(commit,table=1)',
    'table=1,ip,actions=ct_clear,push_mpls:0x8847,pop_mpls:0x0800,'
    'goto_table:2',
    'table=2,ip,ct_state=-trk,actions=2'], [UDP], expect=EITHER)
ct('copies before and behind',
   'in_port=1,ip,actions=3,ct(commit),mod_dl_dst:%s,4,mod_nw_tos:4,2'
   % (MAC % 9), [TCP, UDP])
ct('then a VLAN header',
   COMMIT % ('', 'push_vlan:0x8100,set_field:4106->vlan_vid,'), [TCP, UDP])
ct('behind a VLAN header',
   'in_port=1,dl_vlan=10,ip,actions=pop_vlan,ct(commit,zone=4),2', [TAGGED])
ct('of a tagged packet',
   'in_port=1,dl_vlan=10,ip,actions=ct(commit,zone=4),pop_vlan,2', [TAGGED])
