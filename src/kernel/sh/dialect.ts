/** Which shell it is: they differ in what they accept and in how they complain. */
export type Dialect = 'busybox' | 'bash' | 'dash'

/** From the name a shell is called by and the file that runs. */
export function dialectOf(name: string, flavour: 'busybox' | 'gnu', program: string | undefined): Dialect {
  if (flavour === 'busybox') return 'busybox'
  const called = (program ?? name).replace(/^-/, '')
  return called === 'bash' || name.replace(/^-/, '') === 'bash' ? 'bash' : 'dash'
}
