/** `--device-read-bps PATH:RATE` and its kin, and `--blkio-weight-device PATH:WEIGHT`. */
import type { ThrottleDevice } from '../../api/container.ts'
import { parseBytes } from '../../util/ram-bytes.ts'

const split = (text: string): { path: string; value: string } => {
  const [path = '', value, more] = text.split(':')
  if (value === undefined) throw new Error(`bad format: ${text}`)
  if (!path.startsWith('/dev/')) throw new Error(`bad format for device path: ${text}`)
  if (more !== undefined) throw new Error(`bad format: ${text}`)
  return { path, value }
}

/** `/dev/sda:1mb`: bytes a second. */
export function deviceBytesRate(text: string): ThrottleDevice {
  const { path, value } = split(text)
  const bad = new Error(
    `invalid rate for device: ${text}. The correct format is <device-path>:<number>[<unit>]. Number must be a positive integer. Unit is optional and can be kb, mb, or gb`,
  )
  try {
    return { Path: path, Rate: parseBytes(value) }
  } catch {
    throw bad
  }
}

/** `/dev/sda:1000`: operations a second. */
export function deviceRate(text: string): ThrottleDevice {
  const { path, value } = split(text)
  if (!/^\d+$/.test(value)) {
    throw new Error(
      `invalid rate for device: ${text}. The correct format is <device-path>:<number>. Number must be a positive integer`,
    )
  }
  return { Path: path, Rate: Number(value) }
}

/** `/dev/sda:500`: a weight between 10 and 1000. */
export function deviceWeight(text: string): { Path: string; Weight: number } {
  const { path, value } = split(text)
  const weight = /^\d+$/.test(value) ? Number(value) : Number.NaN
  if (!(weight === 0 || (weight >= 10 && weight <= 1000))) throw new Error(`invalid weight for device: ${text}`)
  return { Path: path, Weight: weight }
}
