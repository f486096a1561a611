// Rules of others, as firewalld, Docker and kube-proxy leave them on a node.

/** For `nft -f`. */
export const nftRules = `
table inet firewalld {
  set trusted { type ipv4_addr; flags interval; elements = { 10.99.0.0/16 }; }
  chain nat_PREROUTING { type nat hook prerouting priority dstnat + 10; policy accept; jump nat_PREROUTING_ZONES; }
  chain nat_PREROUTING_ZONES { tcp dport 9443 redirect to :443; return; }
  chain nat_POSTROUTING { type nat hook postrouting priority srcnat + 10; policy accept; meta nfproto ipv4 oifname "ext0" masquerade; }
  chain filter_FORWARD { type filter hook forward priority filter + 10; policy accept;
    ct state established,related accept; tcp dport 22 ip saddr @trusted counter packets 7 bytes 420 accept; }
}
table ip kube-proxy {
  comment "rules for kube-proxy"
  map service-ips { type ipv4_addr . inet_proto . inet_service : verdict; elements = { 10.96.0.1 . tcp . 443 : goto service-kubernetes }; }
  set cluster-ips { type ipv4_addr; elements = { 10.96.0.1 }; }
  chain service-kubernetes { numgen random mod 1 vmap { 0 : goto endpoint-kubernetes }; }
  chain endpoint-kubernetes { ip saddr 172.18.0.2 jump mark-for-masquerade; meta l4proto tcp dnat to 172.18.0.2:6443; }
  chain mark-for-masquerade { meta mark set meta mark | 0x4000; }
  chain services { ip daddr . meta l4proto . th dport vmap @service-ips; }
  chain nat-prerouting { type nat hook prerouting priority dstnat; policy accept; jump services; }
  chain nat-output { type nat hook output priority -100; policy accept; jump services; }
  chain nat-postrouting { type nat hook postrouting priority srcnat; policy accept; meta mark & 0x4000 != 0 masquerade fully-random; }
}
table ip cni_hostport {
  chain hostports { tcp dport 7777 dnat to 10.77.0.7:80 comment "another program's pod"; }
}
`

/** For `iptables-restore`: Docker's, and kube-proxy's in its iptables mode. */
export const iptablesRules = `*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:DOCKER - [0:0]
:DOCKER-USER - [0:0]
:KUBE-FORWARD - [0:0]
-A FORWARD -j DOCKER-USER
-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -o docker0 -j DOCKER
-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT
-A DOCKER-USER -j RETURN
-A KUBE-FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:DOCKER - [0:0]
:KUBE-SERVICES - [0:0]
:KUBE-MARK-MASQ - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A PREROUTING -j KUBE-SERVICES
-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8088 -j DNAT --to-destination 172.17.0.2:80
-A KUBE-SERVICES -d 10.96.0.10/32 -p udp -m udp --dport 53 -j KUBE-MARK-MASQ
-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
COMMIT
`
