/** Errors of the modelled kernel, by their errno names. */

const texts = {
  EPERM: 'Operation not permitted',
  ENOENT: 'No such file or directory',
  ESRCH: 'No such process',
  EINTR: 'Interrupted system call',
  EIO: 'Input/output error',
  ENXIO: 'No such device or address',
  E2BIG: 'Argument list too long',
  ENOEXEC: 'Exec format error',
  EBADF: 'Bad file descriptor',
  ECHILD: 'No child processes',
  EAGAIN: 'Resource temporarily unavailable',
  ENOMEM: 'Cannot allocate memory',
  EACCES: 'Permission denied',
  EBUSY: 'Device or resource busy',
  EEXIST: 'File exists',
  EXDEV: 'Invalid cross-device link',
  ENODEV: 'No such device',
  ENOTDIR: 'Not a directory',
  EISDIR: 'Is a directory',
  EINVAL: 'Invalid argument',
  EBADFD: 'File descriptor in bad state',
  EMFILE: 'Too many open files',
  ENOTTY: 'Inappropriate ioctl for device',
  ETXTBSY: 'Text file busy',
  EFBIG: 'File too large',
  ENOSPC: 'No space left on device',
  ESPIPE: 'Illegal seek',
  EROFS: 'Read-only file system',
  EMLINK: 'Too many links',
  EPIPE: 'Broken pipe',
  ERANGE: 'Numerical result out of range',
  ENAMETOOLONG: 'File name too long',
  ENOSYS: 'Function not implemented',
  ENOTEMPTY: 'Directory not empty',
  ELOOP: 'Too many levels of symbolic links',
  EDQUOT: 'Disk quota exceeded',
  EADDRINUSE: 'Address already in use',
  EADDRNOTAVAIL: 'Cannot assign requested address',
  ENETUNREACH: 'Network is unreachable',
  ECONNREFUSED: 'Connection refused',
  ECONNRESET: 'Connection reset by peer',
  EHOSTUNREACH: 'No route to host',
  ETIMEDOUT: 'Connection timed out',
  ENOTCONN: 'Transport endpoint is not connected',
  EOPNOTSUPP: 'Operation not supported',
} as const

export type ErrnoCode = keyof typeof texts

/** asm-generic/errno-base.h and errno.h. */
const numbers: Readonly<Record<ErrnoCode, number>> = {
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  EINTR: 4,
  EIO: 5,
  ENXIO: 6,
  E2BIG: 7,
  ENOEXEC: 8,
  EBADF: 9,
  ECHILD: 10,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EBUSY: 16,
  EEXIST: 17,
  EXDEV: 18,
  ENODEV: 19,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  EMFILE: 24,
  ENOTTY: 25,
  ETXTBSY: 26,
  EFBIG: 27,
  ENOSPC: 28,
  ESPIPE: 29,
  EROFS: 30,
  EMLINK: 31,
  EPIPE: 32,
  ERANGE: 34,
  ENAMETOOLONG: 36,
  ENOSYS: 38,
  ENOTEMPTY: 39,
  ELOOP: 40,
  EBADFD: 77,
  EOPNOTSUPP: 95,
  EADDRINUSE: 98,
  EADDRNOTAVAIL: 99,
  ENETUNREACH: 101,
  ECONNRESET: 104,
  ENOTCONN: 107,
  ETIMEDOUT: 110,
  ECONNREFUSED: 111,
  EHOSTUNREACH: 113,
  EDQUOT: 122,
}

export const errnoNumber = (code: ErrnoCode): number => numbers[code]

let byNumber: Map<number, ErrnoCode> | undefined

/** The error of a number; undefined for those that the model does not know. */
export function errnoOf(number: number): ErrnoCode | undefined {
  byNumber ??= new Map(Object.entries(numbers).map(([code, each]) => [each, code as ErrnoCode]))
  return byNumber.get(number)
}

/** A failed operation of the modelled kernel or of a modelled file system. */
export class Errno extends Error {
  override readonly name = 'Errno'
  readonly code: ErrnoCode

  constructor(code: ErrnoCode) {
    // Failing lookups are everyday work (a PATH search), and recording a stack costs more than they do.
    const limit = Error.stackTraceLimit
    Error.stackTraceLimit = 0
    super(strerror(code))
    Error.stackTraceLimit = limit
    this.code = code
  }
}

/** The text of an errno as glibc's `strerror` gives it ("No such file or directory"). */
export function strerror(code: ErrnoCode): string {
  return texts[code]
}

/** Whether `error` is the given errno, or any errno when no code is given. */
export function isErrno(error: unknown, code?: ErrnoCode): error is Errno {
  return error instanceof Errno && (code === undefined || error.code === code)
}
