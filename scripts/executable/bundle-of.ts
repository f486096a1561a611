// Which bundle of the executable an import means; undefined for what Node.js has itself.
export function bundleOf(id: string): string | undefined {
  // Only what is wrong, and what a runtime says of earlier results, is read by it.
  if (id === 'zod/mini') return 'zod'
  return id.startsWith('./') ? id.slice(2, -3) : undefined
}
