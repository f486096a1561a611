// Addresses from another plugin's binary: it hears every verb, and DEL too when its ADD failed.
import { parseAddress } from '../ip/address.ts'
import { parsePrefix } from '../ip/prefix.ts'
import { Problem } from '../problem.ts'
import type { LeasedText } from '../records/attachment.ts'
import { transaction } from '../transaction.ts'
import type { Delegate } from './delegate.ts'
import type { Ipam, Lease, Owner } from './ipam.ts'
import { readResult } from './read-result.ts'
import type { Command } from './request.ts'
import type { Result } from './result.ts'
import type { Version } from './version.ts'

export function delegatedIpam(type: string, delegate: Delegate, version: Version, stdin: string): Ipam {
  const run = async (command: Command, owner?: Owner) => void (await delegate.run(command, owner))
  return {
    dataDir: undefined,
    allocate: (owner, intend) =>
      transaction(async undo => {
        delegate.find()
        intend([])
        undo(() => run('DEL', owner))
        return await leaseFrom(type, await delegate.run('ADD', owner), version)
      }),
    release: owner => run('DEL', owner),
    check: async (owner, _addresses, leased) =>
      void (await delegate.run('CHECK', owner, leased && withOwnAddresses(stdin, leased))),
    collect: () => run('GC'),
    status: () => run('STATUS'),
  }
}

/** The delegate's CHECK compares prevResult with what it gave: ours says /32 and another gateway. */
function withOwnAddresses(stdin: string, leased: readonly LeasedText[]): string {
  const hostOf = (text: unknown) => String(text).split('/')[0]
  const config: { prevResult?: { ips?: { address?: unknown }[] } } = JSON.parse(stdin)
  const ips = config.prevResult?.ips?.map(({ ...ip }) => {
    const own = leased.find(({ address }) => hostOf(address) === hostOf(ip.address))
    return own === undefined ? ip : { ...ip, gateway: undefined, ...own }
  })
  return JSON.stringify({ ...config, prevResult: { ...config.prevResult, ips } })
}

async function leaseFrom(type: string, printed: string, version: Version): Promise<Lease> {
  const where = `the result of ipam plugin "${type}"`
  try {
    return lease(await readResult(readJson(printed), version, where))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    // A schema's complaint says where it is by itself.
    throw new Problem('DELEGATE_FAILED', why.startsWith(where) ? why : `${where}: ${why}`, '', error)
  }
}

function lease({ ips, routes, dns }: Result): Lease {
  if (ips.length === 0) throw new RangeError('it has no address')
  const addresses = ips.map(({ address, gateway }) => {
    const subnet = parsePrefix(address)
    return { address: subnet.address, subnet, gateway: gateway ? parseAddress(gateway) : undefined }
  })
  return { addresses, routes, dns }
}

function readJson(printed: string): unknown {
  try {
    return JSON.parse(printed)
  } catch {
    throw new SyntaxError(`it is no JSON: ${JSON.stringify(printed.slice(0, 200))}`)
  }
}
