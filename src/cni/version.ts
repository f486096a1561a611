// The protocol versions that we speak, oldest first.
import { Problem } from '../problem.ts'

export const supportedVersions = ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'] as const
export type Version = (typeof supportedVersions)[number]
export const newestVersion: Version = '1.1.0'

const isSupported = (text: string): text is Version => (supportedVersions as readonly string[]).includes(text)

/** The version that a config names; none at all means 0.1.0. */
export function parseVersion(text = ''): Version {
  if (text === '') return '0.1.0'
  if (isSupported(text)) return text
  if (!/^\d+(\.\d+){0,2}$/.test(text)) {
    throw new Problem('INPUT_UNREADABLE', `cniVersion "${text}" is not a version: write one like "${newestVersion}"`)
  }
  const supported = JSON.stringify(supportedVersions).replaceAll(',', ' ')
  throw new Problem(
    'VERSION_UNSUPPORTED',
    'incompatible CNI versions',
    `config is "${text}", plugin supports ${supported}`,
  )
}

export const isAtLeast = (version: Version, least: Version): boolean =>
  supportedVersions.indexOf(version) >= supportedVersions.indexOf(least)

/** What VERSION answers. */
export const versionAnswer = (): string => `${JSON.stringify({ cniVersion: newestVersion, supportedVersions })}\n`

export function requireVersion(version: Version, least: Version, verb: string): void {
  if (isAtLeast(version, least)) return
  throw new Problem(
    'VERSION_UNSUPPORTED',
    `config version does not allow ${verb}`,
    `it needs ${least}, the config says ${version}`,
  )
}
