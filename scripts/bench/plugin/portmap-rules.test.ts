import t from 'tap'
import { portmapRules } from './portmap-rules.ts'

// By portmap 1.9.1 and iptables-save 1.8.9.
const saved = `*nat
:PREROUTING ACCEPT [0:0]
:CNI-DN-613236218f5e276ec3ebb - [0:0]
:CNI-HOSTPORT-DNAT - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT
-A CNI-DN-613236218f5e276ec3ebb -s 10.0.0.0/8 -p tcp -m tcp --dport 8080 -j CNI-HOSTPORT-SETMARK
-A CNI-DN-613236218f5e276ec3ebb -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.0.0.2:80
-A CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat" -m multiport --dports 8080 -j CNI-DN-613236218f5e276ec3ebb
COMMIT
`

t.test('each other pod has the rules that the first has', async t => {
  t.equal(
    portmapRules(saved, 8080, 10_000, 2),
    `*nat
:PREROUTING ACCEPT [0:0]
:CNI-DN-other-0 - [0:0]
:CNI-DN-613236218f5e276ec3ebb - [0:0]
:CNI-DN-other-1 - [0:0]
:CNI-HOSTPORT-DNAT - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT
-A CNI-DN-other-0 -s 10.0.0.0/8 -p tcp -m tcp --dport 10000 -j CNI-HOSTPORT-SETMARK
-A CNI-DN-613236218f5e276ec3ebb -s 10.0.0.0/8 -p tcp -m tcp --dport 8080 -j CNI-HOSTPORT-SETMARK
-A CNI-DN-other-1 -s 10.0.0.0/8 -p tcp -m tcp --dport 10001 -j CNI-HOSTPORT-SETMARK
-A CNI-DN-other-0 -p tcp -m tcp --dport 10000 -j DNAT --to-destination 10.1.0.0:80
-A CNI-DN-613236218f5e276ec3ebb -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.0.0.2:80
-A CNI-DN-other-1 -p tcp -m tcp --dport 10001 -j DNAT --to-destination 10.1.0.1:80
-A CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat" -m multiport --dports 10000 -j CNI-DN-other-0
-A CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat" -m multiport --dports 8080 -j CNI-DN-613236218f5e276ec3ebb
-A CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat" -m multiport --dports 10001 -j CNI-DN-other-1
COMMIT
`,
  )
})

t.test('rules that are not portmap’s are refused', async t =>
  t.throws(() => portmapRules('*nat\nCOMMIT\n', 8080, 10_000, 2), { message: /no chain of portmap/ }),
)
