// What iptables-save says of a node with one pod's port by the reference portmap, to the same of a node with many. By its own calls that takes minutes:
// each of them reads all rules there are, several times.

/** `others` more: the same rules under other names, ports and addresses, half of them ahead of the one that is there. */
export function portmapRules(saved: string, port: number, firstPort: number, others: number): string {
  const lines = saved.split('\n')
  const chain = /^:(CNI-DN-\w+) /m.exec(saved)?.[1]
  if (chain === undefined) throw new Error(`no chain of portmap's in:\n${saved}`)
  const copies = Array.from(
    { length: others },
    (_, index) => (line: string) =>
      line
        .replaceAll(chain, `CNI-DN-other-${index}`)
        .replace(/(--dports?) (\d+)/, (all, option, found) =>
          Number(found) === port ? `${option} ${firstPort + index}` : all,
        )
        .replace(/--to-destination [\d.]+/, `--to-destination 10.1.${index >> 8}.${index & 255}`),
  )
  const ahead = Math.ceil(others / 2)
  return lines
    .flatMap(line =>
      line.includes(chain)
        ? [...copies.slice(0, ahead).map(copy => copy(line)), line, ...copies.slice(ahead).map(copy => copy(line))]
        : [line],
    )
    .join('\n')
}
