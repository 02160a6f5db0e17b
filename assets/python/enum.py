class Enum:
    def __init_subclass__(cls):
        for name, value in list(cls.__dict__.items()):
            if name.startswith('_') or callable(value):
                continue
            made = object()
            made = _Member(cls, name, value)
            setattr(cls, name, made)

class _Member:
    def __init__(self, cls, name, value):
        self._cls, self.name, self.value = cls, name, value
    def __repr__(self):
        return '<%s.%s: %r>' % (self._cls.__name__, self.name, self.value)
    def __str__(self):
        return '%s.%s' % (self._cls.__name__, self.name)

IntEnum = StrEnum = Enum
def auto():
    return 1
