// Loaded before a test (node --import) to run it on the other backend than its Node.js would take.
import { chooseBackend } from '../sys/libc.ts'

chooseBackend('ffi-napi')
