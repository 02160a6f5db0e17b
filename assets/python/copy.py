def copy(value):
    if isinstance(value, (list, dict, set)):
        return value.copy()
    if hasattr(value, '__dict__') and not isinstance(value, type):
        made = object.__new__(type(value)) if hasattr(object, '__new__') else value
        for name, each in value.__dict__.items():
            setattr(made, name, each)
        return made
    return value

def deepcopy(value, memo=None):
    if isinstance(value, list):
        return [deepcopy(each) for each in value]
    if isinstance(value, tuple):
        return tuple(deepcopy(each) for each in value)
    if isinstance(value, dict):
        return {key: deepcopy(each) for key, each in value.items()}
    if isinstance(value, set):
        return value.copy()
    return copy(value)
