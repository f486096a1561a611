// The table of bad input: what arrives, the code that it gets, and what the message must say; then what is odd, and right.
import type { Verb } from './attachment.ts'
import { dist } from './tools.ts'

export interface Call {
  readonly verb?: Verb
  /** Instead of what an orderly runtime sets; undefined takes it away. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Merged into the configuration, at these paths. */
  readonly config?: Readonly<Record<string, unknown>>
  readonly stdin?: string
  /** How a shell calls the plugin: `$P`, with that environment and stdin. */
  readonly run?: string
  /** What the host's shell does before, and after. */
  readonly before?: string
  readonly after?: string
  /** There is nobody whom the failure could be told. */
  readonly isMute?: boolean
}

export type Refused = readonly [what: string, call: Call, code: number, says: RegExp]

const stdin: Refused[] = [
  ['stdin closed', { run: '"$P" <&-' }, 6, /stdin is empty/],
  ['stdin /dev/null', { run: '"$P" </dev/null' }, 6, /stdin is empty/],
  ['stdin a directory', { run: '"$P" </' }, 5, /stdin.*directory/],
  ['white space', { stdin: ' \n' }, 6, /stdin is empty/],
  ['half a JSON', { stdin: '{"cniVersion":"1.1.0","name":"po' }, 6, /stdin is no JSON/],
  ['two JSON', { stdin: '{}{}' }, 6, /stdin is no JSON/],
  ['half a megabyte of [', { stdin: '['.repeat(500_000) }, 6, /stdin is no JSON/],
  ['null', { stdin: 'null' }, 7, /network configuration: the document must be an object, but is null/],
  ['a number', { stdin: '7' }, 7, /the document must be an object, but is the number 7/],
  ['a list', { stdin: '[]' }, 7, /the document must be an object, but is an array/],
  ['a string', { stdin: '"x"' }, 7, /the document must be an object, but is the string "x"/],
  ['an empty object', { stdin: '{}' }, 7, /missing network name/],
  ['NUL bytes', { run: String.raw`printf '{"name":"p\0ds"}' | "$P"` }, 6, /stdin is no JSON/],
  ['a name that is no UTF-8', { run: String.raw`printf '{"name":"p\xffds"}' | "$P"` }, 7, /network name.*p.ds/],
  ['of two names the last', { stdin: '{"cniVersion":"1.1.0","name":"pods","Name":"a/b"}' }, 7, /network name.*a\/b/],
]

const before = (earlier: object) => ({ config: { prevResult: earlier } })
const check = (earlier: object): Call => ({ verb: 'CHECK', config: { prevResult: earlier } })

const environment: Refused[] = [
  ['an unknown verb', { env: { CNI_COMMAND: 'BREW' } }, 4, /unknown CNI_COMMAND: BREW.*ADD, DEL/],
  ['a verb in small letters', { env: { CNI_COMMAND: 'add' } }, 4, /unknown CNI_COMMAND: add/],
  ['no id', { env: { CNI_CONTAINERID: undefined } }, 4, /required env variables \[CNI_CONTAINERID\] missing/],
  ['an empty id', { env: { CNI_CONTAINERID: '' } }, 4, /required env variables \[CNI_CONTAINERID\] missing/],
  [
    'nothing but the verb',
    { env: { CNI_CONTAINERID: undefined, CNI_NETNS: '', CNI_IFNAME: undefined } },
    4,
    /required env variables \[CNI_CONTAINERID,CNI_NETNS,CNI_IFNAME\] missing/,
  ],
  [
    'DEL without id and interface',
    { verb: 'DEL', env: { CNI_CONTAINERID: '', CNI_IFNAME: '' } },
    4,
    /\[CNI_CONTAINERID,CNI_IFNAME\] missing/,
  ],
  ['an id with a slash', { env: { CNI_CONTAINERID: '../x' } }, 4, /CNI_CONTAINERID: invalid characters.*\.\.\/x/],
  ['an id with a line end', { env: { CNI_CONTAINERID: 'x\r\neth0' } }, 4, /CNI_CONTAINERID/],
  [
    'an interface of 16 bytes',
    { env: { CNI_IFNAME: 'abcdefghijklmnop' } },
    4,
    /CNI_IFNAME: interface name is too long/,
  ],
  ['an interface of few letters and 16 bytes', { env: { CNI_IFNAME: 'éééééééé' } }, 4, /CNI_IFNAME.*too long/],
  ['interface .', { env: { CNI_IFNAME: '.' } }, 4, /CNI_IFNAME: interface name is \. or \.\./],
  ['interface ..', { env: { CNI_IFNAME: '..' } }, 4, /CNI_IFNAME: interface name is \. or \.\./],
  ['an interface with a slash', { env: { CNI_IFNAME: 'a/b' } }, 4, /CNI_IFNAME: interface name contains/],
  ['an interface with a colon', { env: { CNI_IFNAME: 'eth0:1' } }, 4, /CNI_IFNAME: interface name contains/],
  ['an interface with a space', { env: { CNI_IFNAME: 'eth 0' } }, 4, /CNI_IFNAME: interface name contains/],
  ['an interface that the kernel would number', { env: { CNI_IFNAME: 'eth%d' } }, 4, /CNI_IFNAME.*%/],
  ['an interface that is there', { env: { CNI_IFNAME: 'lo' } }, 100, /lo exists already in .*two/],
  ['an interface that the kernel refuses', { env: { CNI_IFNAME: 'default' } }, 102, /create the pair .* and default/],
  ['a namespace that is gone', { env: { CNI_NETNS: '/run/netns/gone' } }, 4, /CNI_NETNS.*\/run\/netns\/gone is gone/],
  ['a namespace under a file', { env: { CNI_NETNS: '/etc/passwd/x' } }, 4, /CNI_NETNS.*\/etc\/passwd\/x is gone/],
  ['a namespace that is a file', { env: { CNI_NETNS: '/etc/passwd' } }, 4, /\/etc\/passwd is a plain file/],
  ['a namespace that is a directory', { env: { CNI_NETNS: '/run' } }, 4, /\/run is a directory/],
  ['a namespace that is a device', { env: { CNI_NETNS: '/dev/null' } }, 4, /\/dev\/null is a device/],
  ['a namespace that is a FIFO', { env: { CNI_NETNS: '/run/fifo' }, before: 'mkfifo /run/fifo' }, 4, /fifo is a FIFO/],
  ['a namespace of another kind', { env: { CNI_NETNS: '/proc/1/ns/pid' } }, 4, /a namespace of another kind/],
  ["the host's own", { env: { CNI_NETNS: '/proc/1/ns/net' } }, 4, /\/proc\/1\/ns\/net is the node's own/],
  [
    "CHECK in the host's own",
    {
      ...check({
        interfaces: [{ name: 'eth0', sandbox: '/proc/1/ns/net' }],
        ips: [{ address: '10.1.1.1/32', interface: 0 }],
      }),
      env: { CNI_NETNS: '/proc/1/ns/net' },
    },
    4,
    /the node's own/,
  ],
  ['CNI_ARGS without =', { env: { CNI_ARGS: 'IP' } }, 4, /CNI_ARGS: invalid pair "IP"/],
  ['CNI_ARGS with two =', { env: { CNI_ARGS: 'A=B=C' } }, 4, /CNI_ARGS: invalid pair "A=B=C"/],
  ['CNI_ARGS with a pair too few', { env: { CNI_ARGS: 'IP=10.244.1.9;' } }, 4, /CNI_ARGS: invalid pair ""/],
  ['CNI_ARGS that nobody knows', { env: { CNI_ARGS: 'FOO=1;BAR=2' } }, 4, /CNI_ARGS: unknown args \["FOO=1" "BAR=2"\]/],
  ['an IP in CNI_ARGS that is none', { env: { CNI_ARGS: 'IP=x' } }, 7, /CNI_ARGS IP: "x" is no IP address/],
  ['a MAC in CNI_ARGS that is none', { env: { CNI_ARGS: 'MAC=x' } }, 7, /mac "x" is no unicast MAC/],
]

const missing = { cniVersion: undefined }
const configuration: Refused[] = [
  ['no name', { config: { name: undefined } }, 7, /missing network name/],
  ['a name with a slash', { config: { name: '../../etc' } }, 7, /network name.*\.\.\/\.\.\/etc/],
  ['a name too long for a directory', { config: { name: 'n'.repeat(300) } }, 5, /nnn.*ENAMETOOLONG/],
  ['cniVersion x', { config: { cniVersion: 'x' } }, 6, /cniVersion "x"/],
  ['cniVersion 1.1.0.0', { config: { cniVersion: '1.1.0.0' } }, 6, /cniVersion "1\.1\.0\.0"/],
  ['cniVersion 9.0.0', { config: { cniVersion: '9.0.0' } }, 1, /incompatible CNI versions.*"9\.0\.0".*"1\.1\.0"/],
  ['CHECK before 0.4.0', { verb: 'CHECK', config: { cniVersion: '0.3.1' } }, 1, /does not allow CHECK.*0\.3\.1/],
  ['STATUS before 1.1.0', { verb: 'STATUS', config: { cniVersion: '1.0.0' } }, 1, /does not allow STATUS/],
  ['GC before 1.1.0', { verb: 'GC', config: { cniVersion: '1.0.0' } }, 1, /does not allow GC/],
  [
    'two addresses of a family before 0.3.0',
    { config: { ...missing, 'ipam.ranges': [[{ subnet: '10.1.0.0/24' }], [{ subnet: '10.2.0.0/24' }]] } },
    7,
    /0\.1\.0 does not support more than 1/,
  ],
  ['GC without a list', { verb: 'GC' }, 7, /valid-attachments must be a list.*nothing is removed/],
  ['GC with a list that is none', { verb: 'GC', config: { 'cni.dev/valid-attachments': {} } }, 7, /valid-attachments/],
  [
    'GC with half an attachment',
    { verb: 'GC', config: { 'cni.dev/valid-attachments': [{ ifname: 'eth0' }] } },
    7,
    /containerID/,
  ],
  [
    'a log level that is none',
    { config: { log: { file: '/run/log', level: 'loud' } } },
    7,
    /log\.level must be one of debug, info/,
  ],
  ['no ipam', { config: { ipam: undefined } }, 7, /no "ipam"/],
  ['mtu 10, and IPv6', { config: { mtu: 10 } }, 7, /mtu 10 is too small: IPv6 needs at least 1280/],
  ['a group MAC', { config: { 'runtimeConfig.mac': '01:00:5e:00:00:01' } }, 7, /mac "01:00:5e:00:00:01" is no unicast/],
  ['a MAC of zeros', { config: { 'runtimeConfig.mac': '00:00:00:00:00:00' } }, 7, /mac "00:00:00:00:00:00"/],
  ['half a MAC', { config: { 'args.cni.mac': 'c2:11:22' } }, 7, /mac "c2:11:22"/],
  [
    'an address that is none',
    { config: { 'runtimeConfig.ips': ['10.244.1.300'] } },
    7,
    /runtimeConfig\.ips: "10\.244\.1\.300"/,
  ],
  ['another address that is none', { config: { 'args.cni.ips': ['fd00::/x'] } }, 7, /args\.cni\.ips.*"fd00::\/x"/],
  [
    'a route that is none',
    { config: { 'ipam.routes': [{ dst: '10.0.0.0/33' }] } },
    7,
    /ipam\.routes: dst "10\.0\.0\.0\/33"/,
  ],
  [
    'a resolvConf that is gone',
    { config: { 'ipam.resolvConf': '/run/gone' } },
    7,
    /ipam\.resolvConf \/run\/gone cannot be read/,
  ],
  [
    'a resolvConf that is a directory',
    { config: { 'ipam.resolvConf': '/run' } },
    7,
    /ipam\.resolvConf \/run cannot be read/,
  ],
  ['a dataDir with NUL', { config: { 'ipam.dataDir': '/run/a\0b' } }, 7, /ipam\.dataDir/],
  [
    'an agent that is absent',
    { verb: 'STATUS', config: { agent: '/run/agent.json' } },
    50,
    /agent.*\/run\/agent\.json/,
  ],
]

const mapping = (...more: object[]) => ({
  config: { 'runtimeConfig.portMappings': more.map(one => ({ hostPort: 8080, containerPort: 80, ...one })) },
})
const limits = (more: object) => ({ config: { 'runtimeConfig.bandwidth': more } })

const capabilities: Refused[] = [
  [
    'a protocol that is none',
    mapping({}, { protocol: 'icmp' }),
    7,
    /portMappings\[1\]\.protocol "icmp" must be one of/,
  ],
  ['a hostIP that is none', mapping({ hostIP: 'x' }), 7, /portMappings\[0\]\.hostIP "x" is no IP address/],
  ['a hostIP with a zone', mapping({ hostIP: 'fe80::1%eth0' }), 7, /portMappings\[0\]\.hostIP "fe80::1%eth0"/],
  [
    'two ports of the pod for one of the node',
    mapping({}, { containerPort: 81 }),
    7,
    /portMappings\[1\] \(every address, tcp hostPort 8080 to containerPort 81\) contradicts .*portMappings\[0\]/,
  ],
  [
    'two ports of the pod for one of the node, one for one address',
    mapping({ HostIP: '127.0.0.1' }, { containerPort: 81 }),
    7,
    /portMappings\[0\] \(127\.0\.0\.1, .*contradicts/,
  ],
  ['a rate without a burst', { config: { ingressRate: 8000 } }, 7, /ingressRate is 8000, but ingressBurst is missing/],
  ['a burst without a rate', { config: { egressBurst: 8000 } }, 7, /egressBurst is 8000, but egressRate is missing/],
  [
    "the runtime's rate without a burst",
    limits({ EgressRate: 8000 }),
    7,
    /runtimeConfig\.bandwidth\.egressRate is 8000, but runtimeConfig\.bandwidth\.egressBurst/,
  ],
  [
    'a burst of 4 GB',
    limits({ ingressRate: 8000, ingressBurst: 34_359_738_360 }),
    7,
    /bandwidth\.ingressBurst 34359738360 is too large.*4 GB/,
  ],
  [
    'an exception that is no prefix',
    { config: { masquerade: { except: ['10.0.0.0/8', '10.0.0.0/33'] } } },
    7,
    /masquerade\.except\[1\] "10\.0\.0\.0\/33" is no prefix/,
  ],
]

const range = (more: object) => ({ config: { 'ipam.ranges': [[{ subnet: '10.9.0.0/24', ...more }]] } })
const sets = (...subnets: string[][]) => ({
  config: { 'ipam.ranges': subnets.map(set => set.map(subnet => ({ subnet }))) },
})

const ranges: Refused[] = [
  ['none', { config: { 'ipam.ranges': undefined } }, 7, /no IP ranges specified/],
  ['an empty list', sets(), 7, /no IP ranges specified/],
  ['an empty set', sets([]), 7, /range set 0: empty/],
  ['no subnet', range({ subnet: '' }), 7, /range set 0/],
  ['a subnet that is an address', range({ subnet: '10.9.0.0' }), 7, /range set 0: .*10\.9\.0\.0/],
  ['a subnet that is no address', range({ subnet: 'x/24' }), 7, /range set 0: .*x\/24/],
  ['a subnet of 33 bits', range({ subnet: '10.9.0.0/33' }), 7, /range set 0: .*10\.9\.0\.0\/33/],
  [
    'a subnet with host bits',
    range({ subnet: '10.9.0.5/24' }),
    7,
    /host bits set.*length 24 the network address is 10\.9\.0\.0/,
  ],
  [
    'an IPv6 subnet with host bits',
    range({ subnet: 'fd00::5/64' }),
    7,
    /host bits set.*length 64 the network address is fd00::/,
  ],
  ['a /31', range({ subnet: '10.9.0.0/31' }), 7, /Network 10\.9\.0\.0\/31 too small/],
  ['a /32', range({ subnet: '10.9.0.0/32' }), 7, /Network 10\.9\.0\.0\/32 too small/],
  ['a /127', range({ subnet: 'fd00::/127' }), 7, /Network fd00::\/127 too small/],
  ['a start outside', range({ rangeStart: '10.8.0.5' }), 7, /RangeStart 10\.8\.0\.5 not in network 10\.9\.0\.0\/24/],
  ['an end outside', range({ rangeEnd: '10.9.1.5' }), 7, /RangeEnd 10\.9\.1\.5 not in network/],
  ['an end of the other family', range({ rangeEnd: 'fd00::5' }), 7, /RangeEnd fd00::5 not in network/],
  [
    'a start after the end',
    range({ rangeStart: '10.9.0.9', rangeEnd: '10.9.0.5' }),
    7,
    /RangeStart 10\.9\.0\.9 not in network/,
  ],
  ['a start that is no address', range({ rangeStart: 'first' }), 7, /range set 0: .*first/],
  ['a gateway that is no address', range({ gateway: 'router' }), 7, /range set 0: .*router/],
  ['two families in a set', sets(['10.9.0.0/24', 'fd00::/64']), 7, /range set 0: mixed address families/],
  ['overlap in a set', sets(['10.9.0.0/16', '10.9.5.0/24']), 7, /range set 0: subnets .* and .* overlap/],
  ['overlap of sets', sets(['10.9.0.0/24'], ['10.9.0.0/16']), 7, /range set 0 overlaps with 1/],
  ['overlap with the legacy range', { config: { 'ipam.subnet': '10.244.0.0/16' } }, 7, /range set 0 overlaps with 1/],
  [
    "overlap with the runtime's",
    { config: { 'runtimeConfig.ipRanges': [[{ subnet: '10.244.0.0/16' }]] } },
    7,
    /overlaps with/,
  ],
]

const few = { name: 'few', 'ipam.ranges': [[{ subnet: '10.8.0.0/30' }]] }
const take = (...addresses: string[]) =>
  [
    'mkdir -p /run/podwire/ipam/few',
    ...addresses.map(ip => `printf 'other\\r\\neth0' >/run/podwire/ipam/few/${ip}`),
  ].join('; ')
const giveBack = 'rm -r /run/podwire/ipam/few'

const addresses: Refused[] = [
  [
    'taken',
    { config: { 'runtimeConfig.ips': ['10.244.1.2'] } },
    11,
    /10\.244\.1\.2 is not available .* earlier eth0 has it/,
  ],
  ['taken, by CNI_ARGS', { env: { CNI_ARGS: 'IP=10.244.1.2' } }, 11, /10\.244\.1\.2 is not available/],
  ['taken, IPv6', { config: { 'args.cni.ips': ['fd00:10:244:1::2'] } }, 11, /fd00:10:244:1::2 is not available/],
  [
    'outside',
    { config: { 'runtimeConfig.ips': ['10.9.9.9'] } },
    7,
    /failed to allocate all requested IPs: 10\.9\.9\.9/,
  ],
  [
    'two of one set',
    { config: { 'runtimeConfig.ips': ['10.244.1.8', '10.244.1.9'] } },
    7,
    /all requested IPs: 10\.244\.1\.9/,
  ],
  ['the gateway', { config: { 'runtimeConfig.ips': ['10.244.1.1'] } }, 7, /10\.244\.1\.1 is subnet's gateway/],
  [
    'none left',
    { config: few, before: take('10.8.0.2'), after: giveBack },
    11,
    /10\.8\.0\.1-10\.8\.0\.2 \(1 used, 0 free\)/,
  ],
  [
    'none left, STATUS',
    { verb: 'STATUS', config: few, before: take('10.8.0.2'), after: giveBack },
    50,
    /1 used, 0 free in 10\.8\.0\.1-10\.8\.0\.2/,
  ],
  [
    'none left of the second family',
    {
      config: { ...few, 'ipam.ranges': [[{ subnet: '10.7.0.0/24' }], [{ subnet: '10.8.0.0/30' }]] },
      before: take('10.8.0.2'),
      after: giveBack,
    },
    11,
    /range 1: .*10\.8\.0\.1-10\.8\.0\.2/,
  ],
]

/** What a shell says for a hundred thousand lists, each in another. */
const nested = "printf '%0100000d' 0 | tr 0 '['; printf '%0100000d' 0 | tr 0 ']'"

const earlierResults: Refused[] = [
  ['a string', { config: { prevResult: 'x' } }, 7, /prevResult: the document must be an object/],
  ['a list', before([]), 7, /prevResult: the document must be an object/],
  ['interfaces that are none', before({ interfaces: 7 }), 7, /prevResult: interfaces must be an array/],
  ['an interface without a name', before({ interfaces: [{}] }), 7, /prevResult: interfaces\[0\]\.name .*missing/],
  [
    'an interface index of 1.5',
    before({ ips: [{ address: '10.1.1.1/24', interface: 1.5 }] }),
    7,
    /prevResult: ips\[0\]\.interface/,
  ],
  ['a version that is none', before({ cniVersion: 'x', ips: [] }), 6, /prevResult.*"x"/],
  ['a version of the future', before({ cniVersion: '9.0.0', ips: [] }), 1, /9\.0\.0/],
  [
    'lists in lists in lists',
    {
      run: `{ printf '{"prevResult":{"interfaces":[{"name":"x","deep":'; ${nested}; printf '}]},'; printf %s "\${C#\\{}"; } | "$P"`,
    },
    7,
    /prevResult.*deep/,
  ],
  ['CHECK without', { verb: 'CHECK' }, 7, /prevResult missing/],
  ['CHECK with nothing in it', check({}), 103, /prevResult has no address for eth0 in .*two/],
  [
    'CHECK with an address that is none',
    check({ interfaces: [{ name: 'eth0', sandbox: '/run/netns/two' }], ips: [{ address: 'x', interface: 0 }] }),
    7,
    /prevResult.*"?x/,
  ],
  [
    'CHECK with an index of nothing',
    check({ interfaces: [], ips: [{ address: '10.1.1.1/24', interface: 3 }] }),
    103,
    /no address for eth0/,
  ],
  [
    'CHECK of what was never made',
    check({
      interfaces: [{ name: 'eth0', sandbox: '/run/netns/two' }],
      ips: [{ address: '10.1.1.1/32', interface: 0 }],
    }),
    103,
    /no interface eth0/,
  ],
]

const full =
  'mkdir -p /run/full && mount -t tmpfs -o size=8k full /run/full && dd if=/dev/zero of=/run/full/fill 2>/dev/null || true'
const small = (nodes: number) => `mkdir -p /run/full && mount -t tmpfs -o nr_inodes=${nodes} full /run/full`
const empty = 'umount /run/full'
const readOnly = 'mkdir -p /run/ro && mount --bind /run/ro /run/ro && mount -o remount,bind,ro /run/ro'
const dataDir = (path: string) => ({ 'ipam.dataDir': path })

const disks: Refused[] = [
  [
    'a full disk',
    { config: dataDir('/run/full'), before: full, after: empty },
    5,
    /\/run\/full\/pods.*(ENOSPC|no space).*free some space/,
  ],
  ...[1, 2, 3, 4, 5, 6].map(
    (nodes): Refused => [
      `a disk with room for ${nodes} files`,
      { config: dataDir('/run/full'), before: small(nodes), after: empty },
      5,
      /\/run\/full\/pods.*ENOSPC/,
    ],
  ),
  [
    'STATUS on a full disk',
    { verb: 'STATUS', config: dataDir('/run/full'), before: `${full}; mkdir /run/full/pods`, after: empty },
    50,
    /\/run\/full\/pods.*no space is left/,
  ],
  [
    'a disk that is read-only',
    { config: dataDir('/run/ro'), before: readOnly, after: 'umount /run/ro' },
    5,
    /\/run\/ro\/pods.*EROFS.*make it writable/,
  ],
  [
    'STATUS on a disk that is read-only',
    { verb: 'STATUS', config: dataDir('/run/ro'), before: readOnly, after: 'umount /run/ro' },
    50,
    /\/run\/ro\/pods.*EROFS/,
  ],
  ['a dataDir that is a file', { config: dataDir('/etc/passwd') }, 5, /\/etc\/passwd\/pods.*something else stands/],
  [
    'a dataDir where a file has the name',
    { config: dataDir('/run/d'), before: 'mkdir /run/d; echo >/run/d/pods', after: 'rm -r /run/d' },
    5,
    /\/run\/d\/pods.*something else stands/,
  ],
  [
    'no room for records',
    { before: 'dd if=/dev/zero of=/run/podwire/fill 2>/dev/null || true', after: 'rm /run/podwire/fill' },
    5,
    /\/run\/podwire\/.*(ENOSPC|no space).*room|free some space/,
  ],
  [
    'records that are read-only',
    {
      before: 'mount -o remount,ro /run/podwire',
      after: 'mount -o remount,rw /run/podwire',
      config: dataDir('/run/elsewhere'),
    },
    5,
    /\/run\/podwire\/.*EROFS/,
  ],
]

const said = (text: string) => `printf %s '${text}'`
/** What stands in for an IPAM: what a shell does at ADD. */
export const ipams: Record<string, string> = {
  garbage: said('oops'),
  silent: 'cat >/dev/null',
  deaf: 'exec <&-; exit 3',
  refusing: `${said('{"cniVersion":"1.1.0","code":11,"msg":"come back later","details":"the pool is being filled"}')}; exit 1`,
  shouting: `${said('{"msg":7}')}; exit 1`,
  dying: 'kill -9 $$',
  empty: said('{"cniVersion":"1.1.0"}'),
  null: said('null'),
  noips: said('{"cniVersion":"1.1.0","ips":[]}'),
  nowhere: said('{"cniVersion":"1.1.0","ips":[{"address":"10.1.1.300/24"}]}'),
  gateless: said('{"cniVersion":"1.1.0","ips":[{"address":"10.1.1.3/24","gateway":"x"}]}'),
  halfway: said('{"cniVersion":"1.1.0","ips":[{"address":"10.1.1.3/24","interface":1.5}]}'),
  odd: said('{"cniVersion":"x","ips":[{"address":"10.1.1.3/24"}]}'),
  twofold: said('{"ips":[{"address":"10.1.1.3/24"}]}{}'),
  flooding: 'head -c 3000000 /dev/zero | tr "\\0" "["',
}
const delegating = (type: string): Call => ({ config: { ipam: { type } }, env: { CNI_PATH: `${dist}:/run/ipams` } })
const delegates: Refused[] = [
  ['missing', delegating('absent'), 104, /failed to find plugin "absent" in path \[.*\/run\/ipams\]/],
  [
    'without a CNI_PATH',
    { ...delegating('absent'), env: { CNI_PATH: undefined } },
    104,
    /plugin "absent" in path \[\]/,
  ],
  ['a path', delegating('../bin/sh'), 7, /type "\.\.\/bin\/sh" must be a name/],
  ['not executable', delegating('plain'), 105, /plugin "plain".*EACCES/],
  ['garbage', delegating('garbage'), 105, /plugin "garbage": it is no JSON: "oops"/],
  ['nothing', delegating('silent'), 105, /plugin "silent": it is no JSON: ""/],
  ['deaf', delegating('deaf'), 105, /plugin "deaf" failed ADD \(exit 3\) and printed nothing/],
  ['an error document', delegating('refusing'), 11, /plugin "refusing" failed ADD: come back later.*being filled/],
  ['half an error document', delegating('shouting'), 105, /plugin "shouting" failed ADD \(exit 1\).*msg/],
  ['a signal', delegating('dying'), 105, /plugin "dying" failed ADD \(SIGKILL\)/],
  ['a result without ips', delegating('empty'), 105, /ipam plugin "empty": it has no address/],
  ['null', delegating('null'), 105, /ipam plugin "null"/],
  ['an empty list of ips', delegating('noips'), 105, /ipam plugin "noips": it has no address/],
  ['an address that is none', delegating('nowhere'), 105, /ipam plugin "nowhere".*10\.1\.1\.300/],
  ['a gateway that is none', delegating('gateless'), 105, /ipam plugin "gateless".*x/],
  ['an interface index that is none', delegating('halfway'), 105, /ipam plugin "halfway".*interface/],
  ['a version that is none', delegating('odd'), 105, /ipam plugin "odd".*"x"/],
  ['two documents', delegating('twofold'), 105, /ipam plugin "twofold": it is no JSON/],
  ['three megabytes', delegating('flooding'), 105, /plugin "flooding"/],
]

const outputs: Refused[] = [
  ['stdout full', { run: '"$P" >/dev/full', isMute: true }, 0, /./],
  ['stdout that nobody reads', { run: 'set +e; "$P" | true; exit $PIPESTATUS', isMute: true }, 0, /./],
  ['stdout closed', { run: '"$P" >&-', isMute: true }, 0, /./],
  ['stdout and stdin closed', { run: '"$P" >&- <&-', isMute: true }, 0, /./],
]

/** Each of these has a type, and takes no other. */
const wrongTypes: Record<string, unknown[]> = {
  cniVersion: [1.1, true, [], {}],
  name: [7, true, [], {}],
  log: [7, '/var/log/x', []],
  'log.file': [7, []],
  mtu: ['1500', true, [], {}, -1, 1.5, 1e20],
  ipMasq: ['true', 1, [], {}],
  masquerade: ['x', []],
  'masquerade.except': ['10.0.0.0/8', {}],
  antiSpoof: ['no', 0],
  egressBurst: ['1M', -1, 1.5],
  keepDefaultBurst: [1],
  dns: ['10.0.0.10', []],
  'dns.nameservers': ['10.0.0.10', {}],
  'dns.search.0': [7, null],
  statusOnExhaustion: ['maybe', true],
  agent: [7, {}],
  ipam: ['podwire-ipam', 7, []],
  'ipam.type': [7, [], {}],
  'ipam.dataDir': [7, []],
  'ipam.resolvConf': [7, {}],
  'ipam.subnet': [7, {}],
  'ipam.ranges': ['10.1.0.0/24', {}, 7],
  'ipam.ranges.0': ['10.1.0.0/24', {}, 7],
  'ipam.ranges.0.0': ['10.1.0.0/24', [], 7],
  'ipam.ranges.0.0.subnet': [7, [], {}],
  'ipam.ranges.0.0.rangeStart': [7, []],
  'ipam.ranges.0.0.gateway': [7, []],
  'ipam.routes': ['0.0.0.0/0', {}],
  'ipam.routes.0': ['0.0.0.0/0', []],
  'ipam.routes.0.dst': [7, []],
  'ipam.routes.0.gw': [7, []],
  'ipam.routes.0.mtu': ['1400', -1, 1.5, 2 ** 32],
  'ipam.routes.0.advmss': ['1400', 2 ** 32],
  'ipam.routes.0.priority': ['1', 2 ** 32],
  'ipam.routes.0.table': ['main', 2 ** 32],
  'ipam.routes.0.scope': ['link', 256],
  runtimeConfig: ['x', []],
  'runtimeConfig.mac': [7, []],
  'runtimeConfig.ips': ['10.244.1.9', {}],
  'runtimeConfig.ips.0': [7, {}],
  'runtimeConfig.ipRanges': ['x', {}],
  'runtimeConfig.ipRanges.0.0.subnet': [7],
  'runtimeConfig.dns': ['x', []],
  'runtimeConfig.dns.servers': ['x', {}],
  'runtimeConfig.portMappings': ['x', {}],
  'runtimeConfig.portMappings.0': ['x', []],
  'runtimeConfig.portMappings.0.hostPort': [0, 65_536, -1, '80', 80.5],
  'runtimeConfig.bandwidth': ['x', []],
  'runtimeConfig.bandwidth.ingressRate': ['1M', -1, 1.5, 2 ** 53],
  args: ['x', []],
  'args.cni': ['x', []],
  'args.cni.ips': ['x', {}],
  'args.cni.mac': [7],
}

const types = Object.entries(wrongTypes).flatMap(([path, values]) =>
  values.map((value): Refused => {
    const name = path.replaceAll(/\.(\d)/g, '[$1]').replaceAll(/[.[\]]/g, String.raw`\$&`)
    return [
      `${path} ${JSON.stringify(value)}`,
      { config: { [path]: value } },
      7,
      new RegExp(`network configuration: ${name} must be`),
    ]
  }),
)

/** Odd, and right. */
export const accepted: readonly (readonly [what: string, call: Call])[] = [
  ['mtu 0', { config: { mtu: 0 } }],
  ['mtu 70000', { config: { mtu: 70_000 } }],
  ['ten megabytes', { config: { unknown: 'x'.repeat(10_000_000) } }],
  [
    'unknown keys, nested deeply',
    {
      run: `{ printf %s "\${C%\\}}"; printf ',"x":'; printf '%0100000d' 0 | tr 0 '['; printf '%0100000d' 0 | tr 0 ']'; printf '}'; } | "$P"`,
    },
  ],
  ['keys twice, and in any case', { run: `{ printf '{"NAME":"a/b","name":"c/d",'; printf %s "\${C#\\{}"; } | "$P"` }],
  ['null for what may be absent', { config: { mtu: null, dns: null, prevResult: null, runtimeConfig: null } }],
  ['text that is no UTF-8', { run: String.raw`{ printf '{"x":"\xff\xfe",'; printf %s "${'$'}{C#\{}"; } | "$P"` }],
  ['stderr closed', { run: '"$P" 2>&-' }],
  ['an id that looks like an address', { env: { CNI_CONTAINERID: '10.244.1.2' } }],
  ['an id that looks like a file of ours', { env: { CNI_CONTAINERID: 'last_reserved_ip.0' } }],
  ['an id of 3000 letters', { env: { CNI_CONTAINERID: 'i'.repeat(3000) } }],
  [
    'the longest name that Kubernetes allows',
    { env: { CNI_ARGS: `K8S_POD_NAMESPACE=${'n'.repeat(63)};K8S_POD_NAME=${'p'.repeat(253)}` } },
  ],
  ['unknown args, where they are allowed', { env: { CNI_ARGS: 'FOO=1;IgnoreUnknown=true' } }],
  ['a log that cannot be written', { config: { log: { file: '/proc/no/such' } } }],
  ['no CNI_PATH', { env: { CNI_PATH: undefined } }],
  ['an address in a prefix', { config: { 'runtimeConfig.ips': ['10.244.1.77/24'] } }],
  [
    'ports and bandwidth as containerd writes them',
    {
      config: {
        RuntimeConfig: {
          PortMappings: [{ HostPort: 8080, ContainerPort: 80, Protocol: 'TCP', HostIP: '' }],
          Bandwidth: { IngressRate: 8e6, IngressBurst: 2 ** 32 - 1, EgressRate: 0, EgressBurst: 0 },
        },
      },
    },
  ],
  ['a hostIP that is nobody’s', mapping({ hostIP: '203.0.113.9' }, { hostIP: '2001:db8::9' })],
  [
    'a hostIP of a family that the pod lacks',
    {
      config: {
        'ipam.ranges': [[{ subnet: '10.244.1.0/24' }]],
        'runtimeConfig.portMappings': [{ hostPort: 8080, containerPort: 80, hostIP: '::' }],
      },
    },
  ],
  ['the same mapping twice', mapping({}, {}, { hostIP: '0.0.0.0' })],
  ["CRI-O's burst", limits({ egressRate: 8e6, egressBurst: 34_359_738_359 })],
  ['no bandwidth', limits({ ingressRate: 0, ingressBurst: 0, egressRate: 0, egressBurst: 0 })],
  ['an exception with host bits', { config: { masquerade: { except: ['10.0.0.9/8', 'fd00::9/8'] } } }],
  ['everything an exception', { config: { ipMasq: true, masquerade: { except: ['0.0.0.0/0', '::/0'] } } }],
  ['a prevResult of an older version', { config: { prevResult: { cniVersion: '0.2.0', ip4: { ip: '10.1.1.1/24' } } } }],
]

/** By what is wrong. */
export const refused = {
  stdin,
  environment,
  configuration,
  capabilities,
  types,
  ranges,
  addresses,
  prevResult: earlierResults,
  delegates,
  disks,
  stdout: outputs,
}
