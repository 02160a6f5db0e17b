/** Differences of two lists of lines: Myers' algorithm in linear memory, with a bound on its work. */

/** Lines `aFrom`…`aTo` of the first are replaced by `bFrom`…`bTo` of the second (ends not included). */
export interface Change {
  aFrom: number
  aTo: number
  bFrom: number
  bTo: number
}

/** Edit steps beyond which a stretch counts as wholly different. */
const maxCost = 4000

/** The changes that make `b` of `a`, in order, none touching the next. */
export function diffLines(a: readonly string[], b: readonly string[], same: (x: string) => string = x => x): Change[] {
  const numbers = new Map<string, number>()
  const number = (line: string) => {
    const key = same(line)
    let id = numbers.get(key)
    if (id === undefined) numbers.set(key, (id = numbers.size))
    return id
  }
  const [x, y] = [a.map(number), b.map(number)]
  const removed = new Uint8Array(x.length)
  const added = new Uint8Array(y.length)
  mark(x, y, removed, added)
  slide(x, removed)
  slide(y, added)
  return collect(removed, added)
}

function mark(a: readonly number[], b: readonly number[], removed: Uint8Array, added: Uint8Array): void {
  const stack: [number, number, number, number][] = [[0, a.length, 0, b.length]]
  for (let box = stack.pop(); box; box = stack.pop()) {
    let [aFrom, aTo, bFrom, bTo] = box
    while (aFrom < aTo && bFrom < bTo && a[aFrom] === b[bFrom]) {
      aFrom++
      bFrom++
    }
    while (aFrom < aTo && bFrom < bTo && a[aTo - 1] === b[bTo - 1]) {
      aTo--
      bTo--
    }
    if (aFrom === aTo) added.fill(1, bFrom, bTo)
    else if (bFrom === bTo) removed.fill(1, aFrom, aTo)
    else {
      const middle = middlePoint(a, b, aFrom, aTo, bFrom, bTo)
      if (!middle) {
        removed.fill(1, aFrom, aTo)
        added.fill(1, bFrom, bTo)
      } else {
        const [i, j] = middle
        stack.push([i, aTo, j, bTo], [aFrom, i, bFrom, j])
      }
    }
  }
}

/** A point on a shortest path through the box, found from both corners at once. */
function middlePoint(
  a: readonly number[],
  b: readonly number[],
  aFrom: number,
  aTo: number,
  bFrom: number,
  bTo: number,
): readonly [number, number] | undefined {
  const n = aTo - aFrom
  const m = bTo - bFrom
  const delta = n - m
  const most = Math.min(Math.ceil((n + m) / 2), maxCost)
  const size = 2 * most + 3
  const forward = new Int32Array(size).fill(-1)
  const backward = new Int32Array(size).fill(-1)
  const at = (k: number) => k + most + 1
  forward[at(1)] = 0
  backward[at(1)] = 0
  for (let d = 0; d <= most; d++) {
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && (forward[at(k - 1)] ?? -1) < (forward[at(k + 1)] ?? -1))
      let i = down ? (forward[at(k + 1)] ?? 0) : (forward[at(k - 1)] ?? 0) + 1
      let j = i - k
      while (i < n && j < m && i >= 0 && j >= 0 && a[aFrom + i] === b[bFrom + j]) {
        i++
        j++
      }
      forward[at(k)] = i
      const reverse = delta - k
      if (
        delta % 2 !== 0 &&
        Math.abs(reverse) <= d - 1 &&
        i + (backward[at(reverse)] ?? -1) >= n &&
        i <= n &&
        j >= 0 &&
        j <= m
      ) {
        return [aFrom + i, bFrom + j]
      }
    }
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && (backward[at(k - 1)] ?? -1) < (backward[at(k + 1)] ?? -1))
      let i = down ? (backward[at(k + 1)] ?? 0) : (backward[at(k - 1)] ?? 0) + 1
      let j = i - k
      while (i < n && j < m && i >= 0 && j >= 0 && a[aTo - i - 1] === b[bTo - j - 1]) {
        i++
        j++
      }
      backward[at(k)] = i
      const reverse = delta - k
      if (
        delta % 2 === 0 &&
        Math.abs(reverse) <= d &&
        i + (forward[at(reverse)] ?? -1) >= n &&
        i <= n &&
        j >= 0 &&
        j <= m
      ) {
        return [aTo - i, bTo - j]
      }
    }
  }
  return undefined
}

/** Moves runs of changed lines down as far as they go, as GNU diff does: `}` + new block rather than block + `}`. */
function slide(lines: readonly number[], changed: Uint8Array): void {
  for (let end = 0; end < lines.length; end++) {
    if (!changed[end]) continue
    let start = end
    while (end < lines.length && changed[end]) end++
    while (end < lines.length && !changed[end] && lines[start] === lines[end]) {
      changed[start++] = 0
      changed[end++] = 1
      while (end < lines.length && changed[end]) end++
    }
  }
}

function collect(removed: Uint8Array, added: Uint8Array): Change[] {
  const changes: Change[] = []
  let [i, j] = [0, 0]
  while (i < removed.length || j < added.length) {
    if (!removed[i] && !added[j]) {
      i++
      j++
      continue
    }
    const change = { aFrom: i, aTo: i, bFrom: j, bTo: j }
    while (removed[i]) i++
    while (added[j]) j++
    change.aTo = i
    change.bTo = j
    changes.push(change)
  }
  return changes
}
