// What a schema cannot say of a config: the name, the version, and what is asked for in vain.
import { Problem } from '../problem.ts'
import type { Config } from './config.ts'
import { isName } from './request.ts'
import { parseVersion, type Version } from './version.ts'

export interface Named {
  readonly cniVersion: Version
  readonly name: string
}

export function named<C extends { cniVersion?: string | undefined; name?: string | undefined }>(
  config: C,
): Omit<C, 'cniVersion' | 'name'> & Named {
  const { name = '' } = config
  if (name === '') throw new Problem('CONFIG_INVALID', 'missing network name: give the list a "name"')
  if (!isName(name)) throw new Problem('CONFIG_INVALID', 'invalid characters found in network name', name)
  return { ...config, name, cniVersion: parseVersion(config.cniVersion) }
}

/** Asked for and not done would be a pod that is less protected than its owner thinks. */
export function refuseUnsupported({ ipMasq, runtimeConfig }: Pick<Config, 'ipMasq' | 'runtimeConfig'>): void {
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
