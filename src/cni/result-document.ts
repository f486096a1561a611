// Results that come in: prevResult, and what a delegate prints. Any version is read into the newest form.
import * as z from 'zod/mini'
import { Problem } from '../problem.ts'
import type { Result } from './result.ts'
import { parse } from './schema.ts'
import { isAtLeast, parseVersion, type Version } from './version.ts'

// Schemas are made when they are needed: most calls have no result to read.
const list = <S extends z.ZodMiniType>(item: S) => z.optional(z.nullable(z.array(item)))

const route = () => z.looseObject({ dst: z.string(), gw: z.optional(z.string()) })

const dns = () =>
  z.optional(
    z.nullable(
      z.looseObject({
        nameservers: list(z.string()),
        domain: z.optional(z.string()),
        search: list(z.string()),
        options: list(z.string()),
      }),
    ),
  )

const modern = () =>
  z.looseObject({
    interfaces: list(z.looseObject({ name: z.string(), mac: z.optional(z.string()), sandbox: z.optional(z.string()) })),
    ips: list(
      z.looseObject({
        address: z.string(),
        gateway: z.optional(z.string()),
        interface: z.optional(z.nullable(z.int())),
      }),
    ),
    routes: list(route()),
    dns: dns(),
  })

const ofFamily = () =>
  z.optional(z.nullable(z.looseObject({ ip: z.string(), gateway: z.optional(z.string()), routes: list(route()) })))

const legacy = () => z.looseObject({ ip4: ofFamily(), ip6: ofFamily(), dns: dns() })

/** Reads a result; `where` names it in complaints. What names no version is in the config's, as libcni reads it. */
export function parseResult(document: unknown, configVersion: Version, where: string): Result {
  const version = versionOf(document, where) ?? configVersion
  return isAtLeast(version, '0.3.0') ? fromModern(document, where) : fromLegacy(document, where)
}

function versionOf(document: unknown, where: string): Version | undefined {
  const isVersioned = typeof document === 'object' && document !== null && 'cniVersion' in document
  if (!isVersioned || typeof document.cniVersion !== 'string' || document.cniVersion === '') return undefined
  try {
    return parseVersion(document.cniVersion)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    throw new Problem(error.code, `${where}: ${error.message}`, error.details, error)
  }
}

function fromModern(document: unknown, where: string): Result {
  const { interfaces, ips, routes, dns } = parse(modern(), document, where)
  return {
    interfaces: (interfaces ?? []).map(item => present(item)),
    // `version` is said again, by those protocol versions that want it
    ips: (ips ?? []).map(({ version: _, ...ip }) => present(ip)),
    routes: (routes ?? []).map(item => present(item)),
    dns: present(dns ?? {}),
  } as Result
}

function fromLegacy(document: unknown, where: string): Result {
  const { ip4, ip6, dns } = parse(legacy(), document, where)
  const families = [ip4, ip6].filter(family => family !== undefined && family !== null)
  return {
    interfaces: [],
    ips: families.map(({ ip, gateway }) => present({ address: ip, gateway })),
    routes: families.flatMap(({ routes }) => (routes ?? []).map(item => present(item))),
    dns: present(dns ?? {}),
  } as Result
}

const present = (item: object): object =>
  Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined && value !== null && value !== ''))
