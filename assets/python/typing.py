class _Special:
    def __init__(self, name):
        self._name = name
        self.__name__ = name
    def __getitem__(self, key):
        return _alias(self._name, key if isinstance(key, tuple) else (key,))
    def __or__(self, other):
        return _alias('Union', (self, other))
    def __ror__(self, other):
        return _alias('Union', (other, self))
    def __call__(self, *args, **kwargs):
        return self
    def __repr__(self):
        return 'typing.' + self._name

def _alias(origin, args):
    made = list[int]
    made.__origin__, made.__args__ = origin, args
    return made

class _Optional(_Special):
    def __getitem__(self, key):
        return _alias('Union', (key, None))

class _Builtin(_Special):
    def __init__(self, name, kind):
        _Special.__init__(self, name)
        self._kind = kind
    def __getitem__(self, key):
        return _alias(self._kind, key if isinstance(key, tuple) else (key,))

Any, Callable, Iterable, Iterator, Generator, Awaitable, Coroutine = _Special('Any'), _Special('Callable'), _Special('Iterable'), _Special('Iterator'), _Special('Generator'), _Special('Awaitable'), _Special('Coroutine')
AsyncIterator = AsyncGenerator = _Special('AsyncIterator')
Union, Literal, Annotated, Sequence, Mapping, Final, ClassVar, Generic = _Special('Union'), _Special('Literal'), _Special('Annotated'), _Special('Sequence'), _Special('Mapping'), _Special('Final'), _Special('ClassVar'), _Special('Generic')
Optional = _Optional('Optional')
List, Dict, Tuple, Set, Type = _Builtin('List', list), _Builtin('Dict', dict), _Builtin('Tuple', tuple), _Builtin('Set', set), _Builtin('Type', type)
Text, AnyStr, Self, NoReturn, Never, Hashable = str, _Special('AnyStr'), _Special('Self'), _Special('NoReturn'), _Special('Never'), _Special('Hashable')
TYPE_CHECKING = False

class Protocol:
    pass

class TypedDict(dict):
    def __new__(cls, *args, **kwargs):
        return dict(*args, **kwargs)

class NamedTuple:
    pass

def TypeVar(name, *args, **kwargs):
    return _Special(name)

def cast(kind, value):
    return value

def overload(function):
    return function

final = override = overload

def get_type_hints(value):
    return value.__annotations__

def get_origin(value):
    return getattr(value, '__origin__', None)

def get_args(value):
    return getattr(value, '__args__', ())
