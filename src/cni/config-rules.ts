// What a schema cannot say of a config: the name and the version.
import { Problem } from '../problem.ts'
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
