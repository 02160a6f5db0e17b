class Enum:
    def __init_subclass__(cls):
        members = {}
        cls._member_map_ = {}
        at = 0
        for name, value in list(cls.__dict__.items()):
            if name.startswith('_') or callable(value) or isinstance(value, (property, classmethod, staticmethod)):
                continue
            if isinstance(value, auto):
                value = at + 1
            at = value
            made = object.__new__(cls)
            made._name_ = made.name = name
            made._value_ = made.value = value
            members[name] = made
        cls._member_map_ = members
        for name, member in members.items():
            setattr(cls, name, member)
    def __new__(cls, value):
        for member in cls._member_map_.values():
            if member.value == value:
                return member
        raise ValueError('%r is not a valid %s' % (value, cls.__name__))
    def __init__(self, *args):
        pass
    @classmethod
    def __class_getitem__(cls, name):
        return cls._member_map_[name]
    def __repr__(self):
        return '<%s.%s: %r>' % (type(self).__name__, self.name, self.value)
    def __str__(self):
        return '%s.%s' % (type(self).__name__, self.name)
    def __hash__(self):
        return hash(self.name)

class _Plain(Enum):
    def __str__(self):
        return str(self.value)
    def __eq__(self, other):
        return self.value == (other.value if isinstance(other, Enum) else other)
    def __lt__(self, other):
        return self.value < (other.value if isinstance(other, Enum) else other)
    def __int__(self):
        return self.value
    def __add__(self, other):
        return self.value + other

IntEnum = StrEnum = IntFlag = _Plain
Flag = Enum

class auto:
    pass

def unique(cls):
    return cls
