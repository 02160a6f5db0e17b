def field(default=None, default_factory=None, **kwargs):
    return _Field(default, default_factory)

class _Field:
    def __init__(self, default, factory):
        self.default, self.factory = default, factory

def dataclass(cls=None, **options):
    def decorate(cls):
        names = list(getattr(cls, '__annotations__', {}))
        def __init__(self, *args, **kwargs):
            for at, name in enumerate(names):
                if at < len(args):
                    value = args[at]
                elif name in kwargs:
                    value = kwargs[name]
                elif hasattr(cls, name):
                    value = getattr(cls, name)
                    if isinstance(value, _Field):
                        value = value.factory() if value.factory else value.default
                else:
                    raise TypeError("%s.__init__() missing 1 required positional argument: '%s'" % (cls.__name__, name))
                setattr(self, name, value)
            if hasattr(self, '__post_init__'):
                self.__post_init__()
        def __repr__(self):
            return cls.__name__ + '(' + ', '.join('%s=%r' % (name, getattr(self, name)) for name in names) + ')'
        def __eq__(self, other):
            return isinstance(other, cls) and all(getattr(self, name) == getattr(other, name) for name in names)
        cls.__init__, cls.__repr__, cls.__eq__ = __init__, __repr__, __eq__
        cls.__dataclass_fields__ = names
        return cls
    return decorate if cls is None else decorate(cls)

def asdict(value):
    return {name: getattr(value, name) for name in value.__dataclass_fields__}
