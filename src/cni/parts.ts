// What the verbs are made of: handed to them, so that the same functions serve one call or many.
import type { Datapath } from '../datapath/datapath.ts'
import type { Log } from '../log.ts'
import type { Records } from '../records/records.ts'
import type { Ipam } from './ipam.ts'

export interface Parts {
  readonly datapath: Datapath
  readonly records: Records
  /** What the config names; undefined where it names none. */
  readonly ipam: Ipam | undefined
  /** Our own pool in the directory that a record names, whatever the config says by now. */
  readonly ipamAt: (dataDir: string) => Ipam
  readonly log: Log
}
