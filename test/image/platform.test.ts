import { describe, expect, it } from 'vitest'
import { parsePlatform, platformFits, platformText } from '../../src/image/platform.ts'

describe('a platform', () => {
  it.each([
    ['linux/amd64', 'linux/amd64'],
    ['linux/x86_64', 'linux/amd64'],
    ['linux', 'linux/amd64'],
    ['arm64', 'linux/arm64'],
    ['linux/arm64/v8', 'linux/arm64'],
    ['linux/aarch64', 'linux/arm64'],
    ['linux/arm', 'linux/arm/v7'],
    ['linux/arm/6', 'linux/arm/v6'],
    ['armhf', 'linux/arm/v7'],
    ['windows/amd64', 'windows/amd64'],
    ['Linux/ARM64', 'linux/arm64'],
  ])('%s means %s', (text, normal) => {
    expect(platformText(parsePlatform(text))).toBe(normal)
  })

  it.each([
    ['foo', '"foo": unknown operating system or architecture: invalid argument'],
    ['a/b/c/d', '"a/b/c/d": cannot parse platform specifier: invalid argument'],
    [
      'a b/amd64',
      '"a b" is an invalid OS component of "a b/amd64": OSAndVersion specifier component must match "^([A-Za-z0-9_-]+)(?:\\\\(([A-Za-z0-9_.%-]*)((?:\\\\+[A-Za-z0-9_.%-]+)*)\\\\))?$": invalid argument',
    ],
    [
      'linux/a md',
      '"a md" is an invalid component of "linux/a md": platform specifier component must match "^[A-Za-z0-9_.-]+$": invalid argument',
    ],
  ])('%s is refused', (text, message) => {
    expect(() => parsePlatform(text)).toThrow(message)
  })

  it('fits another with the variant that arm64 implies', () => {
    expect(platformFits({ os: 'linux', architecture: 'arm64', variant: 'v8' }, parsePlatform('linux/arm64'))).toBe(true)
    expect(platformFits({ os: 'linux', architecture: 'amd64' }, parsePlatform('linux/arm64'))).toBe(false)
  })
})
