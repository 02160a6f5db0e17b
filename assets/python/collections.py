class _Base:
    def _data(self):
        return self._d

class defaultdict:
    def __init__(self, factory=None, *args, **kwargs):
        self.default_factory = factory
        self._d = dict(*args, **kwargs)
    def __getitem__(self, key):
        if key not in self._d:
            if self.default_factory is None:
                raise KeyError(key)
            self._d[key] = self.default_factory()
        return self._d[key]
    def __setitem__(self, key, value):
        self._d[key] = value
    def __delitem__(self, key):
        del self._d[key]
    def __contains__(self, key):
        return key in self._d
    def __iter__(self):
        return iter(self._d)
    def __len__(self):
        return len(self._d)
    def __getattr__(self, name):
        return getattr(self._d, name)
    def __eq__(self, other):
        return self._d == getattr(other, '_d', other)
    def __repr__(self):
        return 'defaultdict(' + repr(self.default_factory) + ', ' + repr(self._d) + ')'

class Counter:
    def __init__(self, items=None):
        self._d = {}
        if items is not None:
            self.update(items)
    def update(self, items):
        if isinstance(items, dict):
            for key, count in items.items():
                self._d[key] = self._d.get(key, 0) + count
        else:
            for key in items:
                self._d[key] = self._d.get(key, 0) + 1
    def most_common(self, n=None):
        ranked = sorted(self._d.items(), key=lambda pair: pair[1], reverse=True)
        return ranked if n is None else ranked[:n]
    def __getitem__(self, key):
        return self._d.get(key, 0)
    def __setitem__(self, key, value):
        self._d[key] = value
    def __contains__(self, key):
        return key in self._d
    def __iter__(self):
        return iter(self._d)
    def __len__(self):
        return len(self._d)
    def __getattr__(self, name):
        return getattr(self._d, name)
    def __repr__(self):
        return 'Counter({' + ', '.join(repr(k) + ': ' + repr(v) for k, v in self.most_common()) + '})'

OrderedDict = dict

class deque:
    def __init__(self, items=(), maxlen=None):
        self._l = list(items)
        self.maxlen = maxlen
        self._trim()
    def _trim(self):
        while self.maxlen is not None and len(self._l) > self.maxlen:
            self._l.pop(0)
    def append(self, value):
        self._l.append(value)
        self._trim()
    def appendleft(self, value):
        self._l.insert(0, value)
        if self.maxlen is not None and len(self._l) > self.maxlen:
            self._l.pop()
    def pop(self):
        return self._l.pop()
    def popleft(self):
        if not self._l:
            raise IndexError('pop from an empty deque')
        return self._l.pop(0)
    def extend(self, items):
        for each in items:
            self.append(each)
    def clear(self):
        self._l.clear()
    def __iter__(self):
        return iter(self._l)
    def __len__(self):
        return len(self._l)
    def __getitem__(self, at):
        return self._l[at]
    def __repr__(self):
        return 'deque(' + repr(self._l) + (')' if self.maxlen is None else ', maxlen=%d)' % self.maxlen)

def namedtuple(name, fields):
    names = fields.replace(',', ' ').split() if isinstance(fields, str) else list(fields)
    class Made:
        _fields = tuple(names)
        def __init__(self, *args, **kwargs):
            for at, each in enumerate(names):
                setattr(self, each, args[at] if at < len(args) else kwargs[each])
        def __iter__(self):
            return iter([getattr(self, each) for each in names])
        def __getitem__(self, at):
            return getattr(self, names[at])
        def __len__(self):
            return len(names)
        def __eq__(self, other):
            return list(self) == list(other)
        def _asdict(self):
            return {each: getattr(self, each) for each in names}
        def __repr__(self):
            return name + '(' + ', '.join(each + '=' + repr(getattr(self, each)) for each in names) + ')'
    return Made
