# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors

"""Pipelines made by chance, each of a seed.

First come the packets, then flows: most matches are on what one of the packets
has, so that they meet.  Addresses, ports and the like are of small sets, so
that what one table writes another one matches."""

import random

import pipeline as pipelines
import rig
import traffic
from packet import MAC

MACS = [MAC % n for n in range(1, 10)]
IPS = ['10.0.0.%d' % n for n in range(1, 5)] + ['10.7.7.7', '10.9.9.9']
IP6S = ['fd00::%d' % n for n in range(1, 4)] + ['fd09::9']
VFS = [1, 2, 3, 4]
MAX_TABLES = 5


class Maker:
    """Makes one pipeline."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        r = self.random
        self.one = r.choice
        self.stateful = r.random() < 0.3
        self.tunnels = r.random() < 0.3
        self.mpls = r.random() < 0.15
        self.learning = r.random() < 0.06
        self.n_tables = r.randint(1, MAX_TABLES)
        self.groups = []
        self.packets = traffic.packets(r, self.stateful, self.tunnels,
                                       self.mpls)

    def often(self, probability):
        return self.random.random() < probability

    def some(self, items, low, high):
        n = self.random.randint(low, high)
        return self.random.sample(items, min(n, len(items)))

    # ---- Matches ----------------------------------------------------------

    def masked(self, name, value, bits):
        """A match on 'value' of 'bits' bits, whole or in part."""
        if self.often(0.7):
            return '%s=%s' % (name, hex(value))
        mask = self.one([1 << self.random.randrange(bits),
                         (1 << bits) - (1 << self.random.randrange(bits)),
                         self.random.getrandbits(bits) or 1])
        return '%s=%s/%s' % (name, hex(value & mask), hex(mask))

    def address(self, name, value, masks):
        return '%s=%s%s' % (name, value, self.one(masks))

    def match_l2(self, p):
        fields = []
        if self.often(0.3):
            fields.append(self.address('dl_dst', self.one([p.dst] * 3 + MACS),
                                       ['', '', '/ff:ff:ff:00:00:0f',
                                        '/00:00:00:00:00:01']))
        if self.often(0.2):
            fields.append(self.address('dl_src', self.one([p.src] * 3 + MACS),
                                       ['', '/ff:ff:00:00:00:ff']))
        if self.often(0.2 if not p.vlans else 0.6):
            fields.append(
                self.one(['dl_vlan=%d' % p.vlans[0][0],
                          'dl_vlan_pcp=%d' % p.vlans[0][1],
                          'vlan_vid=0x1000/0x1000',
                          'vlan_tci=0x%x/0x%x' % (
                              0x1000 | p.vlans[0][0] & 0xf, 0x100f)])
                if p.vlans else self.one(['vlan_tci=0', 'dl_vlan=10']))
        return fields

    def match_ip(self, p, depth):
        """Layer 3 and 4; how much of them is up to 'depth', 0 to 2."""
        ip = p.version == 4
        l4 = {6: 'tcp', 17: 'udp', 132: 'sctp', 1: 'icmp',
              58: 'icmp6'}.get(p.proto) if depth else None
        if l4 and l4 != 'icmp6' and not ip:
            l4 += '6'
        fields = [l4 or ('ip' if ip else 'ipv6')]
        src, dst = ('nw_src', 'nw_dst') if ip else ('ipv6_src', 'ipv6_dst')
        masks = (['', '', '/24', '/31', '/8', '/255.0.0.255'] if ip
                 else ['', '', '/64', '/127', '/ff00::f'])
        pool = IPS if ip else IP6S
        if self.often(0.35):
            fields.append(self.address(src, self.one([p.ip_src] * 4 + pool),
                                       masks))
        if self.often(0.35):
            fields.append(self.address(dst, self.one([p.ip_dst] * 4 + pool),
                                       masks))
        if self.often(0.1):
            fields.append('nw_tos=%d' % self.one([0, p.tos & 0xfc, 0x88]))
        if self.often(0.07):
            fields.append('nw_ecn=%d' % self.one([0, p.tos & 3, 1]))
        if self.often(0.12):
            fields.append('nw_ttl=%d' % self.one([p.ttl, p.ttl - 1 & 255,
                                                  63, 64]))
        if self.often(0.1):
            fields.append('nw_frag=' + self.one(['no', 'yes', 'first',
                                                 'later', 'not_later']))
        if not ip and self.often(0.05):
            fields.append('ipv6_label=%d' % self.one([0, 0x12345]))
        if not l4:
            if self.often(0.2):
                fields.append('nw_proto=%d' % p.proto)
            return fields
        if l4.startswith('icmp'):
            if depth > 1:
                fields.append('icmp_type=%d' % self.one([p.sport, 0, 8, 128]))
        elif depth > 1 or self.often(0.3):
            if self.often(0.7):
                fields.append(self.masked('tp_dst', self.one(
                    [p.dport] * 4 + traffic.PORTS), 16))
            if self.often(0.3):
                fields.append(self.masked('tp_src', self.one(
                    [p.sport] * 4 + traffic.PORTS), 16))
            if l4.startswith('tcp') and self.often(0.15):
                fields.append('tcp_flags=' + self.one(
                    ['+syn', '-syn', '+ack', '+syn-ack', '+fin', '-fin-rst']))
        return fields

    def match_headers(self, p):
        if p.labels:
            fields = ['dl_type=0x8847']
            if self.often(0.6):
                fields.append('mpls_label=%d' % self.one([p.labels[0], 5]))
            if self.often(0.4):
                fields.append('mpls_bos=%d' % (len(p.labels) == 1))
            return fields
        if p.version == 'arp':
            fields = ['arp']
            if self.often(0.4):
                fields.append('arp_op=%d' % self.one([1, 2]))
            if self.often(0.4):
                fields.append('arp_spa=%s' % self.one([p.ip_src] + IPS))
            if self.often(0.4):
                fields.append('arp_tpa=%s' % self.one([p.ip_dst] + IPS))
            return fields
        if p.version in (4, 6):
            return self.match_ip(p, self.random.randrange(3))
        return ['dl_type=0x%04x' % p.version]

    def match_metadata(self, p, table):
        fields = []
        if self.often(0.35 if table == 0 else 0.1):
            fields.append('in_port=%s' % self.one([p.port] * 3 + VFS + [100]))
        if table and self.often(0.2):
            fields.append('reg%d=%d' % (self.random.randrange(3),
                                        self.random.randrange(3)))
        if self.tunnels and self.often(0.25):
            fields.append(self.one(['tun_id=7', 'tun_id=8', 'tun_id=0',
                                    'tun_src=172.31.0.2', 'tun_id=7/0xf']))
        if self.stateful and self.often(0.6 if table else 0.15):
            fields.append('ct_state=' + self.one(
                ['+trk+est', '+trk+new', '+trk', '-trk', '+trk-new',
                 '+trk+est+rpl', '+trk+est-rpl', '+trk+inv', '+rpl',
                 '+trk-inv', '-new+est', '+trk+rel', '+trk+dnat']))
            if self.often(0.2):
                fields.append('ct_mark=' + self.one(['5', '7', '0x1/0x1',
                                                     '0']))
            if self.often(0.15):
                fields.append('ct_zone=%d' % self.random.randrange(4))
            if self.often(0.05):
                fields.append('ct_label=%s' % self.one(['0x9', '0']))
        return fields

    def match(self, p, table):
        """The fields of a match, and what headers it is sure of: 4, 6, 'arp'
        or None, the layer 4 keyword, whether there is a VLAN header, and
        labels."""
        if self.often(0.15):
            return self.match_metadata(p, table)
        fields = self.match_metadata(p, table) + self.match_l2(p)
        if self.often(0.75):
            fields += self.match_headers(p)
        return fields

    # ---- Actions ----------------------------------------------------------

    def output(self, p):
        r = self.random.random()
        if r < 0.08 and self.tunnels:
            r = 0.5
        if r < 0.05:
            return self.one(['in_port', 'LOCAL', 'controller'])
        if r < 0.06:
            return self.one(['flood', 'all'])
        if r < 0.5 and self.tunnels:
            return str(self.one(list(rig.TUNNELS)))
        if p.peer and self.often(0.6):
            return str(p.peer)
        return str(self.one(VFS + [100]))

    def set_field(self, value, field):
        return 'set_field:%s->%s' % (value, field)

    def rewrites(self, p, known):
        """One change of a header that a match with 'known' fields allows."""
        one = self.one
        choices = [self.set_field(one(MACS), 'eth_dst'),
                   self.set_field(one(MACS), 'eth_src'),
                   'set_field:00:00:00:00:00:%02x/00:00:00:00:00:ff->eth_dst'
                   % self.random.randrange(256),
                   self.set_field(self.random.randrange(3),
                                  'reg%d' % self.random.randrange(3)),
                   'push_vlan:0x%x' % one([0x8100, 0x8100, 0x88a8]),
                   'push_vlan:0x8100,set_field:%d->vlan_vid'
                   % (4096 + one([10, 20])),
                   'move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[]',
                   'load:%d->NXM_OF_ETH_SRC[0..7]' % one([1, 7, 255])]
        if self.tunnels:
            choices += [self.set_field(one([7, 8, 9]), 'tun_id')] * 3
        if any(word.startswith(('dl_vlan', 'vlan_')) and word != 'vlan_tci=0'
               for word in known):
            choices += ['pop_vlan', 'pop_vlan',
                        'mod_vlan_vid:%d' % one([10, 20, 11, 4095]),
                        'mod_vlan_pcp:%d' % self.random.randrange(8)]
        keywords = {word for word in known if '=' not in word}
        v4 = keywords & {'ip', 'tcp', 'udp', 'sctp', 'icmp'}
        v6 = keywords & {'ipv6', 'tcp6', 'udp6', 'sctp6', 'icmp6'}
        if v4:
            choices += [self.set_field(one(IPS), 'ip_src'),
                        self.set_field(one(IPS), 'ip_dst'),
                        'mod_nw_src:%s' % one(IPS),
                        'set_field:10.7.0.0/255.255.0.0->ip_dst',
                        'move:NXM_OF_IP_SRC[]->NXM_OF_IP_DST[]',
                        'move:NXM_OF_IP_DST[0..7]->NXM_NX_REG1[0..7]']
        if v6:
            choices += [self.set_field(one(IP6S), 'ipv6_src'),
                        self.set_field(one(IP6S), 'ipv6_dst'),
                        'set_field:::9/::f->ipv6_dst',
                        self.set_field('0x12345', 'ipv6_label')]
        if v4 or v6:
            choices += ['dec_ttl', 'dec_ttl', 'mod_nw_ttl:%d' % one([1, 7, 64]),
                        'mod_nw_tos:%d' % one([0, 4, 0x88]),
                        'mod_nw_ecn:%d' % one([0, 1, 3])]
        if keywords & {'tcp', 'udp', 'tcp6', 'udp6', 'sctp', 'sctp6'}:
            choices += ['mod_tp_src:%d' % one(traffic.PORTS),
                        'mod_tp_dst:%d' % one(traffic.PORTS)] * 2
        if 'arp' in keywords:
            choices += ['set_field:%s->arp_sha' % one(MACS),
                        'set_field:%s->arp_tpa' % one(IPS),
                        'set_field:2->arp_op']
        if 'dl_type=0x8847' in known:
            choices += [self.set_field(one([5, 6, 77]), 'mpls_label'),
                        'dec_mpls_ttl', 'set_field:9->mpls_ttl',
                        'set_field:3->mpls_tc']
        return one(choices)

    def ct(self, table, known):
        """A ct action; on to a later table, or not."""
        keywords = {word for word in known if '=' not in word}
        v4 = keywords & {'ip', 'tcp', 'udp', 'sctp', 'icmp'}
        parts = []
        zone = self.random.randrange(4)
        if zone:
            parts.append('zone=%d' % zone)
        if self.often(0.6):
            parts.append('commit')
            if self.often(0.3):
                parts.append('exec(%s)' % ','.join(self.some(
                    ['set_field:%d->ct_mark' % self.one([5, 7]),
                     'set_field:0x9->ct_label',
                     'set_field:0x1/0x1->ct_mark'], 1, 2)))
            if self.often(0.3):
                pool = IPS if v4 else IP6S
                address = self.one(pool[-2:])
                # A port can only be told from an IPv6 address with brackets.
                if self.often(0.2):
                    address = '%s:%d' % (address if v4 else '[%s]' % address,
                                         self.one(traffic.PORTS))
                parts.append('nat(%s=%s)' % (self.one(['src', 'dst']),
                                             address))
            if self.often(0.05):
                parts.append('force')
        elif self.often(0.5):
            parts.append('nat')
        if table + 1 < self.n_tables and self.often(0.75):
            parts.append('table=%d' % self.later(table))
        return 'ct(%s)' % ','.join(parts)

    def later(self, table):
        return self.random.randint(table + 1, self.n_tables - 1)

    def group(self, p, known):
        buckets = []
        for i in range(self.random.randint(1, 3)):
            actions = [self.rewrites(p, [])
                       for _ in range(self.random.randrange(2))]
            buckets.append('bucket=bucket_id=%d,actions=%s'
                           % (i, ','.join(actions + [self.output(p)])))
        kind = self.one(['all', 'all', 'indirect', 'select'])
        if kind == 'indirect':
            buckets = buckets[:1]
        number = len(self.groups) + 1
        self.groups.append('group_id=%d,type=%s%s,%s' % (
            number, kind, ',selection_method=hash,fields(ip_dst)'
            if kind == 'select' and self.often(0.5) else '',
            ','.join(buckets)))
        return 'group:%d' % number

    def ends(self, p, table, known):
        """What a list of actions does in the end: one or more actions."""
        r = self.random.random()
        ip = any(word in known for word in
                 ('ip', 'tcp', 'udp', 'icmp', 'sctp', 'ipv6', 'tcp6', 'udp6',
                  'icmp6', 'sctp6'))
        if self.stateful and ip and r < 0.55:
            actions = [self.ct(table, known)]
            if 'table=' not in actions[0] or self.often(0.2):
                actions.append(self.output(p))
            return actions
        if table + 1 < self.n_tables and r < 0.6:
            return ['resubmit(,%d)' % self.later(table)]
        if r < 0.65 and len(self.groups) < 3:
            return [self.group(p, known)]
        if r < 0.7:
            return ['clone(%s,%s)' % (self.rewrites(p, known),
                                      self.output(p)), self.output(p)]
        if r < 0.73 and table + 1 < self.n_tables:
            return ['check_pkt_larger(%d)->NXM_NX_REG0[0]'
                    % self.one([60, 100, 106, 200]),
                    'resubmit(,%d)' % self.later(table)]
        if r < 0.76:
            return []
        return [self.output(p)]

    def actions(self, p, table, known):
        actions = []
        mpls = 'dl_type=0x8847' in known
        if self.often(0.06):
            actions.append('meter:%d' % self.random.randint(1, 2))
        for _ in range(self.one([0, 0, 1, 1, 2, 3])):
            actions.append(self.rewrites(p, known))
            if self.often(0.2):
                actions.append(self.output(p))
        if self.often(0.03):
            actions.append('ct_clear')
        if self.mpls and self.often(0.4):
            if mpls:
                actions.append('pop_mpls:0x%04x' % self.one(
                    [0x0800, 0x0800, 0x86dd, 0x8847]))
                known = []
            else:
                actions.append('push_mpls:0x8847')
                actions.append(self.set_field(self.one([5, 6]), 'mpls_label'))
                known = ['dl_type=0x8847']
        if self.learning and self.often(0.2) and table + 1 < self.n_tables:
            actions.append(
                'learn(table=%d,priority=50,NXM_OF_ETH_DST[]='
                'NXM_OF_ETH_SRC[],load:1->NXM_NX_REG1[0..1])'
                % self.later(table))
        return actions + self.ends(p, table, known)

    # ---- All of it ----------------------------------------------------------

    def flow(self, table, priority):
        p = self.one(self.packets)
        fields = self.match(p, table)
        return [table, priority, fields,
                self.actions(p, table, fields)]

    def pipeline(self):
        flows = []
        for table in range(self.n_tables):
            # No two of one priority: which one wins is not defined.
            flows += [self.flow(table, priority) for priority in
                      self.some(list(range(2, 20)), 1, 5)]
            if self.often(0.85):
                p = self.one(self.packets)
                flows.append([table, 1, [], self.actions(p, table, [])])
        frames = [[p.port, p.frame.hex(), p.again] for p in self.packets]
        return pipelines.plain(
            flows, frames, self.groups, serial=self.stateful or self.learning,
            vlan_limit=1, mirror='')


def pipeline(seed):
    # What takes long to change stays for a while.
    epoch = random.Random('epoch %d' % (seed // 64))
    mirror = epoch.choice([''] * 4 + sorted(rig.MIRRORS))
    vlan_limit = epoch.choice([1, 1, 2])
    maker = Maker(seed)
    # A mirror takes headers of VLAN 0 and priority 0 off.  Open vSwitch 3.1
    # makes a megaflow of that, and of another priority one that matches any:
    # which one a packet meets is not defined.
    if any(vid == 0 for p in maker.packets for vid, _ in p.vlans):
        mirror = ''
    return maker.pipeline()._replace(vlan_limit=vlan_limit, mirror=mirror)
