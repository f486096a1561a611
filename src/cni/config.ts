// The network configuration on stdin. DEL and GC read only the keys that they need, so that no later change of a config strands a pod.
import * as z from 'zod/mini'
import { type Named, named } from './config-rules.ts'
import { objectFor, parse, type Values } from './schema.ts'

// Functions: a schema takes longer to make than to use, and most calls need few of these.
const text = () => z.optional(z.string())
const texts = () => z.optional(z.array(z.string()))
const upTo = (most: number) => z.optional(z.int().check(z.minimum(0), z.maximum(most)))
const count = () => upTo(0xffff_ffff)
const bits = () => upTo(Number.MAX_SAFE_INTEGER)
const yesOrNo = () => z.optional(z.boolean())
const directory = () => z.optional(z.string().check(z.regex(/^[^\0]*$/, 'a path, without NUL')))
const anything = () => z.optional(z.unknown())

const log = () => z.object({ file: z.string(), level: z.optional(z.enum(['debug', 'info', 'warn', 'error'])) })

const range = () => {
  const [key, optional] = [z.string(), text()]
  return z.object({ subnet: key, rangeStart: optional, rangeEnd: optional, gateway: optional })
}

const ranges = () => z.optional(z.array(z.array(range())))

const route = () => {
  const number = count()
  return z.object({
    dst: z.string(),
    gw: text(),
    mtu: number,
    advmss: number,
    priority: number,
    table: number,
    scope: upTo(0xff),
  })
}

const ipam = () => {
  const optional = text()
  return z.object({
    type: z.string(),
    subnet: optional,
    rangeStart: optional,
    rangeEnd: optional,
    gateway: optional,
    ranges: ranges(),
    routes: z.optional(z.array(route())),
    dataDir: directory(),
    resolvConf: optional,
  })
}

const portMapping = () => {
  const port = z.int().check(z.minimum(1), z.maximum(65_535))
  return z.object({ hostPort: port, containerPort: port, protocol: text(), hostIP: text() })
}

const bandwidth = () => {
  const number = bits()
  return z.object({ ingressRate: number, ingressBurst: number, egressRate: number, egressBurst: number })
}

const runtimeConfig = () =>
  z.object({
    mac: text(),
    ips: texts(),
    ipRanges: ranges(),
    dns: z.optional(z.object({ servers: texts(), searches: texts(), options: texts() })),
    portMappings: z.optional(z.array(portMapping())),
    bandwidth: z.optional(bandwidth()),
  })

const basics = {
  cniVersion: text,
  name: text,
  'cni.dev/valid-attachments': anything,
  'cni.dev/attachments': anything,
} as const

const lenient = <S extends z.ZodMiniType>(schema: S) => z.catch(z.optional(schema), undefined)

const basicIpam = () => z.object({ type: text(), dataDir: directory() })

const basicsOnly = {
  ...basics,
  log: () => lenient(log()),
  ipam: () => lenient(basicIpam()),
} as const

const everything = {
  ...basics,
  log: () => z.optional(log()),
  mtu: count,
  ipMasq: yesOrNo,
  masquerade: () => z.optional(z.object({ except: texts() })),
  antiSpoof: yesOrNo,
  ingressRate: bits,
  ingressBurst: bits,
  egressRate: bits,
  egressBurst: bits,
  keepDefaultBurst: yesOrNo,
  dns: () => z.optional(z.object({ nameservers: texts(), domain: text(), search: texts(), options: texts() })),
  statusOnExhaustion: () => z.optional(z.enum(['error', 'ready'])),
  agent: text,
  ipam: () => z.optional(ipam()),
  prevResult: anything,
  runtimeConfig: () => z.optional(runtimeConfig()),
  args: () => z.optional(z.object({ cni: z.optional(z.object({ ips: texts(), mac: text() })) })),
} as const

type OutputOf<S extends () => z.ZodMiniType> = z.output<ReturnType<S>>

export type Basics = Omit<Values<typeof basicsOnly>, 'cniVersion' | 'name'> & Named
export type Config = Omit<Values<typeof everything>, 'cniVersion' | 'name'> & Named
export type IpamConfig = OutputOf<typeof ipam>
export type RawRange = OutputOf<typeof range>
export type ConfiguredRoute = OutputOf<typeof route>
export type PortMapping = OutputOf<typeof portMapping>
export type BandwidthConfig = OutputOf<typeof bandwidth>
export type LogConfig = OutputOf<typeof log>

const CONFIGURATION = 'network configuration'

/** What DEL and GC read. */
export const parseBasics = (document: unknown): Basics =>
  named(parse(objectFor(basicsOnly, document), document, CONFIGURATION, 'of any case'))

/** What ADD, CHECK and STATUS read. */
export const parseConfig = (document: unknown): Config =>
  named(parse(objectFor(everything, document), document, CONFIGURATION, 'of any case'))

/** Both tables as JSON Schema: scripts/config-shape writes them down for read-config.ts. */
export const shapes = () => ({
  basics: z.toJSONSchema(z.object({ ...made(basics), log: z.optional(log()), ipam: z.optional(basicIpam()) })),
  everything: z.toJSONSchema(z.object(made(everything))),
})

const made = (table: Readonly<Record<string, () => z.ZodMiniType>>) =>
  Object.fromEntries(Object.entries(table).map(([name, schema]) => [name, schema()]))
