// One line of JSON for each call. Loaded only where a log is configured: pino costs 10 ms.
import { dirname } from 'node:path'
import { pino } from 'pino'
import type { LogConfig } from '../cni/config.ts'
import type { Fields } from '../log.ts'
import { makeDirectory } from '../make-directory.ts'

export function writeLog(
  { file, level = 'info' }: LogConfig,
  fields: Fields,
  warnings: readonly string[],
  error: unknown,
): void {
  makeDirectory(dirname(file))
  const destination = pino.destination({ dest: file, sync: true })
  const log = pino({ level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime }, destination)
  for (const warning of warnings) log.warn(fields, warning)
  if (error === undefined) log.info(fields, 'done')
  else log.error({ ...fields, err: error }, 'failed')
  destination.flushSync()
}
