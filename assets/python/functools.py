WRAPPER_ASSIGNMENTS = ()

def wraps(wrapped):
    def apply(wrapper):
        try:
            wrapper.__name__ = wrapped.__name__
            wrapper.__doc__ = wrapped.__doc__
            wrapper.__wrapped__ = wrapped
        except AttributeError:
            pass
        return wrapper
    return apply

def reduce(function, items, *start):
    iterator = iter(items)
    value = start[0] if start else next(iterator)
    for each in iterator:
        value = function(value, each)
    return value

def partial(function, *args, **kwargs):
    def call(*more, **named):
        return function(*args, *more, **{**kwargs, **named})
    return call

def lru_cache(maxsize=128, typed=False):
    if callable(maxsize):
        return lru_cache()(maxsize)
    def decorate(function):
        kept = {}
        @wraps(function)
        def call(*args, **kwargs):
            key = (args, tuple(sorted(kwargs.items())))
            if key not in kept:
                kept[key] = function(*args, **kwargs)
            return kept[key]
        return call
    return decorate

cache = lru_cache
cached_property = property

def cmp_to_key(compare):
    class Key:
        def __init__(self, value):
            self.value = value
        def __lt__(self, other):
            return compare(self.value, other.value) < 0
    return Key
