def count(start=0, step=1):
    while True:
        yield start
        start += step

def cycle(items):
    kept = list(items)
    while kept:
        for each in kept:
            yield each

def repeat(value, times=None):
    while times is None or times > 0:
        yield value
        if times is not None:
            times -= 1

class chain:
    def __init__(self, *lists):
        self._lists = lists
    def __iter__(self):
        return iter([each for part in self._lists for each in part])
    @staticmethod
    def from_iterable(lists):
        return chain(*lists)

def islice(items, *args):
    start, stop, step = (0, args[0], 1) if len(args) == 1 else (args[0] or 0, args[1], args[2] if len(args) > 2 else 1)
    for at, each in enumerate(items):
        if stop is not None and at >= stop:
            return
        if at >= start and (at - start) % step == 0:
            yield each

def product(*lists, repeat=1):
    pools = [list(each) for each in lists] * repeat
    result = [[]]
    for pool in pools:
        result = [row + [each] for row in result for each in pool]
    return iter([tuple(row) for row in result])

def permutations(items, size=None):
    pool = list(items)
    size = len(pool) if size is None else size
    if size == 0:
        yield ()
        return
    for at in range(len(pool)):
        for rest in permutations(pool[:at] + pool[at + 1:], size - 1):
            yield (pool[at],) + rest

def combinations(items, size):
    pool = list(items)
    if size == 0:
        yield ()
        return
    for at in range(len(pool)):
        for rest in combinations(pool[at + 1:], size - 1):
            yield (pool[at],) + rest

def accumulate(items):
    total = None
    for each in items:
        total = each if total is None else total + each
        yield total

def groupby(items, key=None):
    groups = []
    for each in items:
        name = key(each) if key else each
        if not groups or groups[-1][0] != name:
            groups.append((name, []))
        groups[-1][1].append(each)
    return iter(groups)

def takewhile(test, items):
    for each in items:
        if not test(each):
            return
        yield each

def zip_longest(*lists, fillvalue=None):
    pools = [list(each) for each in lists]
    for at in range(max([len(each) for each in pools] or [0])):
        yield tuple(each[at] if at < len(each) else fillvalue for each in pools)
