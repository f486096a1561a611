// The network configuration on stdin. DEL and GC read only the keys that they need, so that no later change of a config strands a pod.
import * as z from 'zod/mini'
import { Problem } from '../problem.ts'
import { isName } from './request.ts'
import { parse } from './schema.ts'
import { parseVersion, type Version } from './version.ts'

const text = z.optional(z.string())
const texts = z.optional(z.array(z.string()))
const upTo = (most: number) => z.optional(z.int().check(z.minimum(0), z.maximum(most)))
const count = upTo(0xffff_ffff)
const directory = z.optional(z.string().check(z.refine(path => !path.includes('\0'), 'a path, without NUL')))
const anything = z.optional(z.unknown())

const log = z.object({ file: z.string(), level: z.optional(z.enum(['debug', 'info', 'warn', 'error'])) })

const basics = {
  cniVersion: text,
  name: text,
  'cni.dev/valid-attachments': anything,
  'cni.dev/attachments': anything,
}

const lenient = <S extends z.ZodMiniType>(schema: S) => z.catch(z.optional(schema), undefined)

const basicsOnly = () =>
  z.object({ ...basics, log: lenient(log), ipam: lenient(z.object({ type: text, dataDir: directory })) })

const range = z.object({ subnet: z.string(), rangeStart: text, rangeEnd: text, gateway: text })

const ranges = z.optional(z.array(z.array(range)))

const route = z.object({
  dst: z.string(),
  gw: text,
  mtu: count,
  advmss: count,
  priority: count,
  table: count,
  scope: upTo(0xff),
})

const ipam = z.object({
  type: z.string(),
  subnet: text,
  rangeStart: text,
  rangeEnd: text,
  gateway: text,
  ranges,
  routes: z.optional(z.array(route)),
  dataDir: directory,
  resolvConf: text,
})

// Made when it is needed: DEL and GC do not.
const everything = () =>
  z.object({
    ...basics,
    log: z.optional(log),
    mtu: count,
    ipMasq: z.optional(z.boolean()),
    dns: z.optional(z.object({ nameservers: texts, domain: text, search: texts, options: texts })),
    statusOnExhaustion: z.optional(z.enum(['error', 'ready'])),
    agent: text,
    ipam: z.optional(ipam),
    prevResult: anything,
    runtimeConfig: z.optional(
      z.object({
        mac: text,
        ips: texts,
        ipRanges: ranges,
        dns: z.optional(z.object({ servers: texts, searches: texts, options: texts })),
        portMappings: z.optional(z.array(z.unknown())),
        bandwidth: anything,
      }),
    ),
    args: z.optional(z.object({ cni: z.optional(z.object({ ips: texts, mac: text })) })),
  })

type OutputOf<S extends () => z.ZodMiniType> = z.output<ReturnType<S>>

interface Named {
  readonly cniVersion: Version
  readonly name: string
}

export type Basics = Omit<OutputOf<typeof basicsOnly>, 'cniVersion' | 'name'> & Named
export type Config = Omit<OutputOf<typeof everything>, 'cniVersion' | 'name'> & Named
export type IpamConfig = z.output<typeof ipam>
export type RawRange = z.output<typeof range>
export type ConfiguredRoute = z.output<typeof route>
export type LogConfig = z.output<typeof log>

const CONFIGURATION = 'network configuration'

/** What DEL and GC read. */
export const parseBasics = (document: unknown): Basics =>
  named(parse(basicsOnly(), document, CONFIGURATION, 'of any case'))

/** What ADD, CHECK and STATUS read. */
export function parseConfig(document: unknown): Config {
  const config = named(parse(everything(), document, CONFIGURATION, 'of any case'))
  refuseUnsupported(config)
  return config
}

function named<C extends { cniVersion?: string | undefined; name?: string | undefined }>(config: C) {
  const { name = '' } = config
  if (name === '') throw new Problem('CONFIG_INVALID', 'missing network name: give the list a "name"')
  if (!isName(name)) throw new Problem('CONFIG_INVALID', 'invalid characters found in network name', name)
  return { ...config, name, cniVersion: parseVersion(config.cniVersion) }
}

/** Asked for and not done would be a pod that is less protected than its owner thinks. */
function refuseUnsupported({ ipMasq, runtimeConfig }: Pick<Config, 'ipMasq' | 'runtimeConfig'>): void {
  const asked = Object.entries({
    ipMasq: ipMasq || undefined,
    'runtimeConfig.portMappings': runtimeConfig?.portMappings?.length ? runtimeConfig.portMappings : undefined,
    'runtimeConfig.bandwidth': runtimeConfig?.bandwidth,
  })
  for (const [key, value] of asked) {
    if (value === undefined) continue
    const plugin =
      key === 'ipMasq'
        ? 'firewall or an nftables rule of your own'
        : `the reference ${key.endsWith('bandwidth') ? 'bandwidth' : 'portmap'} plugin`
    throw new Problem(
      'FIELD_UNSUPPORTED',
      `${key} ${JSON.stringify(value)} is not supported: chain ${plugin} after podwire`,
    )
  }
}

/** The JSON document on stdin. */
export function readDocument(text: string): unknown {
  if (text.trim() === '')
    throw new Problem('INPUT_UNREADABLE', 'stdin is empty: a network configuration in JSON belongs there')
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Problem(
      'INPUT_UNREADABLE',
      `stdin is no JSON: ${error instanceof Error ? error.message : error}`,
      '',
      error,
    )
  }
}
