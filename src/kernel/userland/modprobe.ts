/** Kernel modules, swap and loop devices: what a container's root is refused (lsmod, modprobe, insmod, rmmod, swapon, swapoff, losetup). */
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'

export const options = {}

export const program = command(
  'modprobe',
  options,
  function* ({ p, out, args, error }) {
    const name = args.find(arg => !arg.startsWith('-')) ?? ''
    switch (p.name) {
      case 'lsmod':
        yield* out.write('Module                  Size  Used by    Not tainted\n')
        yield* error('/proc/modules: No such file or directory')
        return 0
      case 'losetup':
        return 0
      case 'insmod':
        throw new Failure(`can't insert '${name}': No such file or directory`, 254)
      case 'rmmod':
        throw new Failure(`can't unload module '${name}': Operation not permitted`)
      case 'swapon':
      case 'swapoff':
        throw new Failure(
          name === '' ? "can't open '/etc/fstab': No such file or directory" : `${name}: Operation not permitted`,
        )
      default:
        throw new Failure("can't change directory to '/lib/modules': No such file or directory")
    }
  },
  { raw: true },
)
