def iscoroutine(value):
    return type(value).__name__ == 'coroutine'

def isfunction(value):
    return type(value).__name__ == 'function'

def isclass(value):
    return isinstance(value, type)

def ismodule(value):
    return type(value).__name__ == 'module'

def getdoc(value):
    return getattr(value, '__doc__', None)
