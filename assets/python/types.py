class SimpleNamespace:
    def __init__(self, **values):
        for name, value in values.items():
            setattr(self, name, value)
    def __repr__(self):
        return 'namespace(%s)' % ', '.join('%s=%r' % pair for pair in self.__dict__.items())

FunctionType = type(lambda: None)
NoneType = type(None)
