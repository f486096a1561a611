// resolv.conf(5), as host-local reads it for `ipam.resolvConf`.

export interface ResolvConf {
  readonly nameservers: readonly string[]
  readonly domain: string
  readonly search: readonly string[]
  readonly options: readonly string[]
}

/** Lines with the same key add up; the last domain counts. */
export function parseResolvConf(text: string): ResolvConf {
  const lines = text
    .split('\n')
    .map(line => line.trim())
    .filter(line => !/^[#;]/.test(line))
    .map(line => line.split(/\s+/))
    .filter(words => words.length > 1)
  const valuesOf = (key: string): string[][] => lines.filter(([first]) => first === key).map(([, ...values]) => values)
  return {
    nameservers: valuesOf('nameserver').flatMap(([address = '']) => address),
    domain: valuesOf('domain').at(-1)?.[0] ?? '',
    search: valuesOf('search').flat(),
    options: valuesOf('options').flat(),
  }
}
