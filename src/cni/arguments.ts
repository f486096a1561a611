// CNI_ARGS: `K=V;K=V`, by the names that the reference plugins and the Kubernetes runtimes use.
import { Problem } from '../problem.ts'

const known = [
  'IgnoreUnknown',
  'IP',
  'MAC',
  'GATEWAY',
  'K8S_POD_NAMESPACE',
  'K8S_POD_NAME',
  'K8S_POD_INFRA_CONTAINER_ID',
  'K8S_POD_UID',
] as const

export type Arguments = { readonly [K in (typeof known)[number]]?: string }

const isKnown = (name: string): boolean => (known as readonly string[]).includes(name)

export function parseArguments(text: string): Arguments {
  const pairs = text === '' ? [] : text.split(';').map(pair => [pair, ...pair.split('=')] as const)
  for (const [pair, , ...values] of pairs) {
    if (values.length !== 1)
      throw new Problem('ENVIRONMENT_INVALID', `CNI_ARGS: invalid pair "${pair}": write NAME=VALUE;NAME=VALUE`)
  }
  const found: Arguments = Object.fromEntries(pairs.map(([, name, value]) => [name, value]))
  const unknown = pairs.filter(([, name = '']) => !isKnown(name)).map(([pair]) => `"${pair}"`)
  if (unknown.length > 0 && !['1', 'true', 'True', 'TRUE'].includes(found.IgnoreUnknown ?? '')) {
    throw new Problem(
      'ENVIRONMENT_INVALID',
      `CNI_ARGS: unknown args [${unknown.join(' ')}]: add IgnoreUnknown=1 to allow them`,
    )
  }
  return found
}

/** What a log line and an interface alias call the pod: "namespace/name", where CNI_ARGS say so. Never fails. */
export function podName(text: string): string | undefined {
  const value = (name: string) =>
    text
      .split(';')
      .find(pair => pair.startsWith(`${name}=`))
      ?.slice(name.length + 1)
  const name = value('K8S_POD_NAME')
  return name ? `${value('K8S_POD_NAMESPACE') ?? ''}/${name}` : undefined
}
