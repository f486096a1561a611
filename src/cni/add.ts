// ADD: addresses, a pair, a result. Each step's undo stands beside it; what is undone is what this call made.
import { hostInterfaceName } from '../datapath/interface-name.ts'
import { formatAddress } from '../ip/address.ts'
import { formatPrefix } from '../ip/prefix.ts'
import { Namespace } from '../netns/namespace.ts'
import { Problem } from '../problem.ts'
import { transaction } from '../transaction.ts'
import { type Arguments, parseArguments, podName } from './arguments.ts'
import { bandwidth } from './bandwidth-limits.ts'
import type { Config } from './config.ts'
import { dismantle } from './dismantle.ts'
import { configuredIpam } from './ipam.ts'
import { ipamResult, podResult, podRoutes } from './link.ts'
import { otherPods } from './others.ts'
import type { Parts } from './parts.ts'
import { podNamespace } from './pod-namespace.ts'
import { podRules } from './pod-rules.ts'
import { unusablePorts } from './port-mappings.ts'
import { readResult } from './read-result.ts'
import type { Request } from './request.ts'
import { type Dns, emptyResult, merged, type Result, resultAnswer } from './result.ts'

export async function add(
  request: Request,
  config: Config,
  parts: Parts,
  answer: (text: string) => void,
): Promise<void> {
  const { containerId, interfaceName } = request
  const ipam = configuredIpam(parts)
  const podMac = requestedMac(config, parseArguments(request.arguments))
  const earlier = await earlierResult(config)
  const asked = podRules(config)
  const limits = bandwidth(config)
  using netns = podNamespace(request)
  const name = hostInterfaceName(config.name, containerId, interfaceName)
  await clearEarlier(name, request, netns, parts)
  const pod = podName(request.arguments)
  const attachment = {
    network: config.name,
    containerId,
    interfaceName,
    hostInterface: name,
    netns: request.netns,
    ...(pod && { pod }),
    rules: asked,
    ...(limits && { bandwidth: limits }),
    since: Date.now(),
  }
  await transaction(async undo => {
    const pool = ipam.dataDir === undefined ? {} : { dataDir: ipam.dataDir }
    const lease = await transaction(async undo => {
      undo(() => parts.records.remove(name))
      return ipam.allocate(request, addresses => parts.records.write(name, { ...attachment, ...pool, addresses }))
    })
    const addresses = lease.addresses.map(({ address }) => address)
    const texts = addresses.map(formatAddress)
    const rules = podRules(
      config,
      lease.addresses.map(({ subnet }) => formatPrefix(subnet)),
    )
    // As one step: while the link is there the address stays reserved, and while that is, the record says so.
    undo(async () => {
      parts.datapath.disconnect(name, { addresses, rules })
      await ipam.release(request, texts)
      parts.records.remove(name)
    })
    if (ipam.dataDir === undefined) {
      parts.records.write(name, { ...attachment, rules, addresses: texts, leased: ipamResult(lease).ips })
    }
    parts.log.add({ addresses: texts })
    parts.log.phase('ipam')
    const routes = podRoutes(lease)
    for (const message of unusablePorts(rules.ports, addresses)) parts.log.warn(message)
    const link = { hostInterface: name, interfaceName, addresses, routes, rules, bandwidth: limits }
    const more = { alias: pod ?? containerId, podMac, mtu: config.mtu }
    const made = parts.datapath.connect(netns, { ...link, ...more }, otherPods(parts, containerId))
    parts.log.phase('kernel')
    const names = { host: name, pod: interfaceName, netns: request.netns }
    if (made.routes.length < routes.length)
      parts.log.warn('another interface of the pod keeps the routes that both ask for')
    const ours = podResult(names, lease, made, configuredDns(config, lease.dns))
    answer(resultAnswer(merged(earlier, ours), config.cniVersion))
  })
}

/** An interface that is there stays, and so does all that belongs to it; what a vanished namespace left is undone. */
async function clearEarlier(name: string, request: Request, netns: Namespace, parts: Parts): Promise<void> {
  const { interfaceName, netns: path } = request
  if (parts.datapath.hasInterface(netns, interfaceName)) throw exists(interfaceName, path)
  const record = parts.records.read(name)
  if (record === undefined && !parts.datapath.hasHostInterface(name)) return
  if (record !== undefined && record.netns !== path && stillHas(record.netns, interfaceName, parts))
    throw exists(interfaceName, record.netns)
  parts.log.warn('undoing what an earlier ADD of this container left')
  await dismantle(name, request, record, parts)
}

const exists = (interfaceName: string, netns: string): Problem =>
  new Problem('INTERFACE_EXISTS', `${interfaceName} exists already in ${netns}: a DEL must come before another ADD`)

function stillHas(path: string, interfaceName: string, { datapath }: Parts): boolean {
  try {
    using netns = Namespace.open(path)
    return datapath.hasInterface(netns, interfaceName)
  } catch (error) {
    if (error instanceof Problem) return false
    throw error
  }
}

function requestedMac({ runtimeConfig, args }: Config, { MAC }: Arguments): string | undefined {
  const mac = runtimeConfig?.mac || (args?.cni?.mac ?? MAC)
  if (!mac) return undefined
  const plain = mac.toLowerCase().replaceAll('-', ':')
  const isUnicast = (Number.parseInt(plain.slice(0, 2), 16) & 1) === 0 && plain !== '00:00:00:00:00:00'
  if (/^[\da-f]{2}(:[\da-f]{2}){5}$/.test(plain) && isUnicast) return plain
  throw new Problem('CONFIG_INVALID', `mac "${mac}" is no unicast MAC address: write one like "c2:11:22:33:44:55"`)
}

async function earlierResult({ prevResult, cniVersion }: Config): Promise<Result> {
  return prevResult === undefined ? emptyResult : await readResult(prevResult, cniVersion, 'prevResult')
}

/** CONVENTIONS.md: what this call says, else what the network says, else what the IPAM says. */
function configuredDns({ runtimeConfig, dns }: Config, leased: Dns): Dns {
  const { servers, searches, options } = runtimeConfig?.dns ?? {}
  const asked = present({ nameservers: servers, search: searches, options })
  const configured = present(dns ?? {})
  return [asked, configured].find(item => Object.keys(item).length > 0) ?? leased
}

const present = (dns: object): Dns =>
  Object.fromEntries(Object.entries(dns).filter(([, value]) => value !== undefined && value.length > 0))
